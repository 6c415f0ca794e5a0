"""What reports are made of: contacts, calls and hand-overs of one campaign as plain rows. Counts, judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Attempt, CallTurn, Contact, Interaction, Message, Promise, Reservation

# Interactions that say what happened in a call, whatever its disposition became afterwards.
FACTS = ("suppressed_opt_out", "suppressed_wrong_person", "dispute", "already_paid", "voicemail_left")


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt as reports see it. Times are business time, `seconds` the carrier's billed duration."""

    id: int
    to_number: str
    status: str
    carrier_status: str | None
    answered_by: str | None
    answered_at: datetime | None
    seconds: int | None
    turn: int
    level: str
    key_pressed: bool
    disposition: str | None
    callback_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish for an agent: which call, how it stands, when it was asked and met."""

    attempt_id: int
    status: str
    asked_at: datetime
    connected_at: datetime | None


async def calls(session: AsyncSession, campaign_id: int) -> list[Call]:
    """Every attempt, in order of intent."""
    columns = [getattr(Attempt, name) for name in Call.__dataclass_fields__]
    rows = await session.execute(select(*columns).where(Attempt.campaign_id == campaign_id).order_by(Attempt.id))
    return [Call(*row) for row in rows.all()]


async def wishes(session: AsyncSession, campaign_id: int) -> list[Wish]:
    """Every reservation, in order."""
    rows = await session.execute(
        select(Reservation.attempt_id, Reservation.status, Reservation.asked_at, Reservation.connected_at)
        .where(Reservation.campaign_id == campaign_id)
        .order_by(Reservation.id)
    )
    return [Wish(*row) for row in rows.all()]


async def contacts_by_rule(session: AsyncSession, campaign_id: int) -> list[tuple[str, str | None, str | None, int]]:
    """(status, outcome, standing rule, how many) of the campaign's contacts."""
    rows = await session.execute(
        select(Contact.status, Contact.outcome, Contact.blocked_rule, func.count())
        .where(Contact.campaign_id == campaign_id)
        .group_by(Contact.status, Contact.outcome, Contact.blocked_rule)
    )
    return [(status, outcome, rule, int(count)) for status, outcome, rule, count in rows.all()]


async def keys(session: AsyncSession, campaign_id: int) -> dict[int, str]:
    """The keys of each call in order of turns, as kept: those of an identity check are dots."""
    rows = await session.execute(
        select(CallTurn.attempt_id, CallTurn.event["digits"].as_string())
        .join(Attempt, Attempt.id == CallTurn.attempt_id)
        .where(Attempt.campaign_id == campaign_id, CallTurn.event["type"].as_string() == "Pressed")
        .order_by(CallTurn.attempt_id, CallTurn.n)
    )
    found: dict[int, str] = {}
    for attempt_id, digits in rows.all():
        found[attempt_id] = found.get(attempt_id, "") + str(digits)
    return found


async def facts(session: AsyncSession, campaign_id: int) -> dict[str, set[int]]:
    """Kind of fact -> the attempts in which it came about; `promised` and `payment_code` are among the kinds."""
    calls_of = select(Attempt.id).where(Attempt.campaign_id == campaign_id)
    found: dict[str, set[int]] = {kind: set() for kind in FACTS}
    noted = await session.execute(
        select(Interaction.kind, Interaction.attempt_id).where(
            Interaction.kind.in_(FACTS), Interaction.attempt_id.in_(calls_of)
        )
    )
    for kind, attempt_id in noted.all():
        found[kind].add(int(attempt_id or 0))
    found["promised"] = set(await session.scalars(select(Promise.attempt_id).where(Promise.attempt_id.in_(calls_of))))
    coded = await session.scalars(
        select(Message.attempt_id).where(Message.purpose == "payment_code", Message.attempt_id.in_(calls_of))
    )
    found["payment_code"] = {int(attempt_id or 0) for attempt_id in coded}
    return found
