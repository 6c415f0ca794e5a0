"""Acts that stop calls to a person: opt-out, wrong number, deceased, holds. Committed before anything is said.

Every one moves the person's version, so that no intent decided before it commits after it (I5).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Literal

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.rules.facts import AUTOMATED_MODES, Channel, SuppressionKind
from dialer.store import called_now, contacts, interactions, people, suppressions
from dialer.store.models import LIVE_STATUSES, Attempt, Debt, Number, Person, Reservation, Suppression
from dialer.store.suppressions import Bar

EndsContact = Literal["deceased", "lawyer", "insolvency", "cease"]
RecallReason = Literal["opted_out", "nothing_due", "stopped"]
# Bars after which a machine does not talk on: of the others the call itself is told, or they are the creditor's news.
ENDS_TALKS: tuple[SuppressionKind, ...] = ("opt_out", "do_not_call", "deceased", "lawyer", "insolvency", "cease")
CARRIER = "carrier"  # the source of an opt-out that only the carrier was told of


async def suppress(
    session: AsyncSession,
    person: Person,
    kind: SuppressionKind,
    *,
    at: datetime,
    number: str | None = None,
    channel: Channel | None = None,
    automated_only: bool = False,
    until: datetime | None = None,
    attempt_id: int | None = None,
    source: str = "call",
) -> None:
    """Put one bar on record, once, and move the person's version."""
    bar = Bar(kind, number, channel, automated_only, until)
    await suppressions.add_once(
        session, person.tenant_id, person.id, bar, since=at, attempt_id=attempt_id, source=source
    )
    await people.bump(session, person.id)
    await interactions.add(
        session,
        tenant_id=person.tenant_id,
        person_id=person.id,
        attempt_id=attempt_id,
        at=at,
        kind=f"suppressed_{kind}",
        actor=source,
        detail={"automated_only": automated_only, "channel": channel},
    )


async def opt_out(
    session: AsyncSession,
    person: Person,
    *,
    at: datetime,
    scope: str,
    attempt_id: int | None,
    channel: Channel | None = None,
    source: str = "call",
) -> None:
    """No more automated calls (scope "automated") or none at all ("all") to this person, on any number.

    `channel` None: nor texts that nobody asked for.
    """
    automated = scope == "automated"
    await suppress(
        session,
        person,
        "opt_out",
        at=at,
        channel=channel,
        automated_only=automated,
        attempt_id=attempt_id,
        source=source,
    )
    await contacts.end_for_person(session, person.id, "opted_out")
    await called_now.ask_to_cancel(
        session,
        person.tenant_id,
        Attempt.person_id == person.id,
        Attempt.id.is_distinct_from(attempt_id),
        answered_too=False,
        automated_only=automated,
    )


async def opted_out_elsewhere(session: AsyncSession, attempt: Attempt) -> bool:
    """Whether a bar that ends talks was put on a call of ours since its intent, and not in this very call.

    One for a single creditor ends the calls about that creditor's debts; one on machines no call of an agent.
    """
    if attempt.direction == "in":
        return False  # whoever calls us may be spoken to
    if attempt.cancel_asked == "opted_out":
        return True
    one = {"attempt": attempt.id, "person": attempt.person_id, "number": attempt.to_number}
    one |= {"tenant": attempt.tenant_id, "intent": attempt.intent_at}
    if attempt.debts:
        one["debts"] = [int(debt) for debt in attempt.debts]
    barred = _barred(for_debts=bool(attempt.debts), by_hand=attempt.mode not in AUTOMATED_MODES)
    return await session.scalar(barred, one) is not None


@lru_cache
def _barred(*, for_debts: bool, by_hand: bool) -> Select[int]:
    barred = select(Suppression.id).where(
        or_(
            Suppression.person_id == bindparam("person"),
            Suppression.person_id.is_(None) & (Suppression.number == bindparam("number")),
        ),
        Suppression.tenant_id == bindparam("tenant"),
        Suppression.kind.in_(ENDS_TALKS),
        or_(Suppression.channel.is_(None), Suppression.channel == "phone"),
        Suppression.since >= bindparam("intent"),
        Suppression.attempt_id.is_distinct_from(bindparam("attempt")),
    )
    if for_debts:
        owed_to = select(Debt.creditor_id).where(Debt.id.in_(bindparam("debts", expanding=True)))
        barred = barred.where(or_(Suppression.creditor_id.is_(None), Suppression.creditor_id.in_(owed_to)))
    if by_hand:
        barred = barred.where(Suppression.automated_only.is_(False))
    return barred.limit(1)


async def recalled_for(session: AsyncSession, attempt: Attempt) -> RecallReason | None:
    """Why a call must end at its next turn: what came in meanwhile. It holds though a request to the carrier is lost.

    The creditor's news does not cut off who waits for an agent: the agent sees it on the screen.
    """
    if await opted_out_elsewhere(session, attempt):
        return "opted_out"
    if attempt.waits == "transfer":
        return None
    match attempt.cancel_asked:
        case "nothing_due":
            return "nothing_due"
        case "changed":
            return "stopped"
        case _:
            return None


async def break_link(session: AsyncSession, person: Person, number: Number, *, at: datetime, attempt_id: int) -> None:
    """This number does not reach this person: never again for this person; its true owner is not affected."""
    await session.execute(update(Number).where(Number.id == number.id).values(status="wrong_person"))
    await suppress(session, person, "wrong_person", at=at, number=number.e164, attempt_id=attempt_id)


async def end(
    session: AsyncSession, person: Person, why: EndsContact, *, at: datetime, attempt_id: int, source: str = "call"
) -> None:
    """A death, a lawyer, an insolvency or a refusal of all contact: every campaign is done with the person."""
    await suppress(session, person, why, at=at, attempt_id=attempt_id, source=source)
    await contacts.end_for_person(session, person.id, why)


async def stop_calls(op: Operation, person_id: int, reason: RecallReason) -> int:
    """After the commit of a bar from outside a call: cancel what rings, end politely what talks. Calls changed.

    A talk with an agent is no automated call: it goes on, and the agent hears of the bar from the screen. A person
    who has called us is not cut off for having opted out of our calls.
    """
    met = select(Reservation.attempt_id).where(Reservation.status == "connected")
    directions = ("out",) if reason == "opted_out" else ("out", "in")
    async with op.database.read() as session:
        rows = (
            await session.execute(
                select(Attempt.token, Attempt.sid, Attempt.status, Attempt.direction).where(
                    Attempt.person_id == person_id,
                    Attempt.status.in_(LIVE_STATUSES),
                    Attempt.direction.in_(directions),
                    Attempt.id.not_in(met),
                )
            )
        ).all()
    changed = 0
    for token, sid, status, direction in rows:
        if sid is None:
            continue  # its placer sees the wish to cancel as soon as the carrier has answered
        if status == "live" or direction == "in":
            changed += await op.carrier.redirect(sid, op.addresses.recall(token, reason))
        else:
            changed += await op.carrier.cancel(sid)
    return changed


async def take_back(op: Operation, attempt: Attempt) -> None:
    """Carry out the wish to cancel, once the call is known to exist: it was asked for before the wish was known.

    A call of a paused campaign that is answered already goes on to its end; one to a person who opted out,
    or about debts that are settled, does not.
    """
    if attempt.cancel_asked is None or attempt.sid is None:
        return
    if attempt.status in ("placed", "ringing"):
        await op.carrier.cancel(attempt.sid)
    elif attempt.status == "live" and attempt.cancel_asked in ("opted_out", "nothing_due"):
        await op.carrier.redirect(attempt.sid, op.addresses.recall(attempt.token, attempt.cancel_asked))
