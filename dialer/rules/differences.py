"""The rules of a pack one by one, and what two packs have between them. Reads values; decides nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from dialer.rules.hours import DAYS, WeekWindow
from dialer.rules.packs import HoursRule, Pack, Packs, Rule

# What says where a rule stands, not what it asks for.
PAPERWORK = frozenset({"citation", "link", "confidence", "last_checked"})
HEADINGS = ("version", "last_checked")


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule and where it holds: `place` is a country or region ("BR", "BR-SP"), `path` its place in the pack."""

    place: str
    path: str
    rule: Rule

    @property
    def what(self) -> str:
        """What kind of rule it is, in a word or two: "hours", "caps"."""
        return self.path.partition(".")[0].replace("_", " ")

    @property
    def parameters(self) -> dict[str, Any]:
        """What it asks for, as people wrote it: without citation and dates, nor what was left as it usually is."""
        skipped = PAPERWORK | {"code", "effective_from", "effective_to"}
        written = self.rule.model_fields_set - skipped
        return {name: value for name, value in _plain(self.rule).items() if name in written}


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule that was added, removed or changed; `changes` are words such as "limit: 7 → 5"."""

    kind: Literal["added", "removed", "changed"]
    place: str
    code: str
    what: str
    changes: tuple[str, ...] = ()


def rules_of(pack: Pack) -> list[Placed]:
    """Every rule of a pack, those of the country first, in the order of the file."""
    own = [one for name in type(pack).model_fields if name != "regions" for one in _found(pack, name, pack.country)]
    regional = [
        one
        for code, region in pack.regions.items()
        for name in type(region).model_fields
        for one in _found(region, name, code)
    ]
    return own + regional


def differences(old: Pack | None, new: Pack | None) -> list[Difference]:
    """What `new` asks for that `old` did not, and the other way round; all of a pack when the other is absent."""
    before, after = _keyed(old), _keyed(new)
    found = [_named("removed", one) for key, one in before.items() if key not in after]
    found += [_named("added", one) for key, one in after.items() if key not in before]
    for key in before.keys() & after.keys():
        if changes := _changes(_plain(before[key].rule), _plain(after[key].rule)):
            found.append(_named("changed", after[key], changes))
    found += _of_the_pack(old, new)
    return sorted(found, key=lambda one: (one.place, one.code, one.kind))


def digests(packs: Packs) -> dict[str, str]:
    """A short hash of everything that is asked under each code, over all packs; what is broken is part of it."""
    found: dict[str, list[str]] = {}
    cities = _digest([sorted((*key, *sorted(days)) for key, days in packs.local.days.items())])
    for country, pack in sorted(packs.by_country.items()):
        whole = _digest([pack.model_dump(mode="json", exclude={"version", "last_checked"})])
        found.setdefault(f"pack:{country}", []).append(whole)
        for one in rules_of(pack):
            found.setdefault(one.rule.code, []).append(f"{one.place} {one.path} {_plain(one.rule)}")
            if isinstance(one.rule, HoursRule):
                found[one.rule.code].append(cities)
    for country, fault in packs.broken.items():
        found.setdefault(f"pack:{country}", []).append(fault)
    return {code: _digest(parts) for code, parts in found.items()}


def codes_that_changed(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    """The codes under which something else is asked now; with a whole country, those of having no pack too."""
    changed = {code for code in old.keys() | new.keys() if old.get(code) != new.get(code)}
    whole = {code for code in changed if code.startswith("pack:")}
    return (changed - whole) | ({"NO_PACK", "PACK_BROKEN"} if whole else set())


def _found(model: BaseModel, name: str, place: str) -> Iterator[Placed]:
    yield from _within(getattr(model, name), name, place)


def _within(value: Any, path: str, place: str) -> Iterator[Placed]:
    if isinstance(value, Rule):
        yield Placed(place, path, value)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _within(one, f"{path}.{key}", place)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _within(one, path, place)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _within(getattr(value, name), f"{path}.{name}", place)


def _keyed(pack: Pack | None) -> dict[tuple[str, str, str, int], Placed]:
    """Rules by place, path and code; the second one with the same three is number 1."""
    seen: Counter[tuple[str, str, str]] = Counter()
    keyed = {}
    for one in rules_of(pack) if pack else []:
        key = (one.place, one.path, one.rule.code)
        keyed[(*key, seen[key])] = one
        seen[key] += 1
    return keyed


def _named(kind: Literal["added", "removed", "changed"], one: Placed, changes: tuple[str, ...] = ()) -> Difference:
    return Difference(kind, one.place, one.rule.code, one.what, changes)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    names = list(dict.fromkeys([*before, *after]))
    return tuple(
        f"{name}: {_said(before.get(name))} → {_said(after.get(name))}"
        for name in names
        if before.get(name) != after.get(name)
    )


def _of_the_pack(old: Pack | None, new: Pack | None) -> list[Difference]:
    """What a pack says beside its rules: its version, the identity level that it asks for, …"""
    if old is None or new is None:
        return []
    changes = _changes(_headings(old), _headings(new))
    return [Difference("changed", new.country, new.pack, "pack", changes)] if changes else []


def _headings(pack: Pack) -> dict[str, Any]:
    plain = (str, int, float, bool)
    values = {name: getattr(pack, name) for name in type(pack).model_fields}
    return {
        name: value if isinstance(value, plain) else str(value)
        for name, value in values.items()
        if isinstance(value, plain) or name in HEADINGS
    }


def _plain(rule: Rule) -> dict[str, Any]:
    """A rule's values as JSON has them, its hours in words."""
    found = rule.model_dump(mode="json")
    windows = getattr(rule, "open", None)
    return found | {"open": hours_in_words(windows)} if windows is not None else found


def hours_in_words(windows: Iterable[WeekWindow]) -> str:
    """Weekly windows as packs write them: "mon 08:00-20:00, tue 08:00-20:00" with equal days drawn together."""
    by_day: dict[int, str] = {}
    for one in windows:
        span = f"{one.opens // 60:02}:{one.opens % 60:02}-{one.closes // 60:02}:{one.closes % 60:02}"
        by_day[one.weekday] = f"{by_day[one.weekday]} and {span}" if one.weekday in by_day else span
    runs: list[list[Any]] = []
    for day, span in sorted(by_day.items()):
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == span:
            runs[-1][1] = day
        else:
            runs.append([day, day, span])
    return ", ".join(f"{DAYS[a]}{f'-{DAYS[b]}' if b > a else ''} {span}" for a, b, span in runs)


def _said(value: Any) -> str:
    if value is None:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _digest(parts: list[Any]) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()
