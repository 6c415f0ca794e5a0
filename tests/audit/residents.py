"""Who lives in the month: invented people of three countries, what is on the list about them, and how they are.

Drawn from a seed: the same seed gives the same people. Numbers are from ranges kept for fiction where they exist.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from local_carrier.lines.people import People, Person, read_person

COLUMNS = (
    "key", "name", "language", "country", "state", "phone", "phone2", "birth_year", "contract", "amount", "currency",
    "due_date", "payment_kind", "payment_code", "consent_calls", "consent_texts", "consent_on",
)  # fmt: skip
CURRENCIES = {"BR": "BRL", "US": "USD", "FR": "EUR"}
LANGUAGES = {"BR": "pt-BR", "US": "en-US", "FR": "fr-FR"}
SHARES = {"BR": 50, "US": 40, "FR": 10}
# State -> area codes. Some live in a state that their number does not say.
BRAZIL = {
    "SP": ("11", "19"), "RJ": ("21",), "ES": ("27",), "CE": ("85",), "AL": ("82",), "AM": ("92", "97"), "PR": ("41",),
    "PE": ("81",), "MG": ("31",), "AC": ("68",), "": ("51",),
}  # fmt: skip
UNITED_STATES = {
    "MA": ("617", "508", "413", "781", "978"), "WA": ("206", "509"), "CO": ("303", "970"), "AZ": ("602", "928"),
    "NY": ("212", "646", "718", "315", "716", "914", "516", "518", "585", "607"), "HI": ("808",), "ID": ("208",),
    "CA": ("213", "415", "619", "916", "559", "707", "310", "408", "510", "650", "714", "818", "858", "909", "925"),
    "IL": ("312", "217", "309", "630", "708", "773", "815", "847"), "AK": ("907",), "IN": ("317", "219"),
    "TX": ("214", "713", "512", "915", "817", "972", "210", "281"), "TN": ("615", "423"), "PA": ("215", "412", "610"),
    "FL": ("305", "407", "813", "850", "561", "727", "786", "904", "941"), "GA": ("404", "770", "912"),
}  # fmt: skip
CHARACTERS = {
    "no_answer": 26, "busy": 6, "machine_with_beep": 14, "voicemail_full": 2, "carrier_announcement": 2,
    "promiser": 8, "payer": 5, "absent": 6, "wrong_number": 2, "opts_out": 4, "already_paid": 3, "disputer": 3,
    "hangs_up_at_once": 5, "hangs_up_mid_sentence": 2, "silent": 3, "callback_at_hour": 4, "calls_back": 4,
    "texts_stop": 2, "refuses_check": 1, "wrong_check": 1, "invalid": 1, "deceased_relative": 1, "repeat_listener": 1,
    "agent_seeker": 2, "broken_promiser": 3, "several_debts": 1, "hangs_up_when_told": 3,
}  # fmt: skip
# Characters that are others with a difference: who hears of the debt after the check, and hangs up on it.
OVERRIDES: dict[str, tuple[str, dict[str, object]]] = {"hangs_up_when_told": ("promiser", {"hangs_up_in_prompt": 4})}


@dataclass(frozen=True, slots=True)
class Resident:
    """A row of the list, and the character behind the phones."""

    row: dict[str, str]
    persona: str

    @property
    def key(self) -> str:
        return self.row["key"]

    @property
    def country(self) -> str:
        return self.row["country"]

    @property
    def phones(self) -> tuple[str, ...]:
        return tuple(one for one in (self.row["phone"], self.row["phone2"]) if one)

    def at(self, phone: str, persona: str) -> Person:
        """This person at one of their phones, in some mood."""
        knows = {"birth_year": self.row["birth_year"]}
        known, overrides = OVERRIDES.get(persona, (persona, {}))
        return read_person(
            {"address": phone, "persona": known, "overrides": overrides, "language": self.row["language"],
             "knows": knows}
        )  # fmt: skip


class Numbers:
    """Invented numbers that nobody else has."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def take(self, country: str, area: str) -> str | None:
        """The next number of an area; None when the fictional ones are used up."""
        n = self._next.get(country + area, 0)
        self._next[country + area] = n + 1
        match country:
            case "BR":
                return f"+55{area}99999{n:04d}" if n < 10_000 else None
            case "US":
                return f"+1{area}55501{n:02d}" if n < 100 else None
            case _:
                return f"+3363998{n:04d}" if n < 10_000 else None


def residents(count: int, *, start: date, seed: int) -> list[Resident]:
    """So many people, countries by their shares."""
    random, numbers = Random(seed), Numbers()
    countries = [country for country, share in SHARES.items() for _ in range(share)]
    return [_resident(n, countries[n * 37 % len(countries)], numbers, start, random) for n in range(count)]


def write_list(path: Path, people: Sequence[Resident]) -> None:
    """The list as a creditor sends it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(person.row for person in people)


def phone_book(people: Sequence[Resident]) -> People:
    """Everybody as the carrier knows them."""
    return People([one.at(phone, one.persona) for one in people for phone in one.phones], default="no_answer")


def character(random: Random) -> str:
    """Some character, by how many there are of it."""
    return random.choices(list(CHARACTERS), list(CHARACTERS.values()))[0]


def _resident(n: int, country: str, numbers: Numbers, start: date, random: Random) -> Resident:
    state, phone = _home(country, numbers, random)
    second = _home(country, numbers, random)[1] if random.random() < 0.2 else ""
    row = {
        "key": f"A{n + 1:05d}",
        "name": f"Pessoa {'ABCDEFGHIJ'[n % 10]} {n + 1}",
        "language": LANGUAGES[country],
        "country": country,
        "state": state if random.random() < 0.9 else "",
        "phone": phone,
        "phone2": second,
        "birth_year": str(random.randint(1955, 2001)),
        "contract": f"{country}-{700000 + n}",
        "amount": f"{random.randint(4000, 240000) / 100:.2f}",
        "currency": CURRENCIES[country],
        "due_date": (start - timedelta(days=random.randint(3, 28))).isoformat(),
        "payment_kind": "link",
        "payment_code": f"https://pay.horizonte.example/{n + 1:05d}",
        "consent_calls": "yes" if random.random() < 0.95 else "",
        "consent_texts": "yes" if random.random() < 0.95 else "",
        "consent_on": (start - timedelta(days=200)).isoformat(),
    }
    return Resident(row, character(random))


def _home(country: str, numbers: Numbers, random: Random) -> tuple[str, str]:
    """Where somebody lives, and a number of that place; one in twenty brought their number from elsewhere."""
    places = {"BR": BRAZIL, "US": UNITED_STATES}.get(country, {"": ("",)})
    while True:
        state = random.choice(list(places))
        born = random.choice(list(places)) if random.random() < 0.05 else state
        phone = numbers.take(country, random.choice(places[born]))
        if phone is not None:
            return state, phone
