"""Acts on messages whose create was never answered: looked for at the carrier, and never sent a second time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, select

from dialer.carrier.client import Seen
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.store import messages
from dialer.store.models import Message

CLOCKS_APART = timedelta(seconds=60)  # between our clock and the carrier's


def due(op: Operation) -> ColumnElement[bool]:
    """Whether a text is to be looked for."""
    unanswered, abandoned = _asked_before(op)
    return exists().where(messages.lost(unanswered=unanswered, abandoned=abandoned))


async def reconcile(op: Operation) -> int:
    """Messages whose create was never answered: found at the carrier, they are sent; else they count as failed.

    Also those that a stopped process left in `sending`, once their create has surely ended. Never sent a second time.
    """
    unanswered, abandoned = _asked_before(op)
    async with op.database.read() as session:
        found = await session.scalars(
            select(Message).where(messages.lost(unanswered=unanswered, abandoned=abandoned))
        )
        lost = found.all()
    for message in lost:
        await _find(op, message, abandoned)
    return len(lost)


def _asked_before(op: Operation) -> tuple[int, int]:
    """Wall clock, ms: a create asked for before the first has no answer; before the second it has surely ended."""
    unanswered = real_ms() - int(op.settings.unknown_grace * 1000)
    return unanswered, unanswered - int(op.carrier.longest_create * 1000)


async def _find(op: Operation, message: Message, abandoned: int) -> None:
    """Look for a message among the carrier's; whatever the carrier says later still counts.

    While another between the same numbers is under way, what is found may be the other's: its answer comes first.
    """
    found = await op.carrier.find_messages(
        to=message.to_number, from_=message.from_number or "", since=message.created_at - CLOCKS_APART
    )
    if found is None:
        return  # no answer: look again at the next beat
    body = op.database.keyring.unseal(message.body)
    async with op.database.write() as session:
        taken = await messages.sids_known(session, [seen.sid for seen, _ in found])
        rivals = await messages.unsettled_beside(session, message)
        sid = _ours([(seen, text) for seen, text in found if seen.sid not in taken], body, alone=not rivals)
        if sid is not None:
            await messages.merge(session, message.id, "sent", at=op.clock.now(), sid=sid)
        elif not any(status == "sending" and sent_real >= abandoned for status, sent_real in rivals):
            await messages.give_up(session, message.id, at=op.clock.now())


def _ours(free: Sequence[tuple[Seen, str]], body: str, *, alone: bool) -> str | None:
    """The sid of the oldest with our words, or of the only one there is.

    The carrier may change a text: a trial account's prefix, other quotes and dashes ("smart encoding").
    """
    in_order = sorted(free, key=lambda one: one[0].created_at)
    words = _letters(body)
    same = [seen.sid for seen, text in in_order if words in _letters(text)]
    if same:
        return same[0]
    return in_order[0][0].sid if alone and len(in_order) == 1 else None


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
