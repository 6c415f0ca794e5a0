"""Acts on text messages that come in: kept, understood, carried out, and answered without a word of what it is about.

An opt-out is committed before it is confirmed. The same message told twice (its sid says so) gets the same answer
and changes nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import barring, noting
from dialer.operation import Operation
from dialer.recognising import Party, party_at
from dialer.rules import keywords, replies
from dialer.rules.facts import NO_LIMITS, Facts, Proposed
from dialer.rules.gate import Decision, Deny, decide
from dialer.rules.keywords import Meaning
from dialer.rules.segments import size_of
from dialer.store import campaigns, interactions, messages, people, tasks
from dialer.store.database import lost_a_deadlock
from dialer.store.models import Message, Tenant

log = structlog.get_logger("toque.replying")

TRIES = 3  # two first messages of one number at the same instant, or a deadlock that was lost
ANSWER_WITHIN = timedelta(days=1)  # that people should have read a message
WORTH_READING = 6  # words: an opt-out that is longer may say something more
# How long the same answer is not given again to a number: one confirmation, and no endless talk between machines.
ONCE_IN: dict[replies.Kind, timedelta] = {
    "opt_out": timedelta(days=1),
    "opt_in": timedelta(hours=1),
    "help": timedelta(hours=1),
    "received": timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text message to one of our numbers. `from_` is E.164, or whatever a sender that is no telephone is called.

    `told` is what the carrier itself took it for and acted on, if it said so; it then answers by itself.
    """

    sid: str
    from_: str
    to: str
    body: str
    told: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; `token` is of the record of it."""

    token: str
    body: str


async def receive(op: Operation, text: Incoming) -> Reply | None:
    """Keep a message, do what it asks, and say what is answered (None: nothing)."""
    for tries in range(1, TRIES + 1):
        try:
            async with op.database.write() as session:
                freed, reply = await _receive(session, op, text)
            break
        except DBAPIError as error:
            again = isinstance(error, IntegrityError) or lost_a_deadlock(error)
            if tries == TRIES or not again:
                raise
    await barring.stop_calls(op, freed)
    return reply


async def _receive(session: AsyncSession, op: Operation, text: Incoming) -> tuple[list[int], Reply | None]:
    """The people whose calls end, and the answer."""
    if await session.scalar(select(Message.id).where(Message.sid == text.sid)) is not None:
        return [], await _given(session, op, text)
    tenant = await campaigns.tenant(session)
    party = await party_at(session, op, tenant.id, text.from_, ours=text.to)
    read = keywords.read(text.body)
    meaning = text.told or read.meaning
    freed: list[int] = []
    match meaning:
        case "opt_out":
            freed = await barring.leave_alone(session, tenant.id, text.from_, at=op.clock.now(), by="text")
        case "opt_in" if not await barring.text_again(session, tenant.id, text.from_, at=op.clock.now()):
            meaning = "reply"  # nothing was ended by text: "yes" was an answer to something
        case _:
            pass
    kept = await _keep(session, op, party, text, meaning)
    if meaning == "reply" or (meaning == "opt_out" and len(text.body.split()) > WORTH_READING):
        await _for_people(session, op, party)
    answered_already = text.told is not None or (read.carrier_acts and op.settings.carrier_answers_stop)
    if meaning != "reply" and answered_already:
        return freed, None
    kind: replies.Kind = "received" if meaning == "reply" else meaning
    answered = await _answer(session, op, tenant, party, text, kind)
    if answered is not None:
        await messages.same_campaign(session, answered.token, kept.campaign_id)
    return freed, answered


async def _keep(session: AsyncSession, op: Operation, party: Party, text: Incoming, meaning: Meaning) -> Message:
    """The message on record, counted with the campaign that was the last to call the person."""
    now, person = op.clock.now(), party.person
    kept = _message(op, party, text, text.body)
    kept.campaign_id = await messages.last_campaign(session, person.id) if party.known else None
    kept.direction, kept.status, kept.sid = "in", "received", text.sid
    kept.template, kept.purpose, kept.read_as = "incoming", "reply", meaning
    session.add(kept)
    await session.flush()
    await interactions.add(
        session,
        tenant_id=person.tenant_id,
        person_id=person.id,
        at=now,
        kind="text_received",
        actor="debtor" if party.known else "caller",
        detail={"read_as": meaning},
    )
    return kept


def _message(op: Operation, party: Party, text: Incoming, body: str) -> Message:
    now, person = op.clock.now(), party.person
    return Message(
        token=secrets.token_urlsafe(12),
        tenant_id=person.tenant_id,
        person_id=person.id,
        number_id=party.number.id,
        to_number=text.from_,
        from_number=text.to,
        body=op.database.keyring.seal(body),
        segments=size_of(body).segments,
        created_at=now,
        due_at=now,
        finished_at=now,
    )


async def _for_people(session: AsyncSession, op: Operation, party: Party) -> None:
    """Somebody of the team reads it; one task is enough for all that a person writes until then."""
    now, person = op.clock.now(), party.person
    if not await tasks.is_open(session, person.id, "answer_text"):
        await tasks.add(
            session,
            tenant_id=person.tenant_id,
            person_id=person.id,
            kind="answer_text",
            due_at=now + ANSWER_WITHIN,
            now=now,
        )


async def _answer(
    session: AsyncSession, op: Operation, tenant: Tenant, party: Party, text: Incoming, kind: replies.Kind
) -> Reply | None:
    """The answer, if the gate lets it pass and it was not given a short while ago; on record as sent."""
    now = op.clock.now()
    template = f"reply_{kind}"
    if not text.from_.startswith("+") or await messages.sent_since(
        session, text.from_, template, since=now - ONCE_IN[kind]
    ):
        return None
    word = await _word(session, op, party, kind)
    if word is None or isinstance(word[0], Deny):
        return None
    values = {
        "caller_name": op.settings.caller_name or tenant.name,
        "official_site": op.settings.official_site,
        "official_number": op.settings.official_number or text.to,
    }
    body = replies.words(kind, party.person.language, values)
    sent = _message(op, party, text, body)
    sent.token, sent.template, sent.purpose = _token_of(text), template, "confirmation"
    sent.status, sent.finished_at = "sent", None
    session.add(sent)
    await session.flush()
    await noting.message_word(session, sent, word[0], noting.word(*word), at=now)
    return Reply(sent.token, body)


async def _word(
    session: AsyncSession, op: Operation, party: Party, kind: replies.Kind
) -> tuple[Decision, Facts, Proposed] | None:
    """The gate's word and what it was told; None for a bare receipt to somebody who wants no texts."""
    now, person, number = op.clock.now(), party.person, party.number
    facts = await people.facts(session, person, [number], debts_due=True)
    ended = any(
        bar.kind == "opt_out" and bar.channel in (None, "sms") and bar.holds(now) for bar in facts.suppressions
    )
    if kind == "received" and ended:
        return None
    proposed = Proposed(
        at=now,
        person=str(person.id),
        number=number.e164,
        country=number.country,
        channel="sms",
        mode="reply",
        limits=NO_LIMITS,
    )
    decision = decide(facts, proposed, op.packs, now)
    if isinstance(decision, Deny):
        log.info("text_not_answered", rule=decision.rule)
    return decision, facts, proposed


async def _given(session: AsyncSession, op: Operation, text: Incoming) -> Reply | None:
    """The answer that this message had."""
    token = _token_of(text)
    body = await session.scalar(select(Message.body).where(Message.token == token))
    return Reply(token, op.database.keyring.unseal(body)) if body is not None else None


def _token_of(text: Incoming) -> str:
    """The answer's token follows from the message, so that a repeat finds it."""
    return "re" + hashlib.sha256(text.sid.encode()).hexdigest()[:28]
