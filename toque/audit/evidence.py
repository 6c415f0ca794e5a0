"""The two files as values: what our record says, and what the carrier saw. Nothing here judges."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Line = Mapping[str, Any]
ASKED_FOR = frozenset({"reply", "confirmation", "payment_code"})
ANSWER_WITHIN = timedelta(days=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """Where somebody may be: country, state as the list says, area codes of the numbers.

    `areas`: each with the moment until which the number was theirs (None: still).
    """

    id: int
    country: str
    state: str
    areas: tuple[tuple[str, datetime | None], ...]

    def areas_at(self, at: datetime) -> tuple[str, ...]:
        """The area codes that were evidence at this moment."""
        return tuple(area for area, until in self.areas if until is None or at <= until)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that happened on a line: heard, taped, pressed."""

    at: datetime
    what: str
    words: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call out, as the carrier saw it (times, words), joined with what our record says that it was."""

    sid: str
    person: int
    number: str
    campaign: int
    mode: str
    begun: datetime
    intended: datetime
    answered: datetime | None
    ended: datetime | None
    status: str
    answered_by: str | None
    debts: tuple[str, ...]
    counted: tuple[str, ...]
    level: str
    disposition: str
    wished: datetime | None
    recorded: bool
    said: tuple[Said, ...] = ()

    @property
    def last_ring(self) -> datetime:
        """When it rang last."""
        return self.answered or self.ended or self.begun


@dataclass(frozen=True, slots=True)
class Text:
    """One text, as the carrier saw it. `answers`: it belongs to a call with the person, or replies to them."""

    sid: str
    person: int
    number: str
    at: datetime
    body: str
    incoming: bool
    answers: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A reason not to call, from a moment on. No person: everybody at the number."""

    person: int | None
    number: str | None
    kind: str
    channel: str | None
    automated_only: bool
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it had been put down before, and not been lifted."""
        return self.since < at and (self.until is None or at < self.until)


@dataclass(slots=True)
class Evidence:
    """Everything that can be judged."""

    people: dict[int, Person] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    incoming: list[Call] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    designations: list[Line] = field(default_factory=list)
    consents: list[Line] = field(default_factory=list)
    debts: dict[str, Line] = field(default_factory=dict)
    campaigns: dict[int, Line] = field(default_factory=dict)
    interactions: list[Line] = field(default_factory=list)
    strangers: list[Line] = field(default_factory=list)  # calls that our record does not know
    decided: set[int] = field(default_factory=set)  # attempts with the gate's leave on record
    attempts_by_sid: dict[str, Line] = field(default_factory=dict)


def read(record: Iterable[str], carrier: Iterable[str]) -> Evidence:
    """Both files, line by line."""
    tables: dict[str, list[Line]] = defaultdict(list)
    for line in record:
        row = json.loads(line)
        tables[row["type"]].append(row)
    found = Evidence(
        campaigns={row["id"]: row for row in tables["campaign"]},
        debts={str(row["id"]): row for row in tables["debt"]},
        designations=tables["designation"],
        consents=tables["consent"],
        interactions=tables["interaction"],
        attempts_by_sid={row["sid"]: row for row in tables["attempt"] if row["sid"]},
    )
    areas = _areas(tables)
    for row in tables["person"]:
        found.people[row["id"]] = Person(row["id"], row["country"], row["region"] or "", tuple(areas[row["id"]]))
    found.bars = [_bar(row) for row in tables["bar"]]
    found.decided = {
        row["attempt_id"] for row in tables["interaction"] if row["kind"] == "call_allowed" and row["attempt_id"]
    }
    _read_carrier(found, carrier, tables)
    found.calls.sort(key=lambda one: (one.begun, one.sid))
    return found


def _areas(tables: Mapping[str, list[Line]]) -> dict[int, list[tuple[str, datetime | None]]]:
    """Area codes by person; a number that turned out wrong is evidence until the end of its last call."""
    last: dict[int, datetime] = {}
    for row in tables["attempt"]:
        if row["ended_at"]:
            last[row["number_id"]] = max(_instant(row["ended_at"]), last.get(row["number_id"], LONG_AGO))
    areas: dict[int, list[tuple[str, datetime | None]]] = defaultdict(list)
    for row in tables["number"]:
        until = None if row["status"] == "usable" else last.get(row["id"], LONG_AGO)
        areas[row["person_id"]].append((row["area"], until))
    return areas


def _read_carrier(found: Evidence, carrier: Iterable[str], tables: Mapping[str, list[Line]]) -> None:
    attempts = found.attempts_by_sid
    messages = {row["sid"]: row for row in tables["message"] if row["sid"]}
    for line in carrier:
        row = json.loads(line)
        if row["type"] == "text":
            found.texts.append(_text(row, messages))
        elif row["sid"] not in attempts:
            found.strangers.append(row)
        elif row["direction"] == "inbound":
            found.incoming.append(_call(row, attempts[row["sid"]]))
        elif row["started_at"] is not None:  # what was cancelled in the queue reached nobody
            found.calls.append(_call(row, attempts[row["sid"]]))


def _call(leg: Line, attempt: Line) -> Call:
    begun = _instant(leg["started_at"] or leg["created_at"])
    return Call(
        sid=leg["sid"],
        person=attempt["person_id"],
        number=leg["from"] if leg["direction"] == "inbound" else leg["to"],
        campaign=attempt["campaign_id"],
        mode=attempt["mode"],
        begun=begun,
        intended=_instant(attempt["intent_at"]),
        answered=_instant_or_none(leg["answered_at"]),
        ended=_instant_or_none(leg["ended_at"]),
        status=leg["status"],
        answered_by=leg["answered_by"],
        debts=tuple(attempt["debts"]),
        counted=tuple(attempt["counted_debts"] or attempt["debts"]),
        level=attempt["level"],
        disposition=attempt["disposition"] or "",
        wished=_instant_or_none(attempt["callback_at"]),
        recorded=bool(attempt["recorded"]),
        said=tuple(Said(_instant(one["at"]), one["what"], one["words"]) for one in leg["entries"]),
    )


def _text(row: Line, messages: Mapping[str, Line]) -> Text:
    ours = messages.get(row["sid"], {})
    incoming = row["direction"] == "inbound"
    return Text(
        sid=row["sid"],
        person=ours.get("person_id") or 0,
        number=row["from"] if incoming else row["to"],
        at=_instant(row["at"]),
        body=row["body"],
        incoming=incoming,
        answers=row["direction"] == "outbound-reply" or _is_asked_for(ours, _instant(row["at"])),
    )


def _is_asked_for(message: Line, sent: datetime) -> bool:
    """What the person asked for in a talk or text of a day ago at most (comment 6(b)(1)-2 to 12 CFR 1006.6)."""
    asked = message.get("purpose") in ASKED_FOR
    return asked and ("created_at" not in message or sent - _instant(message["created_at"]) <= ANSWER_WITHIN)


def _bar(row: Line) -> Bar:
    return Bar(
        person=row["person_id"],
        number=row["number"],
        kind=row["kind"],
        channel=row["channel"],
        automated_only=row["automated_only"],
        since=_instant(row["since"]),
        until=_instant_or_none(row["until"]),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _instant_or_none(text: str | None) -> datetime | None:
    return None if text is None else _instant(text)
