"""Agents who call by hand: the same gate, one call at a time, put through at once, the outcome on record."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from dialer import calling, concluding, suppressing
from dialer.calling import Called, Order
from dialer.errors import Refused
from dialer.rules.gate import Allow, Deny
from dialer.store.models import Agent, Campaign, Interaction, Packet, Person, Reservation
from tests.journeys.town import Town, town

TALKS = {"talks_seconds": 20.0, "waits_seconds": 60.0}


async def ready(place: Town, persona: str = "agent_seeker", **more: object) -> tuple[Person, Order]:
    """Somebody to be called, and Rita in her conference."""
    person = await place.add_person(persona, overrides=TALKS | more)
    await place.add_agent()
    await place.agents_ready()
    return person, Order("Rita", person.key)


async def opt_out(place: Town, person: Person, scope: str) -> None:
    async with place.op.database.write() as session:
        known = await session.get_one(Person, person.id)
        await suppressing.opt_out(session, known, at=place.clock.now(), scope=scope, attempt_id=None, source="api")


async def test_who_answers_is_with_the_agent_at_once(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        person, order = await ready(place, answers_after=28.0)
        seen = await calling.look(place.op, order)
        assert (seen.person, seen.debts, seen.campaign) == (person.id, 1, "by-hand")
        assert isinstance(seen.decision, Allow)
        assert not await place.attempts(), "a look is no call"
        called = await calling.call(place.op, order)
        assert isinstance(called, Called)
        (packet,) = await place.all(Packet)
        body = orjson.loads(place.op.database.keyring.unseal(packet.body))
        assert body["debts"][0]["amount_minor"] == 23450, "the agent sees the case before anybody answers"
        with pytest.raises(Refused, match="reserved"):
            await calling.call(place.op, order)
        await place.finish_calls()
        (attempt,) = await place.attempts()
        assert (attempt.mode, attempt.disposition, attempt.counted_debts) == (
            "live_agent_manual",
            "transferred",
            attempt.debts,
        )
        (first,) = [one for one in place.documents if one.path == f"/voice/{attempt.token}/0"]
        assert "<Conference" in first.body
        assert "<Say" not in first.body, "who is called by a person hears that person first"
        (held,) = await place.all(Reservation)
        assert (held.status, held.missed) == ("ended", 0), "a telephone that rings for long is no missed call"
        (allowed,) = [one for one in await place.all(Interaction) if one.kind == "call_allowed"]
        assert (allowed.attempt_id, allowed.detail["mode"]) == (attempt.id, "live_agent_manual")
        await place.run_for(25)
        assert [agent.status for agent in await place.all(Agent)] == ["ready"]
        again = await calling.call(place.op, order)
        assert isinstance(again, Deny), "a talk counts, whoever began it"
        assert again.rule == "PERSON_GAP"


@pytest.mark.parametrize(("scope", "rule"), [("automated", None), ("all", "OPT_OUT")])
async def test_an_opt_out_of_automated_calls_leaves_the_agent_free_to_call_and_one_of_all_calls_does_not(
    scope: str, rule: str | None, sqlite_url: str, tmp_path: Path
) -> None:
    async with town(sqlite_url, tmp_path) as place:
        person, order = await ready(place)
        await opt_out(place, person, scope)
        said = await calling.call(place.op, order)
        assert (said.rule if isinstance(said, Deny) else None) == rule
        kept = [(one.kind, one.detail.get("rule")) for one in await place.all(Interaction) if "call_" in one.kind]
        assert kept == [("call_denied", rule)] if rule else [("call_allowed", None)]
        assert len(await place.attempts()) == (rule is None)
        if rule:
            assert [agent.status for agent in await place.all(Agent)] == ["ready"], "nobody is kept for no call"


async def test_outside_the_hours_nobody_is_called_by_hand_either(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        _, order = await ready(place)
        place.clock.jump(12 * 3600)  # 23:00 in São Paulo
        said = await calling.call(place.op, order)
        assert isinstance(said, Deny)
        assert (said.rule, said.until is not None) == ("BR_HOURS", True)
        assert "BR_HOURS" in calling.refusal(said)
        assert not await place.attempts()


async def test_a_machine_that_the_agent_heard_is_no_conversation(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        _, order = await ready(place, "machine_with_beep", answers_after=2.0, talks_seconds=300.0)
        await calling.call(place.op, order)

        async def heard() -> bool:
            return any(one.status == "connected" for one in await place.all(Reservation))

        await place.run_until(heard)
        assert await concluding.conclude(place.op, "Rita", "machine") == "machine"
        await place.finish_calls()
        await place.run_for(10)
        (attempt,) = await place.attempts()
        assert (attempt.disposition, attempt.carrier_status) == ("machine", "completed")
        await place.run_for(25)
        with pytest.raises(Refused, match="no call by hand"):
            await concluding.conclude(place.op, "Rita", "talked")


async def test_a_campaign_in_preview_dials_nobody_until_an_agent_has_looked(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        person, _ = await ready(place)
        order = Order("Rita", person.key, campaign="campaign")
        await place.start(pacing="preview")
        await place.run_for(30)
        assert not await place.attempts()
        await calling.skip(place.op, order, why="asks for tomorrow")
        assert (await place.contact_of(person)).due_at > place.clock.now()
        assert isinstance(await calling.call(place.op, order), Called)
        await place.finish_calls()
        (attempt,) = await place.attempts()
        (campaign,) = await place.all(Campaign)
        contact = await place.contact_of(person)
        assert (attempt.campaign_id, contact.tries, contact.outcome) == (campaign.id, 1, "transferred")
        with pytest.raises(Refused, match="not running"):
            await calling.call(place.op, order)  # nobody is left: the campaign is finished
        assert "call_skipped" in {one.kind for one in await place.all(Interaction)}


async def test_a_call_whose_agent_is_gone_is_taken_back_before_anybody_answers(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with town(sqlite_url, tmp_path) as place:
        _, order = await ready(place, answers_after=25.0)
        await calling.call(place.op, order)
        await place.run_for(8)
        (rita,) = await place.all(Agent)
        place.exchange.calls[rita.leg_sid].end("completed")
        await place.finish_calls()
        (attempt,) = await place.attempts()
        (held,) = await place.all(Reservation)
        assert (attempt.disposition, held.status) == ("canceled", "failed")
        assert [agent.status for agent in await place.all(Agent)] == ["offline"]
        assert place.heard_by(attempt.to_number) == []
