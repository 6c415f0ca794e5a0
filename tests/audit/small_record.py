"""A small lawful record by hand, line by line: what the mutation tests of the auditor spoil, one thing at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

MONDAY_NOON = datetime(2026, 11, 9, 17, 0, tzinfo=UTC)  # 12:00 in New York, 14:00 in São Paulo, 18:00 in Paris
PLAN = {"person_gap_minutes": 60, "retry": "default", "attempts_total": 30}


@dataclass(slots=True)
class SmallRecord:
    """Lines of both files, as mutable rows; every call added is complete and lawful by itself."""

    record: list[dict[str, Any]] = field(default_factory=list)
    carrier: list[dict[str, Any]] = field(default_factory=list)

    def person(self, id_: int, country: str, state: str | None, area: str) -> None:
        """One person with a number (hash n<id>) and a debt of the same id."""
        self.record += [
            {"type": "person", "id": id_, "country": country, "region": state},
            {"type": "number", "id": id_, "person_id": id_, "status": "usable", "area": area, "number": f"n{id_}"},
            {"type": "debt", "id": id_, "person_id": id_, "closed_at": None},
            {"type": "consent", "id": id_, "person_id": id_, "kind": "tcpa", "revoked_at": None},
        ]

    def call(self, person: int, at: datetime, *, seconds: int = 20, **more: Any) -> dict[str, dict[str, Any]]:
        """One call that rings and is not answered, unless `more` says otherwise; its two rows."""
        n = len(self.carrier) + 1
        ends = (at + timedelta(seconds=seconds)).isoformat()
        attempt = {
            "type": "attempt", "id": n, "person_id": person, "campaign_id": 1, "number_id": person, "sid": f"CA{n}",
            "mode": "prerecorded", "debts": [str(person)], "counted_debts": None, "intent_at": at.isoformat(),
            "ended_at": ends, "level": "none", "disposition": "no_answer", "callback_at": None, "recorded": False,
            "number": f"n{person}", "direction": "out",
        }  # fmt: skip
        leg: dict[str, Any] = {
            "type": "leg", "sid": f"CA{n}", "to": f"n{person}", "from": "ours", "direction": "outbound-api",
            "created_at": at.isoformat(), "started_at": at.isoformat(), "answered_at": None, "ended_at": ends,
            "status": "no-answer", "answered_by": None, "entries": [],
        }  # fmt: skip
        allowed = {
            "type": "interaction", "id": n, "person_id": person, "attempt_id": n, "at": at.isoformat(),
            "kind": "call_allowed", "detail": {},
        }  # fmt: skip
        for row in (attempt, leg):
            row |= {key: value for key, value in more.items() if key in row}
        self.record += [attempt, allowed]
        self.carrier.append(leg)
        return {"attempt": attempt, "leg": leg, "allowed": allowed}

    def talk(
        self, person: int, at: datetime, *said: tuple[str, str], level: str = "checked"
    ) -> dict[str, dict[str, Any]]:
        """A call that was answered; `said` are (what, words), a second apart."""
        entries = [
            {"at": (at + timedelta(seconds=second)).isoformat(), "what": what, "words": words}
            for second, (what, words) in enumerate(said)
        ]
        return self.call(
            person, at, level=level, disposition="promised", status="completed", answered_by="human",
            answered_at=at.isoformat(), entries=entries,
        )  # fmt: skip

    def bar(
        self, kind: str, since: datetime, *, person: int | None = None, number: str | None = None, **more: Any
    ) -> None:
        """A bar on record."""
        self.record.append(
            {
                "type": "bar", "id": 1, "person_id": person, "number": number, "kind": kind, "channel": None,
                "automated_only": False, "since": since.isoformat(), "until": None,
            } | more
        )  # fmt: skip

    def text(self, person: int, at: datetime, body: str, *, incoming: bool = False) -> None:
        """One text to or from a person."""
        sid = f"SM{len(self.carrier)}"
        self.carrier.append(
            {
                "type": "text", "sid": sid, "at": at.isoformat(), "body": body, "status": "delivered",
                "to": "ours" if incoming else f"n{person}", "from": f"n{person}" if incoming else "ours",
                "direction": "inbound" if incoming else "outbound-api",
            }
        )  # fmt: skip
        self.record.append({"type": "message", "id": 1, "person_id": person, "sid": sid, "purpose": "reminder"})

    def happened(self, kind: str, at: datetime, **detail: Any) -> None:
        """Something about no person in particular."""
        row = {"type": "interaction", "id": 0, "person_id": None, "attempt_id": None, "kind": kind}
        self.record.append(row | {"at": at.isoformat(), "detail": detail})

    def lines(self) -> tuple[list[str], list[str]]:
        """Both files."""
        return [json.dumps(row) for row in self.record], [json.dumps(row) for row in self.carrier]


def lawful() -> SmallRecord:
    """People of three countries, called as they may be: up to every limit, and not beyond."""
    small = SmallRecord([{"type": "campaign", "id": 1, "name": "one", "plan": PLAN}])
    small.person(1, "US", "NY", "+1212")
    small.person(2, "US", "MA", "+1617")
    small.person(3, "BR", "SP", "+5511")
    small.person(4, "FR", None, "+336")
    small.person(5, "US", "NY", "+1213")
    for day in range(7):  # seven on seven days
        small.call(1, MONDAY_NOON + timedelta(days=day))
    for day in range(2):
        small.call(2, MONDAY_NOON + timedelta(days=day))
        small.call(3, MONDAY_NOON + timedelta(days=day))
    small.call(4, MONDAY_NOON)
    small.call(5, MONDAY_NOON)
    return small
