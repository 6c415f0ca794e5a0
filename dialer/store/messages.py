"""Changes of messages, each one statement that both databases judge on the newest row (I4 for messages).

News only ever raise a message in `ORDER`, so that any order, repetition or coincidence of news ends in one record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from dialer.store.models import Attempt, Message

# Where two final words contradict each other, the handset's own stands above the network's.
ORDER = ("planned", "sending", "unknown", "sent", "failed", "delivered")
FINAL = ("failed", "delivered")
NEVER_ARRIVED = "never arrived"  # our guess, not the carrier's word: any word of the carrier stands above it


def due(now: datetime) -> ColumnElement[bool]:
    """Planned, and its time has come."""
    return and_(Message.status == "planned", Message.due_at <= now)


def lost(*, unanswered: int, abandoned: int) -> ColumnElement[bool]:
    """Nobody knows what became of its create: asked for before these instants (wall clock, ms), the second when the
    process that asked may have stopped.
    """
    return or_(
        and_(Message.status == "unknown", Message.sent_real < unanswered),
        and_(Message.status == "sending", Message.sent_real < abandoned),
    )


async def merge(
    session: AsyncSession,
    message_id: int,
    word: str,
    *,
    at: datetime,
    sid: str | None = None,
    error: str | None = None,
) -> bool:
    """Raise a message to what the carrier says of it (sent, failed, delivered), unless it stands there or higher.

    Whether that was news.
    """
    if sid is not None:  # one that was taken for another's already stays where it is
        other = aliased(Message)
        free = ~select(other.id).where(other.sid == sid).exists()
        await _change(session, message_id, and_(Message.sid.is_(None), free), sid=sid)
    why = error[:300] if error and word == "failed" else None
    guessed = and_(Message.status == "failed", Message.error == NEVER_ARRIVED)
    lower = or_(Message.status.in_(ORDER[: ORDER.index(word)]), guessed)
    finished = at if word in FINAL else None
    return await _change(session, message_id, lower, status=word, error=why, finished_at=finished)


async def give_up(session: AsyncSession, message_id: int, *, at: datetime) -> None:
    """Nobody knows of it at the carrier: failed, until the carrier says otherwise."""
    lost = Message.status.in_(("sending", "unknown"))
    await _change(session, message_id, lost, status="failed", error=NEVER_ARRIVED, finished_at=at)


async def swap(session: AsyncSession, message_id: int, expected: str, **values: object) -> bool:
    """Change a message that still has the expected status; whether it had."""
    return await _change(session, message_id, Message.status == expected, **values)


async def withdraw(session: AsyncSession, person_id: int, *, at: datetime, why: str) -> int:
    """What is planned for a person is not sent after all; how many messages."""
    dropped = await session.execute(
        update(Message)
        .where(Message.person_id == person_id, Message.status == "planned")
        .values(status="denied", error=why, finished_at=at)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return len(dropped.all())


async def sent_since(session: AsyncSession, e164: str, template: str, *, since: datetime) -> bool:
    """Whether a number was sent this template since then."""
    found = select(Message.id).where(
        Message.to_number == e164,
        Message.template == template,
        Message.direction == "out",
        Message.created_at > since,
    )
    return await session.scalar(found.limit(1)) is not None


async def last_campaign(session: AsyncSession, person_id: int) -> int | None:
    """The campaign that was the last to call a person."""
    called = select(Attempt.campaign_id).where(Attempt.person_id == person_id, Attempt.direction == "out")
    return await session.scalar(called.order_by(Attempt.id.desc()).limit(1))


async def same_campaign(session: AsyncSession, token: str, campaign_id: int | None) -> None:
    """Count an answer with the campaign of what it answers."""
    await session.execute(
        update(Message)
        .where(Message.token == token)
        .values(campaign_id=campaign_id)
        .execution_options(synchronize_session=False)
    )


async def sids_known(session: AsyncSession, sids: Sequence[str]) -> set[str | None]:
    """Which of the carrier's messages belong to one of ours already."""
    return set(await session.scalars(select(Message.sid).where(Message.sid.in_(sids))))


async def unsettled_beside(session: AsyncSession, message: Message) -> list[tuple[str, int]]:
    """Status and `sent_real` of other messages between the same numbers whose create has no answer (yet)."""
    found = await session.execute(
        select(Message.status, Message.sent_real).where(
            Message.id != message.id,
            Message.to_number == message.to_number,
            Message.from_number == message.from_number,
            Message.status.in_(("sending", "unknown")),
        )
    )
    return [(status, sent_real) for status, sent_real in found]


async def _change(session: AsyncSession, message_id: int, expected: ColumnElement[bool], **values: object) -> bool:
    changed = await session.execute(
        update(Message)
        .where(Message.id == message_id, expected)
        .values(**values)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None
