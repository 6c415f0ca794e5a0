"""What a soak is judged by: the exported record, the carrier's ledger, and what was ordered and when that returned.

Numbers stand as keyed hashes on both sides. Nothing here judges.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dialer.store.sealing import Keyring
from tests.processes.fleet import HASH_KEY, SECRET_KEY

Row = dict[str, Any]
TOKEN = re.compile(r"/voice/([\w-]{8,})/")
LIVE = ("placing", "placed", "ringing", "live", "unknown")


@dataclass(frozen=True, slots=True)
class Rest:
    """A pause of a campaign: when the order had returned, and when dialling was ordered again (None: never)."""

    campaign: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OptOut:
    """An order that somebody is not called any more: the person's numbers (hashes), and when it had returned."""

    numbers: frozenset[str]
    since: datetime


@dataclass(slots=True)
class Evidence:
    """`legs`: calls that we made, by the carrier; `cap`: calls a real second; `speed`: of the carrier's clock.

    `grants`: what the window of calls per second has granted, in microseconds of its own clock.
    """

    record: dict[str, list[Row]]
    legs: list[Row]
    cap: float = 1000.0
    speed: float = 1.0
    rests: list[Rest] = field(default_factory=list)
    opt_outs: list[OptOut] = field(default_factory=list)
    grants: list[int] = field(default_factory=list)

    @property
    def attempts(self) -> list[Row]:
        """Calls that we made, by our record."""
        return [one for one in self.record["attempt"] if one["direction"] == "out"]

    @property
    def by_sid(self) -> dict[str, Row]:
        """Our attempt for a call of the carrier's."""
        return {one["sid"]: one for one in self.attempts if one["sid"]}


def read_record(lines: Iterable[str]) -> dict[str, list[Row]]:
    """The exported record by the kinds of its lines."""
    tables: dict[str, list[Row]] = defaultdict(list)
    for line in lines:
        row = json.loads(line)
        tables[row["type"]].append(row)
    return tables


_KEYRING = Keyring(SECRET_KEY, HASH_KEY)


def hashed(number: str) -> str:
    """What stands for a number in the exported record."""
    return _KEYRING.index("number", number)


def our_legs(ledger: Iterable[Row]) -> list[Row]:
    """The ledger's legs that REST created, with hashes instead of numbers, in the order of their arrival."""
    return [
        leg | {"type": "leg", "to": hashed(leg["to"]), "from": hashed(leg["from"])}
        for leg in ledger
        if leg["direction"] == "outbound-api"
    ]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(leg: Row, what: str) -> list[Row]:
    """The entries of a leg of one sort."""
    return [entry for entry in leg["entries"] if entry["what"] == what]


def tokens(leg: Row) -> set[str]:
    """Whose callback addresses the leg has used."""
    return {found for entry in told(leg, "callback") for found in TOKEN.findall(entry["words"])}


def seconds(leg: Row) -> int:
    """How long it talked, begun seconds counted whole."""
    if not leg["answered_at"] or not leg["ended_at"]:
        return 0
    return math.ceil((at(leg["ended_at"]) - at(leg["answered_at"])).total_seconds())


def pressed(leg: Row) -> str:
    """All keys that the carrier heard on a leg, in order."""
    return "".join(entry["words"] for entry in told(leg, "pressed"))


def every_turn_was_answered(leg: Row) -> bool:
    """Whether no question of the carrier about this call's next words went without an answer."""
    voice = [entry["words"].split(" ")[1] for entry in told(leg, "callback") if entry["words"].startswith("voice ")]
    return all(answer == "200" for answer in voice)
