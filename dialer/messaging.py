"""Acts of the outbox: a message is committed before the carrier is asked, and asked for only once.

It has the same life as an attempt: planned, sending, sent, delivered or failed; unknown when the answer was lost.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.callers import mobile_of
from dialer.carrier import Accepted, NoAnswer, Rejected
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.rules.facts import NO_LIMITS, Proposed
from dialer.rules.gate import Allow, Deny, decide
from dialer.store import interactions, people
from dialer.store.models import Attempt, Message, Number, Person
from ivr_flows.turn import MessageAsked

ORDER = ("planned", "sending", "unknown", "sent", "delivered", "failed", "denied")
FINAL = ("delivered", "failed", "denied")
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


async def send_due(op: Operation) -> int:
    """Send what is planned and due, one by one; how many were asked for."""
    async with op.database.read() as session:
        due = (
            await session.scalars(
                select(Message.id)
                .where(Message.status == "planned", Message.due_at <= op.clock.now())
                .order_by(Message.due_at)
                .limit(50)
            )
        ).all()
    return sum([await _send(op, message_id) for message_id in due])


async def heard(op: Operation, token: str, status: str, *, error: str | None = None) -> bool:
    """A status callback: merge it; what is final stays. Whether the token is ours."""
    word = {"sent": "sent", "delivered": "delivered", "read": "delivered"}.get(status)
    if status in ("failed", "undelivered"):
        word = "failed"
    async with op.database.write() as session:
        message = await session.scalar(select(Message).where(Message.token == token))
        if message is None:
            return False
        if word and message.status not in FINAL and ORDER.index(word) > ORDER.index(message.status):
            values = {"status": word, "error": error, **({"finished_at": op.clock.now()} if word in FINAL else {})}
            await session.execute(
                update(Message)
                .where(Message.id == message.id, Message.status == message.status)
                .values(**values)
                .execution_options(synchronize_session=False)
            )
    return True


async def reconcile(op: Operation) -> int:
    """Messages whose create was never answered: found at the carrier, they are sent; else they count as failed.

    Also those that a stopped process left in `sending`. Never sent a second time.
    """
    before = real_ms() - int(op.settings.unknown_grace * 1000)
    async with op.database.read() as session:
        lost = (
            await session.scalars(
                select(Message).where(Message.status.in_(("sending", "unknown")), Message.sent_real < before)
            )
        ).all()
    for message in lost:
        found = await op.carrier.find_messages(
            to=message.to_number, from_=message.from_number or "", since=message.created_at - timedelta(seconds=2)
        )
        if found is None:
            continue
        body = op.database.keyring.unseal(message.body)
        sid = next((seen.sid for seen, text in found if text == body), None)
        await _settle(op, message.id, "sent" if sid else "failed", sid=sid, error=None if sid else "never arrived")
    return len(lost)


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
    match answer:
        case Accepted(sid=sid):
            await _settle(op, message_id, "sent", sid=sid)
        case Rejected(busy=True):
            await _settle(op, message_id, "planned", due_at=op.clock.now() + SENDING_AGAIN)
        case Rejected(code=code, message=words):
            await _settle(op, message_id, "failed", error=f"{code} {words}")
        case NoAnswer(why=why):
            await _settle(op, message_id, "unknown", error=why)
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
        match decision:
            case Allow():
                if not await people.touch(session, person.id, person.version):
                    return None
                message.status, message.sent_real, message.tries = "sending", real_ms(), message.tries + 1
            case Deny(until=None):
                message.status, message.error, message.finished_at = "denied", decision.reason, now
            case Deny(until=datetime() as until):
                message.due_at, message.error = until, decision.reason
        if isinstance(decision, Deny):
            await interactions.add(
                session,
                tenant_id=message.tenant_id,
                person_id=person.id,
                attempt_id=message.attempt_id,
                at=now,
                kind="message_denied",
                detail={"rule": decision.rule, "reason": decision.reason, "citation": decision.citation},
            )
            return None
    return message


async def _settle(op: Operation, message_id: int, status: str, **values: object) -> None:
    if status in FINAL:
        values["finished_at"] = op.clock.now()
    async with op.database.write() as session:
        await session.execute(
            update(Message)
            .where(Message.id == message_id, Message.status.in_(("sending", "unknown")))
            .values(status=status, **values)
            .execution_options(synchronize_session=False)
        )
