"""Recordings: found by call or by what is to be done with them; every change expects the status it was decided on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Attempt, Campaign, Person, Recording

RUNNING = ("asked", "on", "paused")


@dataclass(frozen=True, slots=True)
class OfCall:
    """A recording with what matters of its call now."""

    id: int
    sid: str | None
    status: str
    call: str | None
    waits: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording as people see it in a list."""

    id: int
    attempt: int
    campaign: str
    person: str
    started_at: datetime
    seconds: int | None
    status: str
    why: str
    keep_until: date
    at_carrier: bool
    error: str | None


async def of_call(session: AsyncSession, token: str) -> OfCall | None:
    """The recording of the call with this token."""
    row = (
        await session.execute(
            select(Recording.id, Recording.sid, Recording.status, Attempt.sid, Attempt.waits)
            .join(Attempt, Attempt.id == Recording.attempt_id)
            .where(Attempt.token == token)
        )
    ).first()
    return OfCall(*row) if row else None


async def is_on(session: AsyncSession, attempt_id: int) -> bool:
    """Whether the call is recorded, confirmed by the carrier."""
    on = select(Recording.id).where(Recording.attempt_id == attempt_id, Recording.status.in_(("on", "paused")))
    return await session.scalar(on) is not None


async def change(session: AsyncSession, recording_id: int, expected: Sequence[str], **values: object) -> bool:
    """Set columns of a recording that still has one of these statuses; whether it had."""
    changed = await session.execute(
        update(Recording)
        .where(Recording.id == recording_id, Recording.status.in_(expected))
        .values(**values)
        .returning(Recording.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


async def name_it(session: AsyncSession, recording_id: int, sid: str) -> None:
    """Keep the carrier's id, if none is known yet."""
    await session.execute(
        update(Recording)
        .where(Recording.id == recording_id, Recording.sid.is_(None))
        .values(sid=sid)
        .execution_options(synchronize_session=False)
    )


async def unsettled(
    session: AsyncSession, *, ended_before: datetime, looked_before: datetime, limit: int
) -> list[tuple[Recording, Attempt]]:
    """Recordings with something left to do at the carrier, of calls that are over; not looked at since."""
    rows = await session.execute(
        select(Recording, Attempt)
        .join(Attempt, Attempt.id == Recording.attempt_id)
        .where(
            Recording.gone_at_carrier_at.is_(None),
            or_(Recording.status == "ended", and_(Attempt.status == "ended", Attempt.ended_at < ended_before)),
            or_(Recording.heard_at.is_(None), Recording.heard_at < looked_before),
        )
        .order_by(Recording.heard_at.nulls_first(), Recording.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [(recording, attempt) for recording, attempt in rows.all()]


async def overdue(session: AsyncSession, today: date, limit: int) -> list[Recording]:
    """Stored sound that must not be kept any longer."""
    rows = await session.scalars(
        select(Recording)
        .where(Recording.status == "stored", Recording.keep_until < today)
        .order_by(Recording.keep_until)
        .limit(limit)
    )
    return list(rows)


async def listed(
    session: AsyncSession, *, campaign: str | None = None, person: str | None = None, limit: int = 100
) -> list[Listed]:
    """Recordings, the youngest first; of a campaign, or of the person with this key."""
    statement = (
        select(Recording, Campaign.name, Person.key)
        .join(Attempt, Attempt.id == Recording.attempt_id)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .join(Person, Person.id == Attempt.person_id)
        .order_by(Recording.id.desc())
        .limit(limit)
    )
    if campaign is not None:
        statement = statement.where(Campaign.name == campaign)
    if person is not None:
        statement = statement.where(Person.key == person)
    rows = await session.execute(statement)
    return [_listed(recording, name, key) for recording, name, key in rows.all()]


def _listed(one: Recording, campaign: str, person: str) -> Listed:
    return Listed(
        id=one.id,
        attempt=one.attempt_id,
        campaign=campaign,
        person=person,
        started_at=one.started_at,
        seconds=one.seconds,
        status=one.status,
        why=one.why,
        keep_until=one.keep_until,
        at_carrier=one.gone_at_carrier_at is None,
        error=one.error,
    )
