"""From the key to the agent: reserved, queued, missed, given up, talked to the end; and the agent freed again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import orjson
import pytest

from dialer import staffing
from dialer.campaigns import campaigning
from dialer.store.models import Agent, Packet, Person, Reservation, Task
from local_carrier.ledger import Leg
from tests.journeys.town import Town, town

ALONE = {"waits_seconds": 600.0}
BACK_KEY_WORDS = "tecle o número um"


async def phone_of(place: Town, person: Person) -> Leg:
    return place.leg_of(await place.attempt_of(person))


async def statuses(place: Town) -> dict[str, str]:
    return {agent.name: agent.status for agent in await place.all(Agent)}


def heard_at(leg: Leg, words: str) -> datetime:
    return next(entry.at for entry in leg.entries if entry.what == "heard" and words in entry.words)


async def test_a_free_agent_has_the_packet_before_the_voice(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        seeker = await place.add_person("agent_seeker")
        await place.add_agent()
        await place.agents_ready()
        seen: list[int] = []

        async def joined() -> bool:
            """At the first moment at which caller and agent hear each other the packet is committed."""
            rooms = [room for room in place.exchange.conferences.rooms.values() if len(room.seats) > 1]
            if rooms and not seen:
                seen.append(len(await place.all(Packet)))
            return bool(seen)

        await place.start()
        await place.run_until(joined)
        await place.run_for(5)
        (held,) = await place.all(Reservation)
        assert (seen, held.status, await statuses(place)) == ([1], "connected", {"Rita": "in_call"})
        await place.finish_calls()
        (packet,) = await place.all(Packet)
        (ended,) = await place.all(Reservation)
        assert packet.created_at <= ended.reserved_at <= ended.connected_at < ended.ended_at
        body = orjson.loads(place.op.database.keyring.unseal(packet.body))
        assert body["person"]["name"] == seeker.name
        assert [turn["event"]["type"] for turn in body["heard"]][:1] == ["Answered"]
        assert body["debts"][0]["amount_minor"] == 23450
        assert await statuses(place) == {"Rita": "wrapup"}
        await place.run_for(25)
        assert await statuses(place) == {"Rita": "ready"}, "wrap-up ends by itself"


async def test_nobody_on_duty_is_said_and_not_waited_for(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        seeker = await place.add_person("agent_seeker")
        await place.start()
        await place.finish_calls()
        leg = await phone_of(place, seeker)
        assert any("não está atendendo" in words for words in leg.words("heard"))
        assert not await place.all(Reservation)
        assert not await place.all(Packet)


async def test_the_queue_says_its_places_and_serves_the_longest_waiting_first(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with town(sqlite_url, tmp_path) as place:
        seekers = [
            await place.add_person("agent_seeker", overrides=ALONE | {"reaction_seconds": 1.2 + n}) for n in range(3)
        ]
        backer = await place.add_person(
            "agent_seeker",
            overrides=ALONE | {"answers_after": 25.0, "interrupts": True, "wants": ("agent", "callback")},
        )
        await place.add_agent()
        await place.agents_ready()
        await place.start(ratio=20)
        await place.finish_calls(calls=4)
        await place.run_for(25)
        legs = [await phone_of(place, person) for person in seekers]
        assert not any("fila" in words for words in legs[0].words("heard")), "a free agent comes without a word"
        assert any("você é a próxima pessoa" in words for words in legs[1].words("heard"))
        assert any("Seu lugar na fila é o número dois" in words for words in legs[2].words("heard"))
        assert any("você é a próxima pessoa" in words for words in legs[2].words("heard")), "and then they move up"
        assert all(BACK_KEY_WORDS in words for leg in legs[1:] for words in leg.words("heard") if "fila" in words)
        by_attempt = {one.attempt_id: one for one in await place.all(Reservation)}
        talks = [by_attempt[(await place.attempt_of(person)).id] for person in seekers]
        assert [one.status for one in talks] == ["ended"] * 3
        assert talks[0].reserved_at < talks[1].reserved_at < talks[2].reserved_at
        assert talks[1].reserved_at >= talks[0].ended_at, "I7: one call at a time"
        assert talks[2].reserved_at >= talks[1].ended_at
        attempt = await place.attempt_of(backer)
        assert (attempt.disposition, by_attempt[attempt.id].status) == ("callback_asked", "callback")
        assert (await place.contact_of(backer)).status == "done", "no machine calls who was promised a person"
        assert [(one.kind, one.person_id) for one in await place.all(Task)] == [("call_back", backer.id)]
        assert await statuses(place) == {"Rita": "ready"}


async def test_who_hangs_up_in_the_queue_leaves_it(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        await place.add_person("agent_seeker", overrides={"talks_seconds": 120.0})
        hasty = await place.add_person("agent_seeker", overrides={"reaction_seconds": 2.5, "waits_seconds": 20.0})
        await place.add_agent()
        await place.agents_ready()
        await place.start(ratio=20)
        await place.finish_calls(calls=2)
        attempt = await place.attempt_of(hasty)
        assert attempt.disposition == "hung_up"
        ends = {one.attempt_id: one.status for one in await place.all(Reservation)}
        assert ends.pop(attempt.id) == "left"
        assert list(ends.values()) == ["ended"]


async def test_nobody_comes_within_the_promised_time(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        await place.add_person("agent_seeker", overrides={"talks_seconds": 240.0})
        waiting = await place.add_person("agent_seeker", overrides=ALONE | {"reaction_seconds": 2.5})
        await place.add_agent()
        await place.agents_ready()
        await place.start(ratio=20)
        await place.finish_calls(calls=2)
        attempt = await place.attempt_of(waiting)
        assert attempt.disposition == "nobody_free"
        leg = place.leg_of(attempt)
        waited = heard_at(leg, "todas as linhas ocupadas") - heard_at(leg, "você é a próxima pessoa")
        assert 170 <= waited.total_seconds() <= 210


@pytest.mark.parametrize("told", [True, False], ids=["told late", "never told"])
async def test_a_caller_whose_agents_line_is_dead_is_first_in_line_again(
    told: bool, sqlite_url: str, tmp_path: Path
) -> None:
    async with town(sqlite_url, tmp_path) as place:
        seeker = await place.add_person("agent_seeker", overrides=ALONE)
        await place.add_agent("Rita")
        await place.agents_ready()
        await place.add_agent("Zoé", overrides={"answers_after": 28.0})
        await place.start()
        await place.run_for(25)
        late: dict[str, object] = {"effect": "delayed", "seconds": 25} if told else {"effect": "lost"}
        place.weather(late | {"kinds": ["status", "conference"], "limit": 4})
        rita = next(agent for agent in await place.all(Agent) if agent.name == "Rita")
        place.exchange.calls[rita.leg_sid].end("completed")
        await place.finish_calls()
        (held,) = await place.all(Reservation)
        assert (held.status, held.missed) == ("ended", 1)
        zoe = next(agent for agent in await place.all(Agent) if agent.name == "Zoé")
        assert held.agent_id == zoe.id
        assert (await statuses(place))["Rita"] == "offline"
        assert [packet.agent_id for packet in await place.all(Packet)] == [rita.id, zoe.id]
        assert (await place.attempt_of(seeker)).disposition == "transferred"


@pytest.mark.parametrize("effect", ["lost", "delayed", "duplicated", "reordered"])
async def test_a_talk_is_a_talk_whatever_becomes_of_the_news_of_it(
    effect: str, sqlite_url: str, tmp_path: Path
) -> None:
    async with town(sqlite_url, tmp_path) as place:
        seeker = await place.add_person("agent_seeker", overrides={"talks_seconds": 20.0})
        await place.add_agent()
        await place.agents_ready()
        once = {"limit": 1} if effect == "lost" else {}
        place.weather({"effect": effect, "kinds": ["conference"], "seconds": 8, **once})
        await place.start()
        await place.finish_calls()
        await place.run_for(60)
        assert (await place.attempt_of(seeker)).disposition == "transferred"
        (held,) = await place.all(Reservation)
        assert (held.status, held.missed) == ("ended", 0)
        assert await statuses(place) == {"Rita": "ready"}


async def test_while_all_agents_are_away_nobody_is_called_and_the_status_says_so(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with town(sqlite_url, tmp_path) as place:
        await place.add_agent("Ausente", persona="agent_absent")
        seeker = await place.add_person("agent_seeker", overrides={"talks_seconds": 20.0})
        await place.run_for(45)
        assert await statuses(place) == {"Ausente": "offline"}, "who does not pick up gets no caller"
        await place.start()
        await place.run_for(30)
        assert await place.attempts() == []
        (standing,) = await campaigning.standing(place.op)
        assert standing.now.sentence.code == "agents_away"
        await place.add_agent("Rita")
        await place.finish_calls()
        assert (await place.attempt_of(seeker)).disposition == "transferred"


async def test_an_agent_who_takes_a_break_stops_the_dialling(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path, calls_per_second=1.0) as place:
        for _ in range(12):
            await place.add_person("agent_seeker", overrides={"answers_after": 20.0, "talks_seconds": 5.0})
        await place.add_agent()
        await place.agents_ready()
        await place.start(ratio=2)
        await place.run_for(10)
        await staffing.pause(place.op, "Rita")
        before = len(await place.attempts())
        await place.run_for(60)
        assert len(await place.attempts()) == before <= 4, "a break is not a campaign without agents"


async def test_a_talk_of_which_no_news_came_is_neither_torn_nor_shared(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        seeker = await place.add_person("agent_seeker", overrides={"talks_seconds": 60.0})
        await place.add_agent()
        await place.agents_ready()
        place.weather({"effect": "lost", "kinds": ["conference"]})
        await place.start()
        await place.finish_calls()
        leg = await phone_of(place, seeker)
        assert (leg.ended_at - leg.answered_at).total_seconds() > 60, "nobody was fetched out of the talk"
        (held,) = await place.all(Reservation)
        assert (held.status, held.missed) == ("ended", 0)
        assert held.connected_at is not None
        assert (await place.attempt_of(seeker)).disposition == "transferred"


async def test_an_agent_who_hangs_up_ends_the_talk_and_nothing_else(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        seeker = await place.add_person("agent_seeker", overrides={"talks_seconds": 3000.0})
        await place.add_agent(overrides={"stays": False, "talks_seconds": 30.0, "waits_seconds": 900.0})
        await place.agents_ready()
        await place.start()
        await place.finish_calls()
        attempt = await place.attempt_of(seeker)
        assert attempt.disposition == "transferred"
        after = [words for words in place.leg_of(attempt).words("heard") if "ocupadas" in words]
        assert after == [], "who has talked is not told that nobody was free"
        assert await statuses(place) == {"Rita": "offline"}
        await staffing.ready(place.op, "Rita")
        await place.agents_ready()
