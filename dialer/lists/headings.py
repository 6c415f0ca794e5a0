"""Which column is which field: known headings in three languages, and what the operator says with --map."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from dialer.errors import BadInput

_PHONE = re.compile(r"phone(\d*)")


def assign(columns: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Field -> place of its column; `chosen` (field -> heading) goes first, the rest is guessed.

    Phones are `phone`, `phone2`, … in the order of the columns. Raises BadInput for a field or a column that
    there is not, and for two columns between which nothing decides.
    """
    assigned = {_field(field): _place(columns, heading) for field, heading in chosen.items()}
    free = [place for place in range(len(columns)) if place not in assigned.values()]
    for field, synonyms in known_headings().items():
        if field == "phone":
            _add_phones(assigned, [place for place in free if _is_phone(columns[place], synonyms)])
        elif field not in assigned:
            place = _best(field, columns, free, synonyms)
            if place is not None:
                assigned[field] = place
    return assigned


def fields() -> list[str]:
    """Every field that a column can be."""
    return list(known_headings())


@cache
def known_headings() -> dict[str, list[str]]:
    """Field -> its known headings, normalised, best first; the field's own name is always among them."""
    data: dict[str, Any] = yaml.safe_load((files("dialer.lists") / "headings.yaml").read_text("utf-8"))
    return {field: [plain(field), *map(plain, map(str, synonyms))] for field, synonyms in data.items()}


def plain(heading: str) -> str:
    """A heading without case, accents and punctuation: "Nº do Contrato" -> "n do contrato"."""
    bare = unicodedata.normalize("NFKD", heading.replace("º", "").replace("°", "")).casefold()
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def phone_fields(assigned: Mapping[str, int]) -> list[str]:
    """The phone fields in order of rank."""
    return sorted((field for field in assigned if _PHONE.fullmatch(field)), key=_phone_rank)


def _phone_rank(field: str) -> int:
    return int(field.removeprefix("phone") or 1)


def _field(field: str) -> str:
    if field in known_headings() or _PHONE.fullmatch(field):
        return "phone" if field == "phone1" else field
    raise BadInput(
        f'--map: there is no field "{field}". The fields are {", ".join(fields())} (and phone2, phone3, …)'
    )


def _place(columns: Sequence[str], heading: str) -> int:
    exact = [place for place, column in enumerate(columns) if column.strip() == heading.strip()]
    loose = [place for place, column in enumerate(columns) if plain(column) == plain(heading)]
    found = exact or loose
    if len(found) == 1:
        return found[0]
    what = "several columns" if found else "no column"
    raise BadInput(f'--map: there is {what} "{heading}". The columns are: {", ".join(columns)}')


def _is_phone(column: str, synonyms: Sequence[str]) -> bool:
    return re.sub(r" ?\d+$", "", plain(column)) in synonyms


def _add_phones(assigned: dict[str, int], places: Sequence[int]) -> None:
    taken = {_phone_rank(field) for field in assigned if _PHONE.fullmatch(field)}
    ranks = (rank for rank in range(1, len(places) + len(taken) + 1) if rank not in taken)
    for place, rank in zip(places, ranks, strict=False):
        assigned["phone" if rank == 1 else f"phone{rank}"] = place


def _best(field: str, columns: Sequence[str], free: Sequence[int], synonyms: Sequence[str]) -> int | None:
    for synonym in synonyms:
        found = [place for place in free if plain(columns[place]) == synonym]
        if len(found) > 1:
            raise BadInput(
                f'Two columns are called "{columns[found[0]]}": rename one, or choose with --map {field}=…'
            )
        if found:
            return found[0]
    return None
