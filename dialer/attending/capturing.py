"""Acts of an agent who takes a card while they stay on the line: the debtor keys in one figure after another to the
carrier, which charges the card; we learn how far it is and how it came out.

No figure is known here. Nothing is charged before all of them are keyed in, and once only: requests carry keys, the
charge is kept by its confirmation, and news that comes late or twice changes nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import closing
from dialer.addresses import conference_name
from dialer.attending.agreeing import collectable
from dialer.attending.stepping import Known
from dialer.attending.talk import Seat, Talk, present, write_down
from dialer.carrier.cards import Charge
from dialer.debts import charging
from dialer.errors import BadInput, NotFound, Refused
from dialer.operation import Operation
from dialer.rules.follow_up import task_due_at
from dialer.store import attempts, captures, interactions, tasks
from dialer.store.models import Agent, Attempt, CardCapture, Number, Person
from dialer.store.places import place_of
from dialer.tapes import recording
from ivr_flows.running.paying import ASKS_POSTAL_CODE
from ivr_flows.turn import Money, PaidByCard

NUMBER, EXPIRY, POSTAL, CODE = "payment-card-number", "expiration-date", "postal-code", "security-code"
# What the processor writes on the payment: nothing of what it is for.
DESCRIPTIONS = {
    "pt-BR": "Pagamento por telefone", "en-US": "Payment by telephone", "fr-FR": "Paiement par telephone",
}  # fmt: skip
STILL_FOR = timedelta(seconds=30)  # then it is asked what became of it
MOST_REMINDERS = 10  # of a charge without a result; then people look
TRIES = 5  # news of one figure comes at the same moment
UNSAID = "the carrier did not answer"


@dataclass(frozen=True, slots=True)
class News:
    """What the carrier tells of a figure: `digits` keyed in so far (None: it is whole), or what is wrong with it; or
    the `result`, with the processor's `confirmation` of a charge.
    """

    figure: str = ""
    digits: int | None = None
    error: str = ""
    result: str = ""
    confirmation: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether a figure is keyed in, and right."""
        return self.digits is None and not self.error


async def begin(op: Operation, seat: Seat, amount_minor: int) -> None:
    """Begin to take a card for so much of what is owed. BadInput (amount), Refused says what stands in the way."""
    if not op.settings.pay_connector:
        raise Refused("No card can be taken here: no connector of a payment processor is set (TOQUE_PAY_CONNECTOR)")
    try:
        capture, attempt, language = await _intend(op, seat, amount_minor)
    except IntegrityError:
        raise Refused("A card is being taken in this call already. Look at how far it is") from None
    if not await recording.pause_for_card(op, attempt.token):
        await _end(op, capture, "failed", error="recording")
        raise Refused("The recording cannot be paused: no card is asked for. Offer another way to pay")
    url, call = op.addresses.capture(capture.token), str(attempt.sid)
    sid = await op.carrier.cards.begin(call, _charge(op, capture, language), key=capture.token, url=url)
    if sid is None:
        await _end(op, capture, "failed", error=UNSAID)
        raise Refused("The carrier takes no card at the moment: nothing was charged. Offer another way to pay")
    async with op.database.write() as session:
        open_ = await captures.swap(session, capture, at=op.clock.now(), sid=sid, status="open", tries=1)
    if not open_:  # given up meanwhile
        await op.carrier.cards.finish(call, sid, "cancel", key=f"{capture.token}-cancel", url=url)
        return
    await _ask(op, capture.token)
    await _tell(op, capture)


async def again(op: Operation, seat: Seat) -> None:
    """Ask once more for the figure that is due. Refused when no card is being taken."""
    async with op.database.write() as session:
        talk = await present(session, seat)
        capture = await captures.latest(session, talk.attempt.id)
        if capture is None or capture.status != "open":
            raise Refused("No card is being asked for in this call (any more). Begin anew")
        await captures.swap(session, capture, at=op.clock.now(), tries=capture.tries + 1, digits=0, error="")
    await _ask(op, capture.token)


async def give_up(op: Operation, seat: Seat) -> None:
    """Stop taking the card; nothing is charged. Refused while it is being charged."""
    async with op.database.write() as session:
        talk = await present(session, seat)
        capture = await captures.latest(session, talk.attempt.id)
        if capture is None or capture.status not in ("asked", "open"):
            raise Refused("There is no card to give up: it is being charged, or it is over. Wait for the result")
        if not await captures.swap(session, capture, at=op.clock.now(), status="canceled"):
            raise Refused("The card has just moved on. Look at how far it is")
        await write_down(session, op, talk, "card_given_up", {"capture": capture.id})
    url = op.addresses.capture(capture.token)
    if capture.sid is not None:
        key = f"{capture.token}-cancel"
        await op.carrier.cards.finish(str(talk.attempt.sid), capture.sid, "cancel", key=key, url=url)
    await recording.resume_after_card(op, talk.attempt.token)
    await _tell(op, capture)


async def heard(op: Operation, token: str, news: News) -> bool:
    """News of a card; False when none of ours has this token."""
    for _ in range(TRIES):
        async with op.database.read() as session:
            capture = await captures.by_token(session, token)
        if capture is None:
            return False
        if news.result:
            await _over(op, capture, news)
            await _tell(op, capture)
            return True
        if news.figure != capture.figure or capture.status != "open":
            return True  # late, or told twice
        if await _moved(op, capture, news):
            if news.is_whole:
                await _ask(op, token)
            return True
    return True  # others tell of the same figure at this moment: the agent can ask for it again


def due(op: Operation) -> ColumnElement[bool]:
    """Whether a card stands still that should not."""
    return captures.stale(op.clock.now() - STILL_FOR)


async def look_after(op: Operation) -> None:
    """What stands still: calls that are over, creates without an answer, charges without a result."""
    async with op.database.read() as session:
        still = await captures.standing_still(session, op.clock.now() - STILL_FOR)
    for capture, attempt in still:
        if capture.status == "charging":
            await _remind(op, capture, attempt)
        elif attempt.status == "ended":
            await _end(op, capture, "canceled", error="caller-hung-up")
        elif capture.status == "asked":
            await _end(op, capture, "failed", error=UNSAID)


def figures_for(currency: str) -> list[str]:
    """What is asked for, in order."""
    return [NUMBER, EXPIRY, *([POSTAL] if currency in ASKS_POSTAL_CODE else []), CODE]


async def _intend(op: Operation, seat: Seat, amount_minor: int) -> tuple[CardCapture, Attempt, str]:
    """On record before the carrier is asked."""
    async with op.database.write() as session:
        talk = await present(session, seat)
        _must_be_able_to_pay(talk)
        await _must_be_known_how_it_stands(session, talk)
        about = await collectable(session, talk)
        if not 0 < amount_minor <= sum(one.amount_minor for one in about):
            raise BadInput("The amount must be more than nothing and not above what is owed. Look at the debts again")
        now, currency = op.clock.now(), about[0].currency
        capture = CardCapture(
            tenant_id=talk.attempt.tenant_id, attempt_id=talk.attempt.id, agent_id=talk.agent.id,
            token=secrets.token_hex(16), amount_minor=amount_minor, currency=currency,
            debts=[one.id for one in about], figures=figures_for(currency), figure=NUMBER, status="asked",
            created_at=now, moved_at=now,
        )  # fmt: skip
        session.add(capture)
        await session.flush()
        told = {"capture": capture.id, "minor": amount_minor, "currency": currency}
        await write_down(session, op, talk, "card_begun", told)
        await session.refresh(capture)
        return capture, talk.attempt, talk.person.language


async def _must_be_known_how_it_stands(session: AsyncSession, talk: Talk) -> None:
    last = await captures.latest(session, talk.attempt.id)
    if last is not None and last.status == "lost":
        raise Refused("Nobody knows yet whether the last card was charged. Wait until the team has looked it up")


def _must_be_able_to_pay(talk: Talk) -> None:
    if talk.attempt.status != "live" or talk.attempt.sid is None:
        raise Refused("The call is over: no card can be taken in it. Send a payment code instead")
    if talk.attempt.level not in Known:
        raise Refused("It is not known yet who speaks. Confirm the identity first")


def _charge(op: Operation, capture: CardCapture, language: str) -> Charge:
    amount = Decimal(capture.amount_minor).scaleb(-get_currency_precision(capture.currency))
    words = DESCRIPTIONS.get(language, DESCRIPTIONS["en-US"])
    return Charge(f"{amount:f}", capture.currency, op.settings.pay_connector, words, POSTAL in capture.figures)


async def _moved(op: Operation, capture: CardCapture, news: News) -> bool:
    """A figure is whole, wrong, or one key longer; False when somebody else has just said something of it."""
    values: dict[str, Any] = {"digits": news.digits or 0, "error": news.error[:40]}
    if news.is_whole:
        place = capture.figures.index(capture.figure) + 1
        whole = place == len(capture.figures)
        values |= {"tries": 1} | ({"status": "charging"} if whole else {"figure": str(capture.figures[place])})
    async with op.database.write() as session:
        return await captures.swap(session, capture, at=op.clock.now(), **values)


async def _ask(op: Operation, token: str) -> None:
    """Ask the carrier for what the record says comes next. Without an answer the agent asks again, or the worker."""
    async with op.database.read() as session:
        capture = await captures.by_token(session, token)
        attempt = await session.get_one(Attempt, capture.attempt_id) if capture else None
    if capture is None or attempt is None or capture.sid is None:
        return
    url, call = op.addresses.capture(token), str(attempt.sid)
    if capture.status == "charging":
        await op.carrier.cards.finish(call, capture.sid, "complete", key=f"{token}-complete", url=url)
    elif capture.status == "open":
        key = f"{token}-{capture.figure}-{capture.tries}"
        if not await op.carrier.cards.ask(call, capture.sid, capture.figure, key=key, url=url):
            async with op.database.write() as session:
                await captures.swap(session, capture, at=op.clock.now(), error=UNSAID)


async def _over(op: Operation, capture: CardCapture, news: News) -> None:
    """The result: the money is on record before anything else is decided."""
    if news.confirmation:
        await op.database.committed(lambda session: _keep(session, op, capture, news.confirmation))
        await _resume(op, capture)
        return
    words = "canceled" if news.result in ("canceled", "caller-hung-up") else "failed"
    await _end(op, capture, words, error=news.error or news.result)


async def _keep(session: AsyncSession, op: Operation, capture: CardCapture, confirmation: str) -> None:
    attempt = await attempts.held(session, capture.attempt_id)
    debts = tuple(str(one) for one in capture.debts)
    paid = PaidByCard(Money(capture.amount_minor, capture.currency), confirmation, debts)
    if await charging.keep(session, op, attempt, paid):
        await _note(session, op, capture, attempt, "card_charged")
        if attempt.closed_at is not None:
            await closing.close(session, op, await attempts.fresh(session, attempt.id))
    await captures.end(session, capture.id, "charged", at=op.clock.now())


async def _end(op: Operation, capture: CardCapture, status: str, *, error: str) -> None:
    """Nothing was charged; said once."""

    async def commit(session: AsyncSession) -> None:
        attempt = await attempts.held(session, capture.attempt_id)
        if await captures.end(session, capture.id, status, at=op.clock.now(), error=error[:40]):
            await _note(session, op, capture, attempt, "card_not_charged")

    await op.database.committed(commit)
    await _resume(op, capture)


async def _remind(op: Operation, capture: CardCapture, attempt: Attempt) -> None:
    """A charge without a result: the carrier is told again, under the same key; in the end people look."""
    if capture.tries <= MOST_REMINDERS:
        async with op.database.write() as session:
            moved = await captures.swap(session, capture, at=op.clock.now(), tries=capture.tries + 1)
        if moved:
            await _ask(op, capture.token)
        return

    async def commit(session: AsyncSession) -> None:
        held = await attempts.held(session, attempt.id)
        if await captures.end(session, capture.id, "lost", at=op.clock.now(), error=UNSAID):
            await _ask_people(session, op, capture, held)

    await op.database.committed(commit)
    await _resume(op, capture)


async def _ask_people(session: AsyncSession, op: Operation, capture: CardCapture, attempt: Attempt) -> None:
    """Whether a card was charged is not known: somebody looks it up at the processor."""
    person, number = (
        await session.get_one(Person, attempt.person_id),
        await session.get_one(Number, attempt.number_id),
    )
    now, place = op.clock.now(), place_of(number.country, person.region, number.e164)
    await tasks.add(
        session, tenant_id=capture.tenant_id, person_id=person.id, kind="check_card",
        due_at=task_due_at("check_card", now, place), now=now, debts=[int(one) for one in capture.debts],
        attempt_id=attempt.id, detail={"capture": capture.id, "minor": capture.amount_minor},
    )  # fmt: skip
    await _note(session, op, capture, attempt, "card_not_known")


async def _note(session: AsyncSession, op: Operation, capture: CardCapture, attempt: Attempt, kind: str) -> None:
    await interactions.add(
        session, tenant_id=capture.tenant_id, person_id=attempt.person_id, attempt_id=attempt.id, at=op.clock.now(),
        kind=kind, actor="carrier", detail={"capture": capture.id, "minor": capture.amount_minor},
    )  # fmt: skip


async def _resume(op: Operation, capture: CardCapture) -> None:
    async with op.database.read() as session:
        attempt = await session.get_one(Attempt, capture.attempt_id)
    if attempt.status == "live":
        await recording.resume_after_card(op, attempt.token)


async def _tell(op: Operation, capture: CardCapture) -> None:
    """Every window on the agent's desk looks again."""
    async with op.database.read() as session:
        agent = await session.get(Agent, capture.agent_id)
    if agent is None:
        raise NotFound("The agent who took this card is not on record any more")
    await op.fanout.publish(f"desk:{conference_name(agent.leg_token)}", {"acted": True})
