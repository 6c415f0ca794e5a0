"""The card before the voice: who is put through waits for the word of an open screen, and never for long."""

from __future__ import annotations

import asyncio
import time

import pytest

from dialer import heralding
from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import Packet
from tests.dialer.records import NOON, add, agent_of, attempt_of, campaign_of, reservation_of
from tests.dialer.switchboard import Switchboard

ROOM = "agent-room"


@pytest.fixture
async def coming(database: Database) -> tuple[Operation, int, int]:
    """A caller for whom an agent is reserved and a packet is written: the attempt's and the packet's ids."""
    rows = await campaign_of(database, 1)
    (agent_id,) = await add(database, agent_of(rows, name="Rita", status="reserved"))
    (attempt_id,) = await add(database, attempt_of(rows, status="live", waits="transfer"))
    (reservation_id,) = await add(database, reservation_of(rows, attempt_id, agent_id))
    packet = Packet(
        tenant_id=rows.tenant, reservation_id=reservation_id, attempt_id=attempt_id, agent_id=agent_id,
        created_at=NOON, body=database.keyring.seal("{}"),
    )  # fmt: skip
    (packet_id,) = await add(database, packet)
    op = Switchboard().operation(database)
    op.settings.card_wait_ms = 1500
    return op, attempt_id, packet_id


async def test_the_voice_waits_until_the_screen_says_that_the_card_stands(coming: tuple[Operation, int, int]) -> None:
    op, attempt_id, packet_id = coming
    async with op.fanout.listen(f"desk:{ROOM}") as screen:
        voice = asyncio.create_task(heralding.before_voice(op, attempt_id, ROOM))
        assert await screen.get() == {"card": attempt_id}
        await asyncio.sleep(0.05)
        assert not voice.done()
        await heralding.stands(op, packet_id)
        assert await voice


async def test_where_nobody_looks_the_voice_comes_at_once(coming: tuple[Operation, int, int]) -> None:
    op, attempt_id, _ = coming
    op.settings.card_wait_ms = 60_000
    async with asyncio.timeout(10):
        assert not await heralding.before_voice(op, attempt_id, ROOM)


async def test_a_screen_that_shows_nothing_costs_the_bounded_wait_and_not_the_call(
    coming: tuple[Operation, int, int],
) -> None:
    op, attempt_id, _ = coming
    op.settings.card_wait_ms = 100
    async with op.fanout.listen(f"desk:{ROOM}"), asyncio.timeout(10):
        began = time.monotonic()
        assert not await heralding.before_voice(op, attempt_id, ROOM)
    assert time.monotonic() - began >= 0.09


async def test_a_card_that_stands_already_is_not_waited_for(coming: tuple[Operation, int, int]) -> None:
    op, attempt_id, packet_id = coming
    await heralding.stands(op, packet_id)
    op.settings.card_wait_ms = 60_000
    async with op.fanout.listen(f"desk:{ROOM}"), asyncio.timeout(10):
        assert await heralding.before_voice(op, attempt_id, ROOM)
        assert await heralding.before_voice(op, attempt_id, ROOM), "a repeated request is not held up either"
