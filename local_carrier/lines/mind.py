"""What a simulated person decides to press. Decides only by what was heard; no clock, no telephony."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from local_carrier.lines.people import Person
from local_carrier.lines.understanding import Offer, understand, vocabulary

IDENTITY_QUESTIONS = ("document_last3", "birth_year", "postal_code")
# What is keyed in when asked, unless the people file knows better.
USUAL = {"hour": "1500", "phone_to_stop": ""}
# Numbers that payment processors publish for trials; no bank has issued them.
CARD = {"card_number": "4242424242424242", "card_expiry": "1230", "card_code": "123"}
CARD_POSTAL_CODE = "10001"
CARDS: dict[str, dict[str, str]] = {
    "none": {},
    "good": CARD,
    "declined": CARD | {"card_number": "4000000000000002"},
    "star": CARD | {"card_code": "*"},
}


class Mind:
    """One person's attention during one call: heard since the last key, and what has been done so far."""

    def __init__(self, person: Person, *, calling: bool = False) -> None:
        self._person = person
        self._attends = calling or person.persona.pickup in ("human", "screening")
        self._heard: list[str] = []
        self._language = person.language
        self._pressed: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._wrong_left = person.persona.wrong_keys
        self._content = False
        self.awaits_agent = False

    def hears(self, words: str, language: str) -> None:
        """Take in an utterance; its language is the voice's own when it says which."""
        if words:
            self._heard.append(words if words.rstrip().endswith((".", "?", "!")) else words + ".")
            self._language = language or self._language

    def decides(self) -> str | None:
        """Return the keys to press now, or None; pressing forgets what was heard."""
        if not self._heard or not self._attends:
            return None
        offer = understand(" ".join(self._heard), vocabulary(self._language), self._names())
        keys = self._wrong_keys(offer) or self._figures(offer) or self._choice(offer)
        if keys is not None:
            self._heard.clear()
        return keys

    def peeks(self, words: str, language: str) -> bool:
        """Tell whether this utterance, once heard, would make the person press something."""
        probe = Mind(self._person, calling=self._attends)
        probe._pressed, probe._asked = self._pressed.copy(), self._asked.copy()
        probe._wrong_left, probe._content = self._wrong_left, self._content
        probe._heard = list(self._heard)
        probe.hears(words, language)
        return probe.decides() is not None

    def _names(self) -> Sequence[str]:
        full = self._person.name
        return [full, *full.split()] if full else []

    def _wrong_keys(self, offer: Offer) -> str | None:
        if self._wrong_left <= 0 or not (offer.options or offer.questions):
            return None
        self._wrong_left -= 1
        offered = {option.key for option in offer.options}
        return next(key for key in "7856" if key not in offered)

    def _figures(self, offer: Offer) -> str | None:
        day = "paid_day" if "paid_day" in offer.questions else "pay_day"
        for question in offer.questions:
            keys = self._figure(question, day)
            if keys and self._asked[question] < 3:
                self._asked[question] += 1
                return keys + offer.finish_key
        return None

    def _figure(self, question: str, day: str) -> str | None:
        knows = self._person.knows
        if question in ("day_and_month", "month_and_day"):
            known = knows.get(day, "")
            return known if question == "day_and_month" else known[2:] + known[:2]
        if question in USUAL:
            return knows.get(question, USUAL[question])
        if question == "postal_code" and question not in knows and self._person.persona.card != "none":
            return CARD_POSTAL_CODE
        if question in CARD:
            return knows.get(question) or CARDS[self._person.persona.card].get(question)
        if question not in IDENTITY_QUESTIONS or question not in knows:
            return None
        check = self._person.persona.check
        if check == "refuse":
            return None
        return knows[question] if check == "answer" else wrong(knows[question])

    def _choice(self, offer: Offer) -> str | None:
        wants = self._person.persona.wants
        for want in wants:
            if self._content and want != wants[-1]:
                continue
            most = 1 if want.endswith("_once") else self._person.persona.repeats
            key = offer.key_for(want.removesuffix("_once"))
            if key is None or self._pressed[want] >= most:
                continue
            self._pressed[want] += 1
            self.awaits_agent = want == "agent"
            self._content = self._content or want == wants[-1]
            return key
        return None


def wrong(known: str) -> str:
    """Return figures of the same length that differ in the last place."""
    return known[:-1] + str((int(known[-1]) + 1) % 10) if known and known[-1].isdigit() else "0" + known[1:]


def day_and_month(day: date) -> str:
    """Return DDMM, the form in which `pay_day` is known."""
    return f"{day.day:02}{day.month:02}"
