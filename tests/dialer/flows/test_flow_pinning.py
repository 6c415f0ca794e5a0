"""A call ends with the revision that it began with: over publications, restarts and releases, everywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dialer import calling, placing
from dialer.answering import Incoming, answer
from dialer.campaigns import campaigning
from dialer.clock import real_ms
from dialer.errors import Refused
from dialer.flows import publishing
from dialer.operation import Operation
from dialer.speaking import Answer
from dialer.store import contacts
from dialer.store.database import Database
from dialer.store.models import Attempt, Campaign, Contact, FlowText, FlowVersion, Person
from dialer.talking import Heard, take_turn
from ivr_flows.loading import load, parse
from ivr_flows.nodes import Flow
from tests.dialer.flows.own_flow import FIRST, NAME, SAID, published, saved, saying
from tests.dialer.records import CALLER_ID, NOON, Rows, accepts, add, agent_of, campaign_of, operation_on

AGAIN = Heard(digits="*")
PICKED_UP = Heard(answered_by="human", sid="CA1")
NEW = "Temos um recado para o titular."


def process_on(database: Database) -> Operation:
    """A process of its own: it has read nothing yet."""
    return operation_on(database, accepts)


async def use(database: Database, rows: Rows, flow: str = NAME) -> None:
    async with database.write() as session:
        await session.execute(update(Campaign).where(Campaign.id == rows.campaign).values(flow=flow))


async def called(op: Operation, rows: Rows, n: int = 0) -> str:
    """The n-th contact is dialled; the token of the call."""
    async with op.database.write() as session:
        await contacts.claim(session, rows.campaign, limit=9, owner="w", now=NOON, until_real=real_ms() + 60_000)
    assert await placing.place(op, rows.contacts[n], owner="w")
    async with op.database.read() as session:
        token = await session.scalar(select(Attempt.token).where(Attempt.contact_id == rows.contacts[n]))
    assert token
    return token


async def heard(op: Operation, token: str, n: int, what: Heard = AGAIN) -> str:
    answer = await take_turn(op, token, n, what)
    assert isinstance(answer, Answer)
    return " ".join(one.text for one in answer.speech)


async def test_a_live_call_keeps_its_revision_over_a_publication_in_every_process(database: Database) -> None:
    rows = await campaign_of(database, 2)
    await use(database, rows)
    one, other = process_on(database), process_on(database)
    await published(one, FIRST)
    token = await called(one, rows)
    assert SAID in await heard(one, token, 0, PICKED_UP)
    await published(other, saying(NEW), base=1)
    assert SAID in await heard(other, token, 1)
    restarted = process_on(database)
    assert SAID in await heard(restarted, token, 2)
    new = await called(restarted, rows, 1)
    assert NEW in await heard(one, new, 0, PICKED_UP)
    assert SAID in await heard(one, token, 3)


async def test_a_call_that_rings_says_what_the_gate_was_asked_about(here: Database) -> None:
    rows = await campaign_of(here, 1)
    await use(here, rows)
    op = process_on(here)
    await published(op, FIRST)
    token = await called(op, rows)
    await published(op, saying(NEW), base=1)
    assert SAID in await heard(op, token, 0, PICKED_UP)


async def test_a_draft_is_never_spoken(here: Database) -> None:
    rows = await campaign_of(here, 1)
    await use(here, rows)
    op = process_on(here)
    await published(op, FIRST)
    await saved(op, saying(NEW), base=1)
    assert SAID in await heard(op, await called(op, rows), 0, PICKED_UP)


async def test_a_call_outlives_a_release_that_changes_the_library(database: Database) -> None:
    rows = await campaign_of(database, 2)
    await use(database, rows, "recado")
    before = process_on(database)
    token = await called(before, rows)
    assert SAID in await heard(before, token, 0, PICKED_UP)

    def newer(name: str) -> Flow:
        return parse(saying(NEW), "recado.yaml") if name == "recado" else load(name)

    after = replace(process_on(database), flow=newer)
    assert SAID in await heard(after, token, 1)
    assert NEW in await heard(after, await called(after, rows, 1), 0, PICKED_UP)


async def test_a_call_outlives_a_file_that_is_edited_and_taken_away(here: Database, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(FIRST, encoding="utf-8")
    rows = await campaign_of(here, 1)
    await use(here, rows, str(file))
    op = process_on(here)
    token = await called(op, rows)
    assert SAID in await heard(op, token, 0, PICKED_UP)
    file.write_text(saying(NEW), encoding="utf-8")
    assert SAID in await heard(process_on(here), token, 1)
    file.unlink()
    assert SAID in await heard(process_on(here), token, 2)


async def test_the_text_of_a_library_flow_is_kept_once(here: Database) -> None:
    rows = await campaign_of(here, 2)
    await use(here, rows, "recado")
    op = process_on(here)
    for n in range(2):
        await heard(op, await called(op, rows, n), 0, PICKED_UP)
    async with here.read() as session:
        texts = (await session.scalars(select(FlowText))).all()
    assert [(one.name, one.revision, one.text) for one in texts] == [("recado", load("recado").revision, FIRST)]
    assert op.flows.on_record


@pytest.mark.parametrize("broken", ["the text", "the proof", "the places"])
async def test_a_broken_row_stops_its_own_campaigns_with_a_reason_and_no_other(here: Database, broken: str) -> None:
    mine, sound = await campaign_of(here, 1), await campaign_of(here, 1)
    await use(here, mine)
    await published(process_on(here), FIRST)
    async with here.write() as session:
        if broken == "the text":
            await session.execute(update(FlowText).values(text=saying("Pague.")))
        elif broken == "the proof":
            await session.execute(update(FlowVersion).values(proof={"revision": "another", "violations": []}))
        else:
            await session.execute(update(FlowVersion).values(places=[]))
    op = process_on(here)
    for rows in (mine, sound):
        async with here.write() as session:
            await contacts.claim(session, rows.campaign, limit=9, owner="w", now=NOON, until_real=real_ms() + 60_000)
    assert not await placing.place(op, mine.contacts[0], owner="w")
    assert await placing.place(op, sound.contacts[0], owner="w")
    async with here.read() as session:
        rests, runs = [await session.get_one(Campaign, rows.campaign) for rows in (mine, sound)]
        contact = await session.get_one(Contact, mine.contacts[0])
    assert (rests.status, runs.status, contact.status) == ("paused", "running", "waiting")
    assert (rests.waiting_for or "").startswith("The flow cannot be used. own/natal:1: ")
    with pytest.raises(Refused, match="The flow cannot be used"):
        await campaigning.resume(op, rests.name)


async def test_a_call_whose_text_is_lost_ends_with_an_apology(here: Database) -> None:
    rows = await campaign_of(here, 1)
    await use(here, rows)
    op = process_on(here)
    await published(op, FIRST)
    token = await called(op, rows)
    await heard(op, token, 0, PICKED_UP)
    async with here.write() as session:
        await session.execute(update(FlowText).values(text="title: x"))
    answer = await take_turn(process_on(here), token, 1, AGAIN)
    assert answer is not None
    assert (type(answer.wait).__name__, SAID in answer.speech[0].text) == ("End", False)


async def test_publishing_looks_again_at_whom_the_old_version_held_back(here: Database) -> None:
    rows = await campaign_of(here, 1)
    await use(here, rows)
    op = process_on(here)
    await published(op, FIRST)
    async with here.write() as session:
        await session.execute(
            update(Contact).values(blocked_rule="VARIABLE_MISSING", due_at=NOON.replace(year=NOON.year + 1))
        )
    await saved(op, saying(NEW), base=1)
    await publishing.publish(op, NAME, 2)
    async with here.read() as session:
        assert (await session.get_one(Contact, rows.contacts[0])).due_at == NOON


async def test_an_own_flow_answers_the_calls_to_us_and_must_stay_one_that_does(here: Database) -> None:
    text = load("retorno").texts[""]
    op = operation_on(here, accepts, inbound_flow=NAME)
    await published(op, text)
    call = Incoming("CA-in", "+5511999990100", CALLER_ID)
    token, first = await answer(op, call)
    words = " ".join(one.text for one in first.speech)
    assert words
    await published(op, text.replace("title: Retorno", "title: Outro"), base=1)
    assert await take_turn(process_on(here), token, 1, Heard()) is not None
    async with here.read() as session:
        attempt = await session.scalar(select(Attempt).where(Attempt.token == token))
    assert attempt is not None
    assert (attempt.flow, attempt.flow_disposition) == (NAME, None)
    await saved(op, FIRST, base=2)
    with pytest.raises(Refused, match="answers the calls to us"):
        await publishing.publish(op, NAME, 3)


async def test_an_agent_who_calls_by_hand_is_told_that_the_flow_of_the_campaign_is_broken(here: Database) -> None:
    rows = await campaign_of(here, 1)
    await use(here, rows)
    await add(here, agent_of(rows, name="Rita"))
    async with here.read() as session:
        key = (await session.get_one(Person, rows.people[0])).key
        campaign = (await session.get_one(Campaign, rows.campaign)).name
    with pytest.raises(Refused, match="No version of this flow is published"):
        await calling.look(process_on(here), calling.Order("Rita", key, campaign=campaign))
