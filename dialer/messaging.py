"""Acts of the outbox: a message is committed before the carrier is asked, and asked for only once.

It has the same life as an attempt: planned, sending, sent, delivered or failed; unknown when the answer was lost.
What the carrier says of it is merged (`store.messages`): duplicated, late and simultaneous news end in one record.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.callers import mobile_of
from dialer.carrier import Accepted, NoAnswer, Rejected, Seen
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.rules.facts import NO_LIMITS, Proposed
from dialer.rules.gate import Deny, decide
from dialer.store import interactions, messages, people
from dialer.store.models import Attempt, Message, Number, Person
from ivr_flows.turn import MessageAsked

AT_ONCE = 8  # creates under way in one worker
CLOCKS_APART = timedelta(seconds=60)  # between our clock and the carrier's
SENDING_AGAIN = timedelta(seconds=30)
SEGMENT_LIMIT = 1600  # characters; the carrier refuses more (error 21617)


async def plan(session: AsyncSession, op: Operation, attempt: Attempt, asked: MessageAsked, *, at: datetime) -> bool:
    """Put a message in the outbox, in the transaction of the turn that asked for it; False without a known mobile."""
    number = mobile_of(await people.numbers(session, attempt.person_id))
    known = await session.scalar(
        select(Message.id).where(Message.attempt_id == attempt.id, Message.template == asked.template)
    )
    if number is None or known is not None:
        return number is not None
    session.add(
        Message(
            token=secrets.token_urlsafe(12),
            tenant_id=attempt.tenant_id,
            person_id=attempt.person_id,
            attempt_id=attempt.id,
            number_id=number.id,
            template=asked.template,
            purpose=asked.purpose,
            to_number=number.e164,
            from_number=attempt.from_number,
            body=op.database.keyring.seal(asked.text[:SEGMENT_LIMIT]),
            status="planned",
            created_at=at,
            due_at=at,
        )
    )
    await session.flush()
    return True


async def send_due(op: Operation, *, going: Callable[[], bool] = lambda: True) -> int:
    """Send what is planned and due, a few at once, while `going`; how many were asked for."""
    async with op.database.read() as session:
        due = (
            await session.scalars(
                select(Message.id)
                .where(Message.status == "planned", Message.due_at <= op.clock.now())
                .order_by(Message.due_at)
                .limit(50)
            )
        ).all()
    slots = asyncio.Semaphore(AT_ONCE)

    async def send(message_id: int) -> bool:
        async with slots:
            return going() and await _send(op, message_id)

    sent = await asyncio.gather(*map(send, due), return_exceptions=True)  # one that fails does not tear the others
    for outcome in sent:
        if isinstance(outcome, BaseException):
            raise outcome
    return sum(outcome is True for outcome in sent)


async def heard(op: Operation, token: str, status: str, *, sid: str | None = None, error: str | None = None) -> bool:
    """A status callback: merge it; what is final stays. Whether the token is ours."""
    word = {"sent": "sent", "delivered": "delivered", "read": "delivered"}.get(status)
    if status in ("failed", "undelivered"):
        word = "failed"
    async with op.database.write() as session:
        message_id = await session.scalar(select(Message.id).where(Message.token == token))
        if message_id is not None and word is not None:
            await messages.merge(session, message_id, word, at=op.clock.now(), sid=sid, error=error)
    return message_id is not None


async def reconcile(op: Operation) -> int:
    """Messages whose create was never answered: found at the carrier, they are sent; else they count as failed.

    Also those that a stopped process left in `sending`, once their create has surely ended. Never sent a second time.
    """
    now = real_ms()
    unanswered = now - int(op.settings.unknown_grace * 1000)
    abandoned = now - int((op.settings.unknown_grace + op.carrier.longest_create) * 1000)
    async with op.database.read() as session:
        lost = (
            await session.scalars(
                select(Message).where(
                    or_(
                        and_(Message.status == "unknown", Message.sent_real < unanswered),
                        and_(Message.status == "sending", Message.sent_real < abandoned),
                    )
                )
            )
        ).all()
    for message in lost:
        await _find(op, message, abandoned)
    return len(lost)


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


async def _send(op: Operation, message_id: int) -> bool:
    message = await _intend(op, message_id)
    if message is None:
        return False
    answer = await op.carrier.create_message(
        to=message.to_number,
        from_=message.from_number or "",
        body=op.database.keyring.unseal(message.body),
        status_url=op.addresses.message_status(message.token),
    )
    now = op.clock.now()
    async with op.database.write() as session:
        match answer:
            case Accepted(sid=sid):
                await messages.merge(session, message_id, "sent", at=now, sid=sid)
            case Rejected(busy=True):
                await messages.swap(session, message_id, "sending", status="planned", due_at=now + SENDING_AGAIN)
            case Rejected(code=code, message=words):
                await messages.merge(session, message_id, "failed", at=now, error=f"{code} {words}")
            case NoAnswer(why=why):
                await messages.swap(session, message_id, "sending", status="unknown", error=why)
    return True


async def _intend(op: Operation, message_id: int) -> Message | None:
    """Ask the gate and commit the intent, in one transaction; None when it may not be sent now."""
    now = op.clock.now()
    async with op.database.write() as session:
        message = await session.get_one(Message, message_id, populate_existing=True)
        if message.status != "planned":
            return None
        person = await session.get_one(Person, message.person_id, populate_existing=True)
        number = await session.get_one(Number, message.number_id)
        facts = await people.facts(session, person, await people.numbers(session, person.id), debts_due=True)
        proposed = Proposed(
            at=now,
            person=str(person.id),
            number=message.to_number,
            country=number.country,
            channel="sms",
            mode="reply" if message.purpose in ("payment_code", "confirmation") else "text",
            limits=NO_LIMITS,
        )
        decision = decide(facts, proposed, op.packs, now)
        if isinstance(decision, Deny):
            await _put_off(session, message, decision, now)
            return None
        if not await people.touch(session, person.id, person.version):
            return None
        values = {"status": "sending", "sent_real": real_ms(), "tries": message.tries + 1}
        ours = await messages.swap(session, message_id, "planned", **values)  # else another worker took it
        return message if ours else None


async def _put_off(session: AsyncSession, message: Message, decision: Deny, now: datetime) -> None:
    """The gate says not now, or never: on the message, and in the record."""
    values: dict[str, object] = {"due_at": decision.until, "error": decision.reason[:300]}
    if decision.until is None:
        values = {"status": "denied", "error": decision.reason[:300], "finished_at": now}
    if await messages.swap(session, message.id, "planned", **values):
        await interactions.add(
            session,
            tenant_id=message.tenant_id,
            person_id=message.person_id,
            attempt_id=message.attempt_id,
            at=now,
            kind="message_denied",
            detail={"rule": decision.rule, "reason": decision.reason, "citation": decision.citation},
        )
