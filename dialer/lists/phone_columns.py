"""Telephone columns by their headings, and which area code, type, rank and extension column goes with which of them.

Headings only: no cell is looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

FAMILIES = ("area_code", "calling_code", "phone_type", "phone_rank", "phone_score", "extension")
NUMBERED = ("phone", *FAMILIES)
_FIELD = re.compile(rf"({'|'.join(NUMBERED)})(\d*)")


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading that speaks of a telephone: what it holds of it, its words, its number if it has one."""

    place: int
    family: str
    words: frozenset[str]
    number: int | None


def parted(field: str) -> tuple[str, int] | None:
    """("area_code", 2) for area_code2, ("phone", 1) for phone; None for a field that is not numbered."""
    found = _FIELD.fullmatch(field)
    return (found[1], int(found[2] or 1)) if found else None


def named(family: str, number: int) -> str:
    """The field of a family: phone, phone2, area_code3 …"""
    return family if number == 1 else f"{family}{number}"


def phone_columns(headings: Sequence[str], free: Iterable[int], taken: Iterable[str]) -> dict[str, int]:
    """Field -> place for the telephone columns among `free` and what goes with them; `taken` fields are left alone.

    `headings` are plain. Telephones are ranked by their numbers when all have different ones, else as they stand.
    """
    held = set(taken)
    seen = [found for place in free if (found := _read(place, headings[place]))]
    phones = [one for one in seen if one.family == "phone"]
    phones += [one for one in seen if one.family == "area_code" and _is_whole(one, phones)]
    whole = {one.place for one in phones}
    ranked = _number(_in_order(phones), held)
    assigned = {named("phone", number): one.place for number, one in ranked.items()}
    for family in FAMILIES:
        beside = [one for one in seen if one.family == family and one.place not in whole]
        for number, one in _pair(beside, ranked, family).items():
            if named(family, number) not in held:
                assigned[named(family, number)] = one.place
    return assigned


@lru_cache(maxsize=4096)
def _read(place: int, heading: str) -> _Heading | None:
    tokens = re.findall(r"[a-z]+|\d+", heading)
    numbers = [int(token) for token in tokens if token.isdigit()]
    words = [token for token in tokens if not token.isdigit()]
    data = _data()
    core, around = set(data["core"]), set(data["around"])
    has_phone = bool(core & set(words))
    rest, family = _without_family(words)
    if family and set(rest) <= core | around:
        bare = " ".join(words)
        enough = family not in data["needs_phone"] or has_phone or bool(numbers) or bare in data["alone"]
        if enough:
            return _Heading(place, family, frozenset(rest), numbers[0] if numbers else None)
    if has_phone and set(words) <= core | around:
        return _Heading(place, "phone", frozenset(words), numbers[0] if numbers else None)
    return None


def _without_family(words: list[str]) -> tuple[list[str], str | None]:
    """The words without those that name a family, and the family: the longest name that is found."""
    best: tuple[list[str], str | None] = (words, None)
    small = ("de", "do", "da", "du", "of", "d")
    kept = [word for word in words if word not in small]
    longest = 0
    for family, names in _data()["families"].items():
        for name in names:
            wanted = str(name).split()
            for start in range(len(kept) - len(wanted) + 1):
                if kept[start : start + len(wanted)] == wanted and len(wanted) > longest:
                    longest = len(wanted)
                    best = (kept[:start] + kept[start + len(wanted) :], family)
    return best


def _is_whole(heading: _Heading, phones: Sequence[_Heading]) -> bool:
    """Whether "DDD Fone" is the whole number: it names a telephone, and no column of that telephone stands beside."""
    if not heading.words & set(_data()["core"]):
        return False
    return not any(one.number == heading.number for one in phones)


def _in_order(phones: Sequence[_Heading]) -> list[_Heading]:
    numbers = [one.number for one in phones]
    if None not in numbers and len(set(numbers)) == len(numbers):
        return sorted(phones, key=lambda one: one.number or 0)
    return sorted(phones, key=lambda one: one.place)


def _number(phones: Sequence[_Heading], held: set[str]) -> dict[int, _Heading]:
    ranks = (rank for rank in range(1, len(phones) + len(held) + 1) if named("phone", rank) not in held)
    return dict(zip(ranks, phones, strict=False))


def _pair(beside: Sequence[_Heading], phones: dict[int, _Heading], family: str) -> dict[int, _Heading]:
    """Phone number (1, 2 …) -> the column that goes with it: by its number and words, else by where it stands.

    An area code stands before its telephone, everything else behind it.
    """
    paired: dict[int, _Heading] = {}
    before = family in ("area_code", "calling_code")
    for one in beside:
        free = [number for number in phones if number not in paired]
        if not free:
            break
        best = max(free, key=lambda number: _nearness(one, phones[number], before=before))
        if one.number is not None and phones[best].number not in (None, one.number):
            continue
        paired[best] = one
    return paired


def _nearness(one: _Heading, phone: _Heading, *, before: bool) -> tuple[bool, int, bool, int]:
    distance = phone.place - one.place
    same_number = one.number == phone.number
    return same_number, len(one.words & phone.words), (distance > 0) == before, -abs(distance)


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((files("dialer.lists") / "phone_headings.yaml").read_text("utf-8"))
    return data
