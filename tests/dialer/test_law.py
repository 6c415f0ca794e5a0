"""Operators' own packs: taken over whole or refused, within a second, by campaigns that run."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dialer.law import Law
from dialer.relearning import relearn
from dialer.rules.facts import Facts, Proposed, Zone
from dialer.rules.gate import Allow, Decision, Deny, decide
from dialer.rules.packs import Packs, load_packs
from dialer.store.database import Database
from dialer.store.models import Attempt, Contact, Interaction
from dialer.worker import Worker
from tests.dialer.records import NOON, Rows, accepts, campaign_of, operation_on

US = (files("dialer.rules") / "jurisdictions" / "us.yaml").read_text("utf-8")
NINE_AT_NIGHT = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)  # 20:30 in New York


class Seconds:
    """A clock of seconds that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def asked(packs: Packs, country: str = "US") -> Decision:
    facts = Facts(zones=(Zone("America/New_York", "test"),))
    number = "+12125550123"
    proposed = Proposed(NINE_AT_NIGHT, "p", number, country, mode="live_agent_manual")
    return decide(facts, proposed, packs, NINE_AT_NIGHT)


def law_over(folder: Path) -> tuple[Law, Seconds]:
    seconds = Seconds()
    return Law(folder, seconds=seconds), seconds


def test_without_files_of_our_own_the_shipped_packs_hold(tmp_path: Path) -> None:
    law, seconds = law_over(tmp_path / "none")
    before = law.now()
    seconds.at = 5
    assert law.now() is before
    assert before.by_country == load_packs().by_country


def test_a_changed_file_holds_within_a_second_and_its_removal_too(tmp_path: Path) -> None:
    law, seconds = law_over(tmp_path)
    assert isinstance(asked(law.now()), Allow)
    (tmp_path / "us.yaml").write_text(US.replace("08:00-21:00", "08:00-20:00"), "utf-8")
    seconds.at = 0.9
    assert isinstance(asked(law.now()), Allow)
    seconds.at = 1.0
    refused = asked(law.now())
    assert isinstance(refused, Deny)
    assert refused.rule == "US_REGF_TIME"
    (tmp_path / "us.yaml").unlink()
    seconds.at = 2.0
    assert isinstance(asked(law.now()), Allow)


@pytest.mark.parametrize("text", ["country: US\nhours: [", US.replace("08:00-21:00", "21:00-08:00"), ""])
def test_a_broken_file_stops_its_country_and_no_other_until_it_is_mended(tmp_path: Path, text: str) -> None:
    law, seconds = law_over(tmp_path)
    (tmp_path / "us.yaml").write_text(text, "utf-8")
    refused = asked(law.now())
    assert isinstance(refused, Deny)
    assert refused.rule == "PACK_BROKEN"
    assert "us.yaml" in refused.reason
    assert set(law.now().broken) == {"US"}
    (tmp_path / "us.yaml").write_text(US, "utf-8")
    seconds.at = 1.5
    assert isinstance(asked(law.now()), Allow)


def test_a_file_of_which_nobody_knows_the_country_stops_them_all(tmp_path: Path) -> None:
    law, _ = law_over(tmp_path)
    (tmp_path / "mine.yaml").write_text("[", "utf-8")
    assert set(law.now().broken) == set(load_packs().by_country)


def test_two_files_of_one_country_stop_it(tmp_path: Path) -> None:
    law, _ = law_over(tmp_path)
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(US, "utf-8")
    assert set(law.now().broken) == {"US"}


def test_holidays_of_our_own_cities_are_added(tmp_path: Path) -> None:
    law, _ = law_over(tmp_path)
    table = "last_checked: 2026-01-01\nplaces: {BR: {SP: {Bauru: {08-01: Aniversário}}}}"
    (tmp_path / "municipal_holidays.yaml").write_text(table, "utf-8")
    assert len(law.now().local.on("BR", "SP", "bauru", 2026)) == 1
    assert len(law.now().local.on("BR", "SP", "São Paulo", 2026)) == 2


async def test_whoever_a_changed_rule_held_back_is_looked_at_again(database: Database, tmp_path: Path) -> None:
    op = operation_on(database, accepts)
    rows = await campaign_of(database, 3)
    await _hold_back(database, rows, "US_REGF_TIME", "BR_HOURS", "NO_PACK")
    law, _ = law_over(tmp_path)
    assert await relearn(op, law.now(), [rows.tenant]) == 0
    (tmp_path / "us.yaml").write_text(US.replace("08:00-21:00", "07:00-21:00"), "utf-8")
    changed = law_over(tmp_path)[0].now()
    assert await relearn(op, changed, [rows.tenant]) == 2
    assert await relearn(op, changed, [rows.tenant]) == 0
    async with database.read() as session:
        found = {row.id: row for row in await session.scalars(select(Contact))}
        noted = (await session.scalars(select(Interaction).where(Interaction.kind == "law_in_force"))).all()
    american, brazilian, nowhere = (found[one] for one in rows.contacts)
    assert american.due_at == op.clock.now()
    assert brazilian.due_at > op.clock.now()
    assert (nowhere.status, nowhere.outcome) == ("waiting", None)
    assert [one.detail["changed"] for one in noted] == [[], ["NO_PACK", "PACK_BROKEN", "US_REGF_TIME"]]


async def _hold_back(database: Database, rows: Rows, *codes: str) -> None:
    """The contacts wait until tomorrow for these rules; the one of NO_PACK was given up."""
    async with database.write() as session:
        for contact_id, code in zip(rows.contacts, codes, strict=True):
            ended = {"status": "done", "outcome": "denied"} if code == "NO_PACK" else {}
            await session.execute(
                update(Contact)
                .where(Contact.id == contact_id)
                .values(blocked_rule=code, due_at=NOON + timedelta(days=1), **ended)
            )


async def test_a_running_campaign_obeys_a_changed_pack_with_its_next_beat(database: Database, tmp_path: Path) -> None:
    law, seconds = law_over(tmp_path)
    op = replace(operation_on(database, accepts), law=law)
    rows = await campaign_of(database, 2)
    worker = Worker(op)
    await _beat(worker)
    (tmp_path / "br.yaml").write_text("country: BR\nhours: [", "utf-8")
    seconds.at += 1
    late = await campaign_of(database, 2)
    await _beat(worker)
    assert await _called(database) == set(rows.people), "nobody is called by a pack that cannot be read"
    (tmp_path / "br.yaml").unlink()
    seconds.at += 1
    await _beat(worker)
    await _beat(worker)
    assert await _called(database) == {*rows.people, *late.people}, "mended, they are looked at again at once"


async def _beat(worker: Worker) -> None:
    await worker.tick()
    while worker.busy:  # noqa: ASYNC110 - it says nothing when it ends
        await asyncio.sleep(0.01)


async def _called(database: Database) -> set[int]:
    async with database.read() as session:
        return set(await session.scalars(select(Attempt.person_id)))
