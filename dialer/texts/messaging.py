"""Acts of the outbox: a message is committed before the carrier is asked, and asked for only once.

It has the same life as an attempt: planned, sending, sent, delivered or failed; unknown when the answer was lost.
What the carrier says of it is merged (`store.messages`): duplicated, late and simultaneous news end in one record.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import structlog
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import noting, suppressing
from dialer.callers import MOBILE, payable, texted_at, today_at
from dialer.carrier.client import Accepted, NoAnswer, Rejected
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.rules.clearance import Clearance, clear
from dialer.rules.facts import NO_LIMITS, Content, Facts, Mode, Place, Proposed
from dialer.rules.gate import HOUSE, REPLY_WITHIN, Decision, Deny, decide
from dialer.rules.segments import BODY_LIMIT, size_of
from dialer.store import messages, people, promises
from dialer.store.models import Attempt, Debt, Message, Number, Person
from ivr_flows.turn import MessageAsked

log = structlog.get_logger("toque.messaging")

AT_ONCE = 8  # creates under way in one worker
SENDING_AGAIN = timedelta(seconds=30)
OPTED_OUT_CODES = frozenset({"21610"})  # the person has told the carrier STOP (twilio.com/docs/api/errors/21610)
WORDS = {  # of the carrier -> ours; the others (queued, sending, …) say nothing new
    "sent": "sent", "delivered": "delivered", "read": "delivered",
    "failed": "failed", "undelivered": "failed", "canceled": "failed",
}  # fmt: skip
ASKED_FOR = ("payment_code", "confirmation")


async def plan(session: AsyncSession, op: Operation, attempt: Attempt, asked: MessageAsked, *, at: datetime) -> bool:
    """Put a message in the outbox, in the transaction of the turn that asked for it; False without a known mobile.

    A text that the carrier would refuse for its length is kept as failed, whole: nothing of it is cut off.
    """
    person = await session.get_one(Person, attempt.person_id)
    number = await texted_at(session, op, person, await people.numbers(session, person.id))
    known = await session.scalar(
        select(Message.id).where(Message.attempt_id == attempt.id, Message.template == asked.template)
    )
    if number is None or known is not None:
        return number is not None
    too_long = len(asked.text) > BODY_LIMIT
    if too_long:
        log.error("message_too_long", template=asked.template, flow=attempt.flow, todo=f"{BODY_LIMIT} characters fit")
    session.add(
        Message(
            token=secrets.token_urlsafe(12),
            tenant_id=attempt.tenant_id,
            person_id=attempt.person_id,
            campaign_id=attempt.campaign_id,
            attempt_id=attempt.id,
            number_id=number.id,
            template=asked.template,
            purpose=asked.purpose,
            to_number=number.e164,
            from_number=attempt.from_number,
            body=op.database.keyring.seal(asked.text),
            segments=size_of(asked.text).segments,
            status="failed" if too_long else "planned",
            error=f"longer than the {BODY_LIMIT} characters that a message may have" if too_long else None,
            created_at=at,
            due_at=at,
            finished_at=at if too_long else None,
        )
    )
    await session.flush()
    return True


def due(op: Operation) -> ColumnElement[bool]:
    """Whether a text is to be sent now."""
    return exists().where(messages.due(op.clock.now()))


async def send_due(op: Operation, *, going: Callable[[], bool] = lambda: True) -> int:
    """Send what is planned and due, a few at once, while `going`; how many were asked for."""
    async with op.database.read() as session:
        planned = (
            await session.scalars(
                select(Message.id).where(messages.due(op.clock.now())).order_by(Message.due_at).limit(50)
            )
        ).all()
    slots = asyncio.Semaphore(AT_ONCE)

    async def send(message_id: int) -> bool:
        async with slots:
            return going() and await _send(op, message_id)

    sent = await asyncio.gather(
        *map(send, planned), return_exceptions=True
    )  # one that fails does not tear the others
    for outcome in sent:
        if isinstance(outcome, BaseException):
            raise outcome
    return sum(outcome is True for outcome in sent)


async def heard(op: Operation, token: str, status: str, *, sid: str | None = None, error: str | None = None) -> bool:
    """A status callback: merge it; what is final stays. Whether the token is ours."""
    word = WORDS.get(status)
    async with op.database.write() as session:
        message_id = await session.scalar(select(Message.id).where(Message.token == token))
        if message_id is not None and word is not None:
            news = await messages.merge(session, message_id, word, at=op.clock.now(), sid=sid, error=error)
            if news and error in OPTED_OUT_CODES:
                await _told_carrier_stop(session, message_id, op.clock.now())
    return message_id is not None


async def _send(op: Operation, message_id: int) -> bool:
    intent = await _intend(op, message_id)
    if intent is None:
        return False
    message = intent.message
    answer = await op.carrier.create_message(
        to=message.to_number,
        from_=message.from_number or "",
        body=op.database.keyring.unseal(message.body),
        status_url=op.addresses.message_status(message.token),
        leave=intent.leave,
    )
    now = op.clock.now()
    async with op.database.write() as session:
        match answer:
            case Accepted(sid=sid):
                await messages.merge(session, message_id, "sent", at=now, sid=sid)
            case Rejected(busy=True):
                await messages.swap(session, message_id, "sending", status="planned", due_at=now + SENDING_AGAIN)
            case Rejected(code=code, message=words):
                news = await messages.merge(session, message_id, "failed", at=now, error=f"{code} {words}")
                if news and str(code) in OPTED_OUT_CODES:
                    await _told_carrier_stop(session, message_id, now)
            case NoAnswer(why=why):
                await messages.swap(session, message_id, "sending", status="unknown", error=why)
    return True


async def _told_carrier_stop(session: AsyncSession, message_id: int, now: datetime) -> None:
    """The carrier knows of an opt-out that we have not heard of: no more texts to this number."""
    message = await session.get_one(Message, message_id)
    person = await session.get_one(Person, message.person_id)
    await suppressing.suppress(
        session, person, "opt_out", at=now, number=message.to_number, channel="sms", source=suppressing.CARRIER
    )
    await messages.withdraw(session, person.id, at=now, why="the person has opted out of texts")


@dataclass(frozen=True, slots=True)
class _Intent:
    """A text that is about to be asked for: committed as being sent, with the gate's leave."""

    message: Message
    leave: Clearance


@dataclass(frozen=True, slots=True)
class _Word:
    """The gate's word about a text, and what it was told; None where our own look came first."""

    decision: Decision
    facts: Facts | None = None
    proposed: Proposed | None = None


async def _intend(op: Operation, message_id: int) -> _Intent | None:
    """Ask the gate and commit the intent, in one transaction; None when it may not be sent now."""
    now = op.clock.now()
    async with op.database.write() as session:
        message = await session.get_one(Message, message_id, populate_existing=True)
        if message.status != "planned":
            return None
        person = await session.get_one(Person, message.person_id, populate_existing=True)
        word = await _decide(session, op, message, person)
        if isinstance(word.decision, Deny):
            await _put_off(session, message, word, now)
            return None
        assert word.proposed is not None, "the gate alone says yes"
        if not await people.touch(session, person.id, person.version):
            return None
        values = {"status": "sending", "sent_real": real_ms(), "tries": message.tries + 1}
        ours = await messages.swap(session, message_id, "planned", **values)  # else another worker took it
        if not ours:
            return None
        said = noting.word(word.decision, word.facts, word.proposed)
        await noting.message_word(session, message, word.decision, said, at=now)
        return _Intent(message, clear(word.decision, word.proposed))


async def _decide(session: AsyncSession, op: Operation, message: Message, person: Person) -> _Word:
    """The gate's word with the record of now, and whether the words are still true: it may have waited for days."""
    now = op.clock.now()
    number = await session.get_one(Number, message.number_id, populate_existing=True)
    owed = await people.debts(session, person.id)
    if number.status != "usable" or number.line_type not in MOBILE:
        return _Word(Deny("NUMBER_UNUSABLE", "the number is no known mobile of the person (any more)", HOUSE))
    if await texted_at(session, op, person, [number]) is None:
        return _Word(Deny("OPT_OUT", "texts to this number were ended by text", HOUSE))
    if message.purpose == "payment_code" and owed and not _payable_still(op, message, number, owed):
        return _Word(
            Deny("PAYMENT_CODE_OVER", "the payment code has expired, or its debt is not open any more", HOUSE)
        )
    reminds = message.template == promises.REMINDER
    if reminds and not await promises.stands(session, message.attempt_id or 0, on=today_at(op, number)):
        return _Word(Deny("PROMISE_OVER", "the promise is settled, or its day has passed", HOUSE))
    fresh = now - message.created_at <= REPLY_WITHIN
    mode: Mode = "reply" if message.purpose in ASKED_FOR and fresh else "text"
    due = bool(owed) or message.purpose == "confirmation"
    facts = await people.facts(session, person, await people.numbers(session, person.id), debts_due=due)
    proposed = Proposed(
        at=now,
        person=str(person.id),
        number=message.to_number,
        country=number.country,
        channel="sms",
        mode=mode,
        line_type=number.line_type,
        place=cast("Place | None", number.place),
        about_promise=reminds,
        content=Content(text=op.database.keyring.unseal(message.body)),
        limits=NO_LIMITS,
    )
    return _Word(decide(facts, proposed, op.packs, now), facts, proposed)


def _payable_still(op: Operation, message: Message, number: Number, owed: Sequence[Debt]) -> bool:
    """Whether the text holds the code of a debt that is open, and that may be paid with it today."""
    text = op.database.keyring.unseal(message.body)
    today = today_at(op, number)
    return any(str(way["code"]) in text for debt in owed for way in payable(debt, today))


async def _put_off(session: AsyncSession, message: Message, word: _Word, now: datetime) -> None:
    """The gate says not now, or never: on the message, and in the record."""
    decision = word.decision
    assert isinstance(decision, Deny), "only a no puts off"
    values: dict[str, object] = {"due_at": decision.until, "error": decision.reason[:300]}
    if decision.until is None:
        values = {"status": "denied", "error": decision.reason[:300], "finished_at": now}
    if await messages.swap(session, message.id, "planned", **values):
        said = noting.word(decision, word.facts, word.proposed)
        await noting.message_word(session, message, decision, said, at=now)
