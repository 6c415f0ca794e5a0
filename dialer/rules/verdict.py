"""The two words of the gate, as values. Nothing here decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Any

from dialer.rules.facts import Facts, Proposed

HOUSE = "house rule"


@dataclass(frozen=True, slots=True)
class Allow:
    """Yes, under this pack ("us@2026.1"). Advisories are codes worth showing; they bind nobody."""

    pack: str
    advisories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deny:
    """No: the rule's code, the reason in words, where it stands written, and when this block lifts (if it does).

    `also`: the codes of the other rules that failed too, in order.
    """

    rule: str
    reason: str
    citation: str
    until: datetime | None = None
    pack: str = ""
    also: tuple[str, ...] = ()


Decision = Allow | Deny


def digest(facts: Facts, proposed: Proposed, pack: str) -> str:
    """32 hex digits that stand for all that was decided on: the same in every process, for the same values."""
    said = json.dumps([_plain(facts), _plain(proposed), pack], sort_keys=True, separators=(",", ":"))
    return blake2b(said.encode(), digest_size=16).hexdigest()


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):  # most are
        return value
    kind: type = type(value)
    if (names := _names(kind)) is not None:
        return [_plain(getattr(value, name)) for name in names]
    if isinstance(value, datetime):  # the same instant is the same fact, in whatever zone it was written
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
