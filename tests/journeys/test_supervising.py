"""Supervisors in talks over the real wire: who hears whom, what rings, and how every party's end ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from dialer.addresses import conference_name
from dialer.limits import CpsWindow
from dialer.store import campaigns, users
from dialer.store.models import Agent, Interaction, Reservation, Supervision, User
from dialer.supervising import asking
from dialer.supervising.asking import Wish
from local_carrier.lines.people import read_person
from tests.journeys.town import Town, town

LONG = {"talks_seconds": 600.0, "waits_seconds": 600.0}


@dataclass(slots=True)
class Counting:
    """A window that remembers how often it was asked."""

    window: CpsWindow
    asked: int = 0

    async def ask(self) -> float:
        self.asked += 1
        return await self.window.ask()


@dataclass(slots=True)
class Floor:
    """A town in which Rita talks with the first caller, and a supervisor with a telephone of their own."""

    place: Town
    boss: User
    agent: Agent
    caller: str

    async def begin(self, mode: str, boss: User | None = None) -> None:
        await asking.begin(self.place.op, Wish((boss or self.boss).id, self.agent.id, mode))

    async def seated(self, user: User | None = None) -> Supervision:
        """Until the user sits in the conference."""

        async def there() -> bool:
            return (await self.newest(user)).status == "joined"

        await self.place.run_until(there, hours=0.05)
        await self.place.settle()
        return await self.newest(user)

    async def newest(self, user: User | None = None) -> Supervision:
        rows = await self.place.all(Supervision)
        return [one for one in rows if one.user_id == (user or self.boss).id][-1]

    async def over(self, user: User | None = None) -> Supervision:
        async def ended() -> bool:
            return (await self.newest(user)).status == "ended"

        await self.place.run_until(ended, hours=0.1)
        return await self.newest(user)

    def hears(self) -> dict[str, set[str]]:
        """By address, whom each in Rita's conference hears."""
        rooms = self.place.exchange.conferences
        room = rooms.named(conference_name(self.agent.leg_token))
        assert room is not None
        voices = {seat.call.leg.to: rooms.heard_by(room, seat) for seat in room.seats.values()}
        return {ear: {one.call.leg.to for one in heard} for ear, heard in voices.items()}

    def rings(self, user: User | None = None) -> int:
        """How often the carrier called a supervisor."""
        return sum(leg.to == number_of(user or self.boss) for leg in self.place.exchange.ledger)

    async def record(self) -> list[tuple[str, str, str]]:
        lines = [one for one in await self.place.all(Interaction) if one.kind.startswith("supervision")]
        assert all(one.person_id and one.attempt_id and one.detail["agent"] == self.agent.name for one in lines)
        return [(one.kind.removeprefix("supervision_"), one.actor, one.detail.get("why", "")) for one in lines]


def number_of(user: User) -> str:
    return str(user.line).removeprefix("tel:")


async def supervisor(place: Town, n: int, persona: str = "agent", **overrides: object) -> User:
    number = f"+1212555090{n}"
    phone = {"address": number, "persona": persona, "language": "en-US", "overrides": overrides}
    place._staff.append(read_person(phone))
    place.people.add(place._staff[-1])
    async with place.op.database.write() as session:
        tenant = await campaigns.tenant(session)
        user = User(
            tenant_id=tenant.id, email=f"boss{n}@toque.example", name=f"Boss {n}", role="supervisor", password="",
            line=f"tel:{number}", created_at=datetime.now(UTC),
        )  # fmt: skip
        session.add(user)
        await session.flush()
        await users.open_browser(session, user.id, datetime.now(UTC))
    return user


@asynccontextmanager
async def floor(url: str, home: Path, *, callers: int = 1, **boss: object) -> AsyncIterator[Floor]:
    async with town(url, home) as place:
        people = [await place.add_person("agent_seeker", overrides=LONG) for _ in range(callers)]
        await place.add_agent()
        user = await supervisor(place, 1, **boss)  # type: ignore[arg-type]
        await place.agents_ready()
        await place.start(ratio=20)

        async def talking() -> bool:
            return any(one.status == "connected" for one in await place.all(Reservation))

        await place.run_until(talking)
        (agent,) = await place.all(Agent)
        (talk,) = [one for one in await place.all(Reservation) if one.status == "connected"]
        attempts = {one.id: one for one in await place.attempts()}
        assert {one.id for one in people} >= {attempts[talk.attempt_id].person_id}
        yield Floor(place, user, agent, attempts[talk.attempt_id].to_number)


async def test_listening_whispering_and_speaking_to_both_on_one_ring(postgres_url: str, tmp_path: Path) -> None:
    """Although every news comes twice, and some of it late."""
    async with floor(postgres_url, tmp_path) as at:
        window = Counting(at.place.worker.op.window)
        at.place.worker.op = replace(at.place.worker.op, window=window)
        at.place.weather({"effect": "duplicated"}, {"effect": "delayed", "kinds": ["status"], "seconds": 3})
        await at.begin("listen")
        await at.seated()
        assert window.asked >= 1, "the supervisor's line counts like every other"
        boss, rita, caller = number_of(at.boss), at.agent.via.removeprefix("tel:"), at.caller
        assert at.hears() == {rita: {caller}, caller: {rita}, boss: {rita, caller}}
        await asking.change(at.place.op, at.boss.id, "whisper")
        assert at.hears() == {rita: {caller, boss}, caller: {rita}, boss: {rita, caller}}
        await asking.change(at.place.op, at.boss.id, "barge")
        assert at.hears() == {rita: {caller, boss}, caller: {rita, boss}, boss: {rita, caller}}
        assert (await at.newest()).mode == "barge"
        await at.begin("listen")
        assert at.hears() == {rita: {caller}, caller: {rita}, boss: {rita, caller}}
        await asking.leave(at.place.op, at.boss.id)
        await at.over()
        await at.place.run_for(10)
        assert at.hears() == {rita: {caller}, caller: {rita}}, "who leaves parts nobody"
        assert at.rings() == 1, "a change of mode rings nobody"
        mine = f"user {at.boss.id}"
        kinds = ["begun", "joined", "changed", "changed", "changed", "ended"]
        assert await at.record() == [(kind, mine, "left" if kind == "ended" else "") for kind in kinds]


async def test_the_end_of_the_talk_takes_the_supervisor_out_before_the_next_caller(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with floor(sqlite_url, tmp_path, callers=2) as at:
        await at.begin("barge")
        one = await at.seated()
        (leg,) = [leg for leg in at.place.exchange.ledger if leg.to == at.caller]
        at.place.exchange.calls[leg.sid].end("completed")
        ended = await at.over()
        assert (ended.why, ended.attempt_id) == ("call_over", one.attempt_id)

        async def next_one() -> bool:
            rows = await at.place.all(Reservation)
            return any(row.status == "connected" and row.attempt_id != one.attempt_id for row in rows)

        await at.place.run_until(next_one)
        assert number_of(at.boss) not in at.hears()
        mine = f"user {at.boss.id}"
        assert await at.record() == [("begun", mine, ""), ("joined", mine, ""), ("ended", "system", "call_over")]


async def test_a_supervisors_hang_up_ends_their_part_and_the_agents_ends_all(sqlite_url: str, tmp_path: Path) -> None:
    async with floor(sqlite_url, tmp_path, hangs_up_after=20.0) as at:
        second = await supervisor(at.place, 2)
        await at.begin("listen")
        await at.begin("whisper", second)
        await at.seated()
        await at.seated(second)
        rita = at.agent.via.removeprefix("tel:")
        assert at.hears()[rita] == {at.caller, number_of(second)}, "each supervisor is heard as they chose"
        ended = await at.over()
        assert (ended.why, (await at.newest(second)).status) == ("hung_up", "joined")
        assert at.hears()[at.caller] == {rita}
        at.place.exchange.calls[str(at.agent.leg_sid)].end("completed")
        await at.over(second)
        await at.place.settle()
        assert not [leg for leg in at.place.exchange.ledger if leg.to == number_of(second) and not leg.ended_at]


async def test_the_end_of_a_talk_of_which_no_news_comes_is_found_out(sqlite_url: str, tmp_path: Path) -> None:
    async with floor(sqlite_url, tmp_path) as at:
        await at.begin("listen")
        one = await at.seated()
        at.place.weather({"effect": "lost", "kinds": ["status", "conference"]})
        (leg,) = [leg for leg in at.place.exchange.ledger if leg.to == at.caller]
        at.place.exchange.calls[leg.sid].end("completed")
        assert (await at.over()).why == "call_over"
        await at.place.settle()
        assert at.place.exchange.calls[str(one.sid)].status == "completed"
