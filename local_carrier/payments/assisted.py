"""Card payments that an agent guides: the Payments subresource of a call. The person stays where they are and keys in
one figure after another; the agent hears no key and is told of dots.

Contract: https://www.twilio.com/docs/voice/api/payment-resource. No figure leaves this module but masked.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from local_carrier.callbacks import Callback
from local_carrier.calls import Call, new_sid
from local_carrier.hearing import speech_seconds
from local_carrier.lines.line import HungUp, Sound
from local_carrier.payments import cards
from local_carrier.payments.pay import CODE, EXPIRY, MOST_CHARGE, NUMBER, POSTAL, PROCESSING_SECONDS, default_words
from local_carrier.rest.errors import Refusal
from local_carrier.rest.orders import Hook

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange

LAWFUL = frozenset(("visa", "mastercard", "amex", "maestro", "discover", "jcb", "diners-club"))
MASKED = {
    NUMBER: "PaymentCardNumber",
    EXPIRY: "ExpirationDate",
    POSTAL: "PaymentCardPostalCode",
    CODE: "SecurityCode",
}
MOST_POSTAL = 12


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is to be charged, and which figures are needed for it. `timeout`: seconds without a key."""

    amount: str
    currency: str
    connector: str
    needed: tuple[str, ...]
    timeout: float

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", self.amount) or float(self.amount) > MOST_CHARGE:
            raise Refusal(20001, f"ChargeAmount {self.amount}")


@dataclass(slots=True, eq=False)
class Session:
    """One payment of one call. `figures` are in the clear and stay here."""

    sid: str
    call: Call
    order: Ordered
    created_at: datetime
    figures: dict[str, str] = field(default_factory=dict, repr=False)
    keys: set[str] = field(default_factory=set)
    task: asyncio.Task[None] | None = None
    over: bool = False

    @property
    def lacking(self) -> list[str]:
        """The figures that are still to be keyed in."""
        return [name for name in self.order.needed if name not in self.figures]


class Assisted:
    """All such payments of the account, by SID."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.sessions: dict[str, Session] = {}
        self._watching: set[asyncio.Task[None]] = set()

    def begin(self, call: Call, order: Ordered, *, key: str, hook: Hook) -> Session:
        """A payment on a call in progress; the same idempotency key gives the same one."""
        for known in self.sessions.values():
            if known.call is call and key in known.keys:
                return known
        if call.status != "in-progress":
            raise Refusal(21220, words="Call is not in-progress")
        if any(one.call is call and not one.over for one in self.sessions.values()):
            raise Refusal(20001, "this call has a payment session already")
        connectors = self._exchange.config.pay_connectors
        if connectors is not None and order.connector not in connectors:
            raise Refusal(20001, f"PaymentConnector {order.connector}")
        made = Session(new_sid("PK"), call, order, self._exchange.clock.now(), keys={key})
        self.sessions[made.sid] = made
        self._start(self._watch(made, hook))
        self._tell(made, hook, {"ChargeAmount": order.amount, "Currency": order.currency})
        return made

    def ask(self, session: Session, figure: str, *, key: str, hook: Hook) -> None:
        """Let the person key in this figure now, also once more."""
        if not self._is_news(session, key):
            return
        if figure not in session.order.needed:
            raise Refusal(20001, f"Capture {figure}")
        self._stop(session)
        session.figures.pop(figure, None)
        session.task = self._start(self._capture(session, figure, hook))

    def finish(self, session: Session, status: str, *, key: str, hook: Hook) -> None:
        """Charge what was keyed in ("complete"), or give it up ("cancel")."""
        if not self._is_news(session, key):
            return
        if status == "complete" and session.lacking:
            raise Refusal(20001, f"Status complete: {', '.join(session.lacking)} not captured yet")
        self._stop(session)
        session.over = True
        if status == "cancel":
            self._end(session, hook, {"Result": "canceled"})
        else:
            session.task = self._start(self._charge(session, hook))

    def _is_news(self, session: Session, key: str) -> bool:
        known = key in session.keys
        session.keys.add(key)
        if not known and session.over:
            raise Refusal(20404, f"Payments/{session.sid}")
        return not known

    async def _capture(self, session: Session, figure: str, hook: Hook) -> None:
        line = session.call.line
        line.hide_keys(hidden=True)
        try:
            words = default_words()[self._language(session)][figure]
            await line.play(Sound(words, "", speech_seconds(words)))  # as the agent asks for it
            digits = await self._digits(session, figure, hook)
        except HungUp:
            return  # the watch tells of it
        finally:
            line.forget_keys()
            line.hide_keys(hidden=False)
        error = self._wrong(session, figure, digits)
        if not error:
            session.figures[figure] = digits
        self._tell(session, hook, {"Capture": figure, **({"ErrorType": error} if error else {})})

    async def _digits(self, session: Session, figure: str, hook: Hook) -> str:
        digits = ""
        while len(digits) < self._most(session, figure, digits):
            key = await session.call.line.listen(session.order.timeout)
            if key is None or key in "#*":
                break
            digits += key
            shown = {MASKED[figure]: "x" * len(digits)}
            self._tell(session, hook, {"Capture": figure, "PartialResult": "true", **shown})
        return digits

    def _most(self, session: Session, figure: str, digits: str) -> int:
        kind = cards.kind_of(session.figures.get(NUMBER, ""))
        lengths = {NUMBER: cards.length_of(digits), EXPIRY: 4, POSTAL: MOST_POSTAL, CODE: 4 if kind == "amex" else 3}
        return lengths[figure]

    def _wrong(self, session: Session, figure: str, digits: str) -> str:
        if not digits:
            return "timeout"
        match figure:
            case "payment-card-number":
                if not cards.checks(digits):
                    return "invalid-card-number"
                return "" if cards.kind_of(digits) in LAWFUL else "invalid-card-type"
            case "expiration-date":
                return "" if cards.runs_until(digits, self._exchange.clock.now().date()) else "invalid-date"
            case "security-code":
                return "" if len(digits) == self._most(session, figure, "") else "invalid-security-code"
            case _:
                return ""

    async def _charge(self, session: Session, hook: Hook) -> None:
        await self._exchange.clock.sleep(PROCESSING_SECONDS)
        number, order = session.figures[NUMBER], session.order
        about = (session.call.sid, order.amount, order.currency.lower())
        now = self._exchange.clock.now()
        made = self._exchange.processor.charge(number, cards.kind_of(number), about=about, at=now)
        if made is None:
            why = {"PaymentError": "the card was declined", "PayErrorCode": "64001"}
            told = {"Result": "payment-connector-error", **why}
        else:
            told = {"Result": "success", "PaymentConfirmationCode": made.confirmation}
        self._end(session, hook, told)

    async def _watch(self, session: Session, hook: Hook) -> None:
        """When the call ends, so does a payment that was not completed by then."""
        await session.call.finished.wait()
        if not session.over:
            self._stop(session)
            self._end(session, hook, {"Result": "caller-hung-up"})

    def _end(self, session: Session, hook: Hook, told: dict[str, str]) -> None:
        session.over = True
        session.call.note(self._exchange.clock.now(), "pay", told["Result"])
        self._tell(session, hook, told)
        session.figures.clear()

    def _stop(self, session: Session) -> None:
        if session.task is not None:
            session.task.cancel()
            session.task = None

    def _language(self, session: Session) -> str:
        order = session.call.order
        person = self._exchange.people.at(order.from_ if session.call.direction == "inbound" else order.to)
        tongue = person.language.partition("-")[0]
        return tongue if tongue in default_words() else "en"

    def _tell(self, session: Session, hook: Hook, more: dict[str, str]) -> None:
        masked = {MASKED[name]: self._masked(name, figure) for name, figure in session.figures.items()}
        about = {"AccountSid": self._exchange.config.account_sid, "CallSid": session.call.sid, "Sid": session.sid}
        fixed = {"PaymentMethod": "credit-card", "PaymentConnector": session.order.connector}
        params = {**about, **fixed, "Required": ", ".join(session.lacking), **masked, **more}
        self._exchange.callbacks.send(Callback("status", hook, params, session.call.sid))

    @staticmethod
    def _masked(name: str, figure: str) -> str:
        return cards.masked(figure) if name == NUMBER else "x" * len(figure) if name == CODE else figure

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)
        return task

    async def close(self) -> None:
        """End everything that is under way."""
        for task in tuple(self._watching):
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
