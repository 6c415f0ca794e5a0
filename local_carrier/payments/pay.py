"""Performs `<Pay>`: asks for the card's figures with keys hidden, charges it, reports the result with all masked.

twilio.com/docs/voice/twiml/pay. No figure of the card leaves this module but masked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import yaml

from local_carrier.callbacks import Callback
from local_carrier.calls import Fetch, Source
from local_carrier.hearing import speech_seconds
from local_carrier.lines.line import HungUp, Sound
from local_carrier.payments import cards
from local_carrier.verbs import Verb

if TYPE_CHECKING:
    from local_carrier.performing import Performer

PROCESSING_SECONDS = 3.0
MOST_CHARGE = 1_000_000
NUMBER, EXPIRY, POSTAL, CODE = "payment-card-number", "expiration-date", "postal-code", "security-code"


class Stopped(Exception):
    """The capture is over before the charge; the words are Twilio's Result."""


@dataclass(frozen=True, slots=True)
class Step:
    """One figure asked for: its name in <Prompt for>, how many digits at most, what is wrong with it ("" nothing)."""

    name: str
    most: Callable[[str], int]
    wrong: Callable[[str], str]


@cache
def default_words() -> dict[str, dict[str, str]]:
    """Return what is said without a <Prompt>, by language and step."""
    found = resources.files("local_carrier") / "payments" / "prompts.yaml"
    words: dict[str, dict[str, str]] = yaml.safe_load(found.read_text(encoding="utf-8"))
    return words


async def pay(performer: Performer, verb: Verb) -> Source | None:
    """Perform the verb; the action is asked in any case, also when the person has hung up."""
    capture = Capture(performer, verb)
    line = performer.call.line
    fault = _fault(performer, verb)
    if fault:
        return capture.ended(*fault)
    line.hide_keys(hidden=True)
    try:
        return await capture.run()
    except Stopped as stopped:
        return capture.ended(str(stopped))
    except HungUp:
        performer.exchange.finish(performer.call, "completed")
        following = capture.ended("caller-hung-up")
        await performer.request(following.hook, following.params)
        raise
    finally:
        line.forget_keys()
        line.hide_keys(hidden=False)


def _fault(performer: Performer, verb: Verb) -> tuple[str, str] | None:
    action = performer.action(verb).url
    if urlsplit(action).scheme != "https" and urlsplit(action).hostname not in ("127.0.0.1", "localhost", "::1"):
        performer.exchange.warn(12200, performer.call.sid, f"<Pay> action {action} must be https in production")
    amount, attempts = verb.get("chargeAmount", "0"), verb.get("maxAttempts", "1")
    if not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", amount) or float(amount) > MOST_CHARGE:
        return "validation-error", f"chargeAmount {amount} is no amount between 0 and {MOST_CHARGE}"
    if attempts not in ("1", "2", "3"):
        return "validation-error", f"maxAttempts {attempts} is not between 1 and 3"
    if not re.fullmatch(r"[A-Za-z]{3}", verb.get("currency", "usd")):
        return "validation-error", f"currency {verb.get('currency')} is no code of three letters"
    connectors = performer.exchange.config.pay_connectors
    connector = verb.get("paymentConnector", "Default")
    if connectors is not None and connector not in connectors:
        return "payment-connector-error", f"there is no payment connector {connector}"
    return None


@dataclass(slots=True)
class Capture:
    """One card being keyed in. `figures` are in the clear and stay here."""

    performer: Performer
    verb: Verb
    figures: dict[str, str] = field(default_factory=dict, repr=False)

    async def run(self) -> Fetch:
        """Ask for every figure, then charge; Stopped when it comes to an early end."""
        for step in self._steps():
            self.figures[step.name] = await self._asked(step)
        return await self._charged()

    def ended(self, result: str, error: str = "", **more: str) -> Fetch:
        """Return the request that tells the result, which goes to the statusCallback as well."""
        params = {"Result": result, **self._known(), **more}
        if error:
            params["PaymentError"] = error
        self._tell(params)
        self.performer.call.note(self.performer.exchange.clock.now(), "pay", result)
        return Fetch(self.performer.action(self.verb), params)

    def _steps(self) -> list[Step]:
        verb, today = self.verb, self.performer.exchange.clock.now().date()
        lawful = set((verb.get("validCardTypes") or "visa mastercard amex").replace(",", " ").split())

        def number(digits: str) -> str:
            if not cards.checks(digits):
                return "invalid-card-number"
            return "" if cards.kind_of(digits) in lawful else "invalid-card-type"

        def code(digits: str) -> str:
            return "" if len(digits) == self._code_length() else "invalid-security-code"

        least = verb.whole("minPostalCodeLength", 1)
        steps = [
            Step(NUMBER, cards.length_of, number),
            Step(EXPIRY, lambda _: 4, lambda d: "" if cards.runs_until(d, today) else "invalid-date"),
        ]
        if verb.get("postalCode", "true").lower() == "true":
            steps.append(Step(POSTAL, lambda _: 12, lambda d: "" if len(d) >= least else "invalid-postal-code"))
        if verb.says_yes("securityCode", default=True):
            steps.append(Step(CODE, lambda _: self._code_length(), code))
        return steps

    def _code_length(self) -> int:
        return 4 if cards.kind_of(self.figures.get(NUMBER, "")) == "amex" else 3

    async def _asked(self, step: Step) -> str:
        error = ""
        for attempt in range(1, self.verb.whole("maxAttempts", 1) + 1):
            self._progress(step.name, attempt, error)
            await self._say(step.name, attempt, error)
            digits = await self._digits(step)
            error = step.wrong(digits) if digits else "timeout"
            if not error:
                return digits
        raise Stopped("too-many-failed-attempts")

    async def _digits(self, step: Step) -> str:
        digits = ""
        while len(digits) < step.most(digits):
            key = await self.performer.call.line.listen(self.verb.seconds("timeout", 5))
            if key == "*":
                raise Stopped("caller-interrupted-with-star")
            if key is None or key == "#":
                break
            digits += key
        self.performer.call.line.forget_keys()
        return digits

    async def _say(self, name: str, attempt: int, error: str) -> None:
        prompt = self._prompt(name, attempt, error)
        line = self.performer.call.line
        if prompt is not None:
            for sound in prompt.children:
                if await self.performer.sound(sound, keys_stop_it=True):
                    return
            return
        language = self.verb.get("language", "en-US")
        words = default_words().get(language.split("-")[0].lower(), default_words()["en"])
        text = f"{words['again']} {words[name]}" if error else words[name]
        await line.play(Sound(text, language, speech_seconds(text)), keys_stop_it=True)

    def _prompt(self, name: str, attempt: int, error: str) -> Verb | None:
        facts = {"for": name, "attempt": str(attempt), "errorType": error,
                 "cardType": cards.kind_of(self.figures.get(NUMBER, ""))}  # fmt: skip
        fitting = [
            prompt
            for prompt in self.verb.children
            if prompt.tag == "Prompt" and all(facts[a] in prompt.get(a).split() for a in facts if prompt.get(a))
        ]
        return max(fitting, key=lambda prompt: sum(bool(prompt.get(a)) for a in facts), default=None)

    async def _charged(self) -> Fetch:
        performer, verb = self.performer, self.verb
        self._progress("payment-processing", 1, "")
        await self._say("payment-processing", 1, "")
        await performer.call.line.play(Sound("", "", PROCESSING_SECONDS))
        number, amount = self.figures[NUMBER], verb.get("chargeAmount", "0")
        about = (performer.call.sid, amount, verb.get("currency", "usd").lower())
        made = performer.exchange.processor.charge(
            number, cards.kind_of(number), about=about, at=performer.exchange.clock.now()
        )
        if made is None:
            return self.ended("payment-connector-error", "the card was declined", PayErrorCode="64001")
        if float(amount) == 0:
            return self.ended("success", PaymentToken=made.confirmation)
        return self.ended("success", PaymentConfirmationCode=made.confirmation)

    def _known(self) -> dict[str, str]:
        params = {"PaymentMethod": self.verb.get("paymentMethod", "credit-card")}
        if number := self.figures.get(NUMBER):
            params |= {"PaymentCardNumber": cards.masked(number), "PaymentCardType": cards.kind_of(number)}
        if expiry := self.figures.get(EXPIRY):
            params["ExpirationDate"] = expiry
        if postal := self.figures.get(POSTAL):
            params["PaymentCardPostalCode"] = postal
        if code := self.figures.get(CODE):
            params["SecurityCode"] = "x" * len(code)
        return params

    def _progress(self, name: str, attempt: int, error: str) -> None:
        self._tell(
            {
                "For": name,
                "Attempt": str(attempt),
                **({"ErrorType": error} if error else {}),
                **self._known(),
            }
        )

    def _tell(self, params: dict[str, str]) -> None:
        told, performer = self.verb.get("statusCallback"), self.performer
        if not told:
            return
        about = {"AccountSid": performer.exchange.config.account_sid, "CallSid": performer.call.sid}
        hook = performer.hook(told, self.verb.get("statusCallbackMethod", "POST"))
        performer.exchange.callbacks.send(Callback("status", hook, about | params, performer.call.sid))
