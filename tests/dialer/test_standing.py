"""The one sentence about a campaign: which reason is told, and that what was seen is seen rightly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.clock import real_ms
from dialer.results.moving import Block, Braked, Code, Seen, sentence
from dialer.results.standing import hour_rules, standing
from dialer.rules.packs import load_packs
from dialer.store import beats
from dialer.store.database import Database
from dialer.store.models import Campaign, Contact
from tests.dialer.records import NOON, accepts, add, agent_of, attempt_of, campaign_of, operation_on

GOES = Seen("running", left=10, due=5, lines=10)
REST = Braked("US_DROPS", "3 of 100", "47 CFR 64.1200(a)(7)", 0.0, NOON)
SLOW = replace(REST, pace=0.4)
LAW = Block("BR_HOURS", "21:00 is outside the hours allowed there", 7, NOON + timedelta(hours=9))
BROKEN = Block("PACK_BROKEN", "rule pack br.yaml cannot be used", 4)
WAITS = replace(GOES, due=0, next_due=NOON, block=LAW, hour_rules=frozenset({"BR_HOURS"}))

TABLE: list[tuple[Seen, str, int]] = [
    (Seen("draft", left=3), "draft", 3),
    (Seen("checked", left=3), "checked", 3),
    (Seen("paused", left=3), "paused", 3),
    (Seen("paused", halted_for="The carrier refuses calls (20003)", left=3), "halted", 3),
    (Seen("stopped", left=2), "stopped", 2),
    (Seen("finished"), "finished", 0),
    (Seen("answering"), "answering", 0),
    (Seen("by_hand"), "by_hand", 0),
    (replace(GOES, can_dial=False, live=2), "no_account", 10),
    (replace(GOES, due=0, block=BROKEN), "law_broken", 4),
    (replace(GOES, led=False), "unled", 10),
    (replace(GOES, window_away=True, live=2), "no_window", 10),
    (replace(GOES, braked=REST), "rests", 10),
    (replace(GOES, agents={"offline": 2, "paused": 1}), "agents_away", 10),
    (replace(GOES, agents={"in_call": 2}), "agents_busy", 5),
    (replace(GOES, agents={"in_call": 2, "ready": 1}), "paced", 5),
    (replace(GOES, preview=True, agents={"in_call": 2}), "preview", 5),
    (replace(GOES, lines_used=10), "lines_full", 5),
    (replace(GOES, live=3, agents={"in_call": 2}), "dialling", 10),
    (replace(GOES, live=3, braked=SLOW), "slowed", 10),
    (replace(GOES, braked=SLOW), "slowed", 10),
    (GOES, "paced", 5),
    (WAITS, "hours", 7),
    (replace(WAITS, hour_rules=frozenset()), "rule", 7),
    (replace(WAITS, block=replace(LAW, rule="CALLER_ID_CAP")), "no_number", 7),
    (replace(WAITS, block=None), "retry", 10),
    (replace(GOES, left=0, due=0), "last_calls", 0),
]


@pytest.mark.parametrize(("seen", "code", "people"), TABLE)
def test_the_reason_that_is_told(seen: Seen, code: str, people: int) -> None:
    told = sentence(seen)
    assert (told.code, told.people) == (code, people)


def test_every_code_has_its_case_in_the_table() -> None:
    assert {code for _, code, _ in TABLE} == set(get_args(Code.__value__ if hasattr(Code, "__value__") else Code))


def test_whoever_waits_for_hours_is_told_when_the_first_of_them_is_due_and_by_which_rule() -> None:
    told = sentence(WAITS)
    assert (told.rule, told.reason, told.at) == ("BR_HOURS", LAW.reason, LAW.until)


def test_a_status_that_nobody_has_thought_of_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no status 'sleeping'"):
        sentence(Seen("sleeping"))


ANYTHING: dict[str, Any] = {
    "can_dial": st.booleans(), "led": st.booleans(), "window_away": st.booleans(), "preview": st.booleans(),
    "left": st.integers(0, 9), "due": st.integers(0, 9), "live": st.integers(0, 3),
    "braked": st.sampled_from([None, REST, SLOW]),
    "block": st.sampled_from([None, LAW, BROKEN]), "lines_used": st.integers(0, 3), "lines": st.integers(1, 3),
    "agents": st.dictionaries(st.sampled_from(["ready", "in_call", "paused"]), st.integers(1, 3)),
}  # fmt: skip


@given(st.builds(Seen, status=st.just("running"), **ANYTHING))
def test_a_campaign_that_stands_still_while_people_wait_is_never_called_moving(seen: Seen) -> None:
    told = sentence(seen)
    if told.code == "dialling":
        assert seen.live
    if told.code == "paced":
        assert seen.due
        assert not seen.agents or seen.agents.get("ready")
    if not seen.can_dial:
        assert told.tone == "danger"


def test_hours_of_countries_regions_and_campaigns_are_hours() -> None:
    assert {"CAMPAIGN_HOURS", "BR_HOURS"} <= hour_rules(load_packs())


async def test_what_is_counted_is_the_campaigns_own_and_the_lines_are_everybodys(database: Database) -> None:
    op = operation_on(database, accepts, lines=8)
    rows, other = await campaign_of(database, 6), await campaign_of(database, 2)
    await add(database, agent_of(rows, status="ready"), agent_of(rows, status="offline", skills=["other"]))
    await add(database, attempt_of(rows, 0, status="live"), attempt_of(other, 0, status="ringing"))
    async with database.write() as session:
        for index, changes in enumerate(({"status": "calling"}, {"status": "done"}, {}, {}, {}, {})):
            contact = await session.get_one(Contact, rows.contacts[index])
            for name, value in changes.items():
                setattr(contact, name, value)
            if index > 2:
                contact.due_at, contact.blocked_rule = NOON + timedelta(hours=index), "BR_HOURS"
        campaign = await session.get_one(Campaign, rows.campaign)
        campaign.lease_until, campaign.skill = real_ms() + 60_000, "billing"
        campaign.lease_owner = "one"
        await beats.renew(session, "one", at=real_ms())
    async with database.read() as session:
        stands = await standing(session, op, await session.get_one(Campaign, rows.campaign))
    assert (stands.left, stands.due, stands.live) == (5, 1, 1)
    assert (stands.lines_used, stands.lines, dict(stands.agents)) == (2, 8, {"ready": 1})
    assert (stands.sentence.code, stands.done_by) == ("dialling", None)
    async with database.write() as session:
        await beats.renew(session, "another", at=real_ms(), window_away_at=real_ms())  # it does not lead
    async with database.read() as session:
        stands = await standing(session, op, await session.get_one(Campaign, rows.campaign))
    assert stands.sentence.code == "dialling"
    async with database.write() as session:
        await beats.renew(session, "one", at=real_ms(), window_away_at=real_ms())
    async with database.read() as session:
        stands = await standing(session, op, await session.get_one(Campaign, rows.campaign))
    assert (stands.sentence.code, stands.sentence.people) == ("no_window", 5)


async def test_it_ends_when_the_pace_of_the_last_hour_has_done_the_rest(database: Database) -> None:
    op = operation_on(database, accepts)
    rows = await campaign_of(database, 6)
    for index in (0, 1):
        ended = NOON - timedelta(minutes=40 - index)
        await add(database, attempt_of(rows, index, status="ended", closed_at=ended))
    await add(database, attempt_of(rows, 2, status="live"))
    async with database.write() as session:
        for index in (0, 1):
            (await session.get_one(Contact, rows.contacts[index])).status = "done"
        (await session.get_one(Campaign, rows.campaign)).lease_until = real_ms() + 60_000
    async with database.read() as session:
        stands = await standing(session, op, await session.get_one(Campaign, rows.campaign))
    assert stands.done_by == NOON + timedelta(minutes=80)  # two in forty minutes, four left
