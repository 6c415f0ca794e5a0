"""The demo's people, dealt out of `town.yaml`: a list file as a creditor sends it, and who answers its phones."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import yaml

from dialer.lists.documents import cpf_check_digits
from local_carrier.lines.people import People, read_person

COLUMNS = (
    "key", "name", "language", "country", "state", "phone", "document", "birth_year", "contract", "amount",
    "currency", "due_date", "payment_kind", "payment_code", "consent_calls", "consent_on",
)  # fmt: skip
ASKS: dict[str, object] = {"wants": ["agent"], "waits_seconds": 120.0}


@dataclass(frozen=True, slots=True)
class Resident:
    """One debtor: a row of the list, and the character behind the phone."""

    row: dict[str, str]
    persona: str
    overrides: dict[str, object] = field(default_factory=dict)

    def as_person(self) -> dict[str, object]:
        """The same as the local carrier's people file has it."""
        document, year = self.row["document"], self.row["birth_year"]
        knows = {"birth_year": year, **({"document_last3": document[-3:]} if document else {})}
        return {
            "address": self.row["phone"],
            "persona": self.persona,
            "language": self.row["language"],
            "name": self.row["name"],
            "knows": knows,
            "overrides": self.overrides,
        }


@cache
def town() -> dict[str, Any]:
    """The data file."""
    data: dict[str, Any] = yaml.safe_load((files("toque.demo") / "town.yaml").read_text("utf-8"))
    return data


def residents(count: int, *, today: date, talking: bool = False, seed: int = 7) -> list[Resident]:
    """The first `count` people of the town; the same ones every time. `talking`: they all want the agent."""
    random = Random(seed)
    characters = _dealt(count, random, town()["characters_who_talk" if talking else "characters"])
    places = _places(random)
    people = [_resident(n, next(places), characters[n], today, random) for n in range(count)]
    return [replace(one, overrides=ASKS) for one in people] if talking else people


def write_list(path: Path, people: list[Resident]) -> None:
    """The list file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(person.row for person in people)


def phone_book(people: list[Resident]) -> People:
    """Debtors and agents as the local carrier knows them."""
    book = People([read_person(person.as_person()) for person in people], default="no_answer")
    for agent in town()["agents"]:
        address = line_of(agent).removeprefix("tel:")
        book.add(read_person({"address": address, "persona": "agent", "language": agent["skills"][0]}))
    return book


def line_of(agent: dict[str, Any]) -> str:
    """An agent's line: a telephone, or a browser."""
    return f"client:{agent['client']}" if "client" in agent else f"tel:{agent['phone']}"


def agents(*, talking: bool) -> list[dict[str, Any]]:
    """Who is at work. Where the viewer is the agent, the first one alone, for everybody's language."""
    everybody: list[dict[str, Any]] = town()["agents"]
    if not talking:
        return everybody
    return [everybody[0] | {"skills": sorted({skill for one in everybody for skill in one["skills"]})}]


def _dealt(count: int, random: Random, characters: dict[str, int]) -> list[str]:
    hand = [name for name, share in characters.items() for _ in range(share)]
    random.shuffle(hand)
    return [persona for persona, _ in zip(cycle(hand), range(count), strict=False)]


def _places(random: Random) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Countries by their share, places within a country in turn."""
    countries = [country for country in town()["countries"] for _ in range(country["share"])]
    random.shuffle(countries)
    turns = {country["country"]: cycle(country["places"]) for country in town()["countries"]}
    for country in cycle(countries):
        yield country, next(turns[country["country"]])


def _resident(
    n: int, where: tuple[dict[str, Any], dict[str, str]], persona: str, today: date, random: Random
) -> Resident:
    country, place = where
    code = country["country"]
    row = {
        "key": f"D{n + 1:04d}",
        "name": f"{random.choice(country['first'])} {random.choice(country['last'])}",
        "language": country["language"],
        "country": code,
        "state": place["region"],
        "phone": _phone(place["phone"], n),
        "document": _cpf(n) if code == "BR" else "",
        "birth_year": str(random.randint(1955, 2001)),
        "contract": f"{code}-{2026000 + n}",
        "amount": f"{random.randint(4000, 240000) / 100:.2f}",
        "currency": country["currency"],
        "due_date": (today - timedelta(days=random.randint(3, 28))).isoformat(),
        "consent_calls": "yes",  # given with the number: without it no recorded voice may call a mobile in the US
        "consent_on": (today - timedelta(days=400)).isoformat(),
        "payment_kind": country["payment_kind"],
        "payment_code": f"https://pay.horizonte.example/{n + 1:04d}",
    }
    return Resident(row, persona)


def _phone(pattern: str, n: int) -> str:
    digits = pattern.count("#")
    return pattern.rstrip("#") + str(n + 100).zfill(digits)


def _cpf(n: int) -> str:
    first_nine = f"{529982000 + n * 137:09d}"
    return first_nine + cpf_check_digits(first_nine)
