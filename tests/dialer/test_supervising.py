"""A supervisor's line: who may have one, rung once, looked for when the answer was lost, surely taken down."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update
from starlette.responses import Response

from dialer import staff_lines
from dialer.carrier.rooms import Seat
from dialer.errors import BadInput, NotConfigured, NotFound, Refused
from dialer.operation import Operation
from dialer.store import agents, supervisions, users
from dialer.store.database import Database
from dialer.store.models import Agent, Interaction, Number, Reservation, Supervision, Tenant, User
from dialer.supervising import asking, hearing
from dialer.supervising.asking import Wish
from dialer.supervising.lines import keep
from tests.conftest import KEYRING
from tests.dialer.records import NOON, add, agent_of, attempt_of, campaign_of, reservation_of
from tests.dialer.switchboard import CALLER, LINE, OTHER, Switchboard
from webhooks.signature import SignatureCheck
from webhooks.voice import VoiceApp
from webhooks.voicing import Voicing

AGENTS = "CA" + "3" * 32
OURS = "+12125550190"


@dataclass(slots=True)
class Floor:
    """An agent who talks, a supervisor who may listen, and a carrier that answers."""

    database: Database
    board: Switchboard
    op: Operation
    agent: int
    boss: int
    tenant: int
    attempt: int

    async def begin(self, mode: str = "listen", via: str = "") -> Supervision:
        return await asking.begin(self.op, Wish(self.boss, self.agent, mode, via))

    async def now(self) -> Supervision:
        async with self.database.read() as session:
            return (await session.scalars(select(Supervision).order_by(Supervision.id.desc()).limit(1))).one()

    async def joined(self, mode: str = "listen") -> Supervision:
        one = await self.begin(mode)
        await keep(self.op)
        assert await hearing.enter(self.op, one.token, LINE) is not None
        return await self.now()

    async def talk_ends(self) -> None:
        async with self.database.write() as session:
            await session.execute(update(Reservation).values(status="ended"))
            await session.execute(update(Agent).values(status="ready"))

    async def idle(self) -> list[str]:
        async with self.database.read() as session:
            return [one.name for one in await agents.idle(session, self.tenant, NOON)]


@pytest.fixture
async def one_file(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """Where no SQL is in question."""
    shutil.copy(sqlite_template, tmp_path / "toque.sqlite3")
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'toque.sqlite3'}", KEYRING)
    yield made
    await made.close()


async def floor(database: Database, **settings: object) -> Floor:
    rows, board = await campaign_of(database, 1), Switchboard(together=(AGENTS, CALLER, LINE))
    agent = agent_of(rows, status="in_call", leg_sid=AGENTS)
    attempt = attempt_of(rows, status="live", sid=CALLER)
    agent_id, attempt_id = await add(database, agent, attempt)
    await add(database, reservation_of(rows, attempt_id, agent_id, "connected"))
    boss = await user(database, rows.tenant)
    return Floor(database, board, board.operation(database, **settings), agent_id, boss, rows.tenant, attempt_id)


async def user(database: Database, tenant: int, **changes: object) -> int:
    async with database.read() as session:
        serial = len((await session.scalars(select(User.id))).all())
    values: dict[str, object] = {
        "tenant_id": tenant, "email": f"{serial}@toque.example", "name": "Boss", "role": "supervisor",
        "password": "", "line": "client:boss", "created_at": datetime.now(UTC),
    }  # fmt: skip
    (made,) = await add(database, User(**values | changes))
    return made


async def test_what_is_asked_of_the_carrier_and_what_its_line_does(database: Database) -> None:
    at = await floor(database)
    one = await at.begin("whisper")
    await asyncio.gather(keep(at.op), keep(at.op))
    assert at.board.posts("Calls To=client%3Aboss") == 1, "two workers ring a supervisor once"
    app = VoiceApp(Response(status_code=404), at.op, SignatureCheck("http://x", "y"), Voicing(None))
    for _ in range(2):
        said = (await app._route(["supervisor", one.token], {"CallSid": LINE})).body
        assert f'muted="false" coach="{AGENTS}" startConferenceOnEnter="false" endConferenceOnExit="false"' in said
    assert "<Conference" not in (await app._route(["supervisor", one.token], {"CallSid": OTHER})).body
    assert (await at.now()).mode == "whisper"
    await asking.change(at.op, at.boss, "listen")
    assert at.board.posts("Muted=True&Coaching=False") + at.board.posts("Muted=true&Coaching=false") == 1
    await app._conference("room", {"StatusCallbackEvent": "participant-leave", "CallSid": LINE})
    assert ((await at.now()).status, (await at.now()).why) == ("ended", "hung_up")
    assert await app._route(["supervisor", one.token, "status"], {"CallSid": LINE, "CallStatus": "completed"})
    async with database.read() as session:
        kinds = list(await session.scalars(select(Interaction.kind).order_by(Interaction.id)))
    assert kinds == [f"supervision_{one}" for one in ("begun", "joined", "changed", "ended")]


@pytest.mark.parametrize("made", [True, False], ids=["was made", "was not made"])
async def test_a_create_without_an_answer_is_looked_for_before_it_is_asked_again(
    made: bool, database: Database
) -> None:
    """So does another worker when the first died between its intent and the carrier's answer."""
    at = await floor(database)
    at.board.silent = ("POST Calls",)
    before = (await at.begin()).token
    await keep(at.op)
    at.board.silent, at.board.calls = (), {OTHER: "ringing"} if made else {OTHER: "completed"}
    await keep(at.op)
    assert ((await at.now()).sid, at.board.posts("Calls To")) == (None, 1), "within the grace"
    async with database.write() as session:
        await session.execute(update(Supervision).values(claim_until=1))  # the grace has passed
    await keep(at.op)
    await keep(at.op)
    one = await at.now()
    if made:
        assert (at.board.posts("Calls To"), one.sid, one.status) == (1, OTHER, "ringing")
        return
    assert (at.board.posts("Calls To"), one.sid) == (2, LINE)
    assert await hearing.enter(at.op, before, OTHER) is None
    assert not await hearing.heard(at.op, before, OTHER, over=None)
    assert at.board.posts(f"{OTHER} Status=completed") == 1, "should the first ring after all, it is hung up"


async def test_until_the_line_is_known_to_be_down_its_agent_gets_no_caller(database: Database) -> None:
    at = await floor(database)
    await at.joined("barge")
    await at.talk_ends()
    assert await at.idle() == []
    at.board.silent = (LINE,)
    await keep(at.op)
    await keep(at.op)
    assert ((await at.now()).status, await at.idle()) == ("leaving", [])
    at.board.silent = ()
    await keep(at.op)
    assert ((await at.now()).status, (await at.now()).why, len(await at.idle())) == ("ended", "call_over", 1)


async def test_who_leaves_while_the_create_is_under_way_is_hung_up(one_file: Database) -> None:
    at = await floor(one_file)
    await at.begin()
    ringing = asyncio.create_task(keep(at.op))
    while not at.board.asked:  # noqa: ASYNC110 - until the create is under way
        await asyncio.sleep(0.001)
    await asking.leave(at.op, at.boss)
    await ringing
    await keep(at.op)
    assert at.board.posts(f"{LINE} Status=completed") >= 1
    assert ((await at.now()).status, (await at.now()).why) == ("ended", "left")


async def test_a_change_that_got_no_answer_is_told_again(one_file: Database) -> None:
    at = await floor(one_file)
    await at.joined("barge")
    at.board.silent = ("GET Conferences",)
    assert (await asking.change(at.op, at.boss, "listen")).wanted == "listen"
    assert (await at.now()).mode == "", "who hears them is not known"
    at.board.silent = ()
    await keep(at.op)
    assert (await at.now()).mode == "listen"
    at.board.together = ()
    assert not await at.op.carrier.rooms.change("agent-of-yesterday", LINE, Seat(muted=True))


@pytest.mark.parametrize(
    "change", [{"role": "auditor"}, {"creditors": ["nobody"]}, {"disabled_at": datetime(2026, 3, 2, tzinfo=UTC)}]
)
async def test_who_may_not_listen_any_more_is_put_out(change: dict[str, object], one_file: Database) -> None:
    at = await floor(one_file)
    await at.joined()
    async with one_file.write() as session:
        await session.execute(update(User).values(change))
    await keep(at.op)
    assert ((await at.now()).status, (await at.now()).why) == ("ended", "not_allowed")


async def test_a_line_that_ended_unheard_or_is_not_answered_is_found_out(one_file: Database) -> None:
    at = await floor(one_file)
    await at.joined()
    at.board.calls = {LINE: "completed"}
    later = at.board.operation(one_file, after=61)
    await keep(later)
    assert (await at.now()).why == "hung_up"
    one = await at.begin()
    await keep(at.op)
    await hearing.heard(at.op, one.token, LINE, over="no-answer")
    assert ((await at.now()).status, (await at.now()).why) == ("ended", "not_answered")
    await at.begin()
    await keep(at.op)
    await keep(later)
    assert ((await at.now()).status, (await at.now()).why) == ("ended", "not_answered")


async def test_a_window_that_grants_nothing_asks_the_carrier_nothing(
    one_file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shut:
        async def ask(self) -> float:
            return 0.01

    monkeypatch.setattr(staff_lines, "GRANT_SECONDS", 0.05)
    at = await floor(one_file)
    await at.begin()
    await keep(replace(at.op, window=Shut()))
    assert at.board.asked == []


async def test_who_may_listen_to_whom_and_where_they_are_called(one_file: Database) -> None:
    database = one_file
    at = await floor(database, caller_ids=(OURS,))
    outside = await user(database, at.tenant, creditors=["another"])
    (other,) = await add(database, Tenant(key="other", name="Other"))
    stranger = await user(database, other)
    roles = [await user(database, at.tenant, role=role) for role in ("agent", "auditor")]
    for who in roles:
        with pytest.raises(Refused, match="Only supervisors"):
            await asking.begin(at.op, Wish(who, at.agent, "listen"))
    with pytest.raises(Refused, match="whose people you may not see"):
        await asking.begin(at.op, Wish(outside, at.agent, "listen"))
    with pytest.raises(NotFound):
        await asking.begin(at.op, Wish(stranger, at.agent, "listen"))
    async with database.write() as session:
        number = await session.scalar(select(Number.e164))
        await session.execute(update(Agent).values(via="client:rita"))
    refusals = {
        f"tel:{number}": "on record of a person", f"tel:{OURS}": "we call from", "client:rita": "An agent",
        "12125550100": "write tel:",
    }  # fmt: skip
    for via, why in refusals.items():
        with pytest.raises((Refused, BadInput), match=why):
            await at.begin(via=via)
    with pytest.raises(BadInput, match="listen, whisper, barge"):
        await at.begin("shout")
    with pytest.raises(NotConfigured):
        await asking.begin(at.board.operation(database, caller_ids=()), Wish(at.boss, at.agent, "listen"))
    await at.begin()
    second = await user(database, at.tenant)
    with pytest.raises(Refused, match="in another talk already"):
        await asking.begin(at.op, Wish(second, at.agent, "listen"))
    assert (await at.begin("barge")).wanted == "barge", "the same talk: a change of mode"
    await asking.leave(at.op, at.boss)
    with pytest.raises(Refused, match="in no talk"):
        await asking.change(at.op, at.boss, "listen")
    await at.talk_ends()
    with pytest.raises(Refused, match="in no call"):
        await at.begin()
    assert at.board.asked == [], "nobody's telephone has rung"


async def test_a_user_keeps_a_line_of_their_own(one_file: Database) -> None:
    at = await floor(one_file)
    await asking.keep_line(at.op, at.boss, "sip:boss@pbx.example")
    assert (await at.begin()).via == "sip:boss@pbx.example"
    await asking.leave(at.op, at.boss)
    await asking.keep_line(at.op, at.boss, " ")
    with pytest.raises(BadInput, match="Say where you are called"):
        await at.begin()
    async with one_file.read() as session:
        assert (await users.named(session, at.tenant, at.boss)).line is None
        assert await supervisions.heard_by(session, at.agent, at.attempt) == ""
