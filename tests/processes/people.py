"""Whom a soak calls: the list as a creditor sends it, in portions, and the same people at their telephones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tests.audit.residents import OVERRIDES, Resident, residents, write_list

CREDITOR = "aurora"
SHARED_EVERY = 15  # so often a household shares one telephone
AGAIN_EVERY = 6  # so often somebody stands on a second list, of a second campaign


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who may ask not to be called: key on record, telephones, place on the list."""

    key: str
    phones: tuple[str, ...]
    place: int = 0


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody still to be loaded; those of `alone` share no telephone with anybody."""

    people: tuple[Resident, ...]
    alone: tuple[Known, ...]


def crowd(count: int, *, today: date, seed: int) -> Crowd:
    """So many invented people of three countries."""
    people = residents(count, start=today, seed=seed)
    shared = set()
    for n in range(SHARED_EVERY, count, SHARED_EVERY):
        host, guest = people[n - 1], people[n]
        if host.country == guest.country:
            people[n] = replace(guest, row=guest.row | {"phone2": host.row["phone"]})
            shared |= {host.key, guest.key}
    alone = (Known(f"{CREDITOR}:{one.key}", one.phones, n) for n, one in enumerate(people) if one.key not in shared)
    return Crowd(tuple(people), tuple(alone))


def write_portion(folder: Path, people: Sequence[Resident], name: str) -> Path:
    """Some of them as a file; its path."""
    path = folder / f"{name}.csv"
    write_list(path, people)
    return path


def write_phone_book(path: Path, people: Sequence[Resident]) -> None:
    """Everybody as the carrier's `--people` file has them."""
    book = []
    for one in people:
        known, overrides = OVERRIDES.get(one.persona, (one.persona, {}))
        who = {"persona": known, "overrides": overrides, "language": one.row["language"]}
        knows = {"birth_year": one.row["birth_year"]}
        book += [{"address": phone, "knows": knows} | who for phone in one.phones]
    path.write_text(json.dumps({"default": "no_answer", "people": book}))
