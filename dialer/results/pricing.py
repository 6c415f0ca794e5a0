"""Acts that learn what calls and texts cost: the carrier tells a price only some time after the end.

Asked for in batches by time, and one by one where a batch does not show it; given up after some days. A price that is
on record is never asked for again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.results.group import Priced
from dialer.store import prices
from dialer.store.models import Attempt, Message
from dialer.store.prices import Due, Unpriced

FIRST_ASKED_AFTER = timedelta(minutes=5)  # from the end; most prices are there by then
ASKED_AGAIN_AFTER = timedelta(minutes=30)
GIVEN_UP_AFTER = timedelta(days=3)
BATCH = 200
ONE_BY_ONE = 25  # of a batch, in one look
CLOCKS_APART = timedelta(minutes=5)  # between our clock and the carrier's


@dataclass(frozen=True, slots=True)
class _Kind:
    """Calls or messages: where they stand with us, and how the carrier is asked."""

    model: type[Attempt] | type[Message]
    due: Callable[[AsyncSession, Due, int], Awaitable[list[Unpriced]]]
    listed: Callable[..., Awaitable[list[Priced] | None]]
    single: Callable[[str], Awaitable[list[Priced] | None]]


async def learn(op: Operation) -> int:
    """Ask for the prices that are due, a batch of each kind; how many were told."""
    if not op.settings.can_dial:
        return 0
    books = op.carrier.books
    kinds = (
        _Kind(Attempt, prices.calls, books.calls, books.call),
        _Kind(Message, prices.messages, books.messages, books.message),
    )
    return sum([await _learn(op, kind) for kind in kinds])


async def _learn(op: Operation, kind: _Kind) -> int:
    now = op.clock.now()
    due = Due(now - GIVEN_UP_AFTER, now - FIRST_ASKED_AFTER, now - ASKED_AGAIN_AFTER)
    async with op.database.read() as session:
        asked = await kind.due(session, due, BATCH)
    if not asked:
        return 0
    told = await kind.listed(
        since=min(one.began for one in asked) - CLOCKS_APART, until=max(one.began for one in asked) + CLOCKS_APART
    )
    if told is None:
        return 0  # no answer: the same again at the next beat
    told += await _one_by_one(kind, asked, told)
    async with op.database.write() as session:
        return await prices.keep(session, kind.model, asked, told, at=now)


async def _one_by_one(kind: _Kind, asked: list[Unpriced], told: list[Priced]) -> list[Priced]:
    """What a list cut short or ordered otherwise did not show, a few of them."""
    shown = {one.sid for one in told}
    found: list[Priced] = []
    for one in [one for one in asked if one.sid not in shown][:ONE_BY_ONE]:
        found += await kind.single(one.sid) or []
    return found
