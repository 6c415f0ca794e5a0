"""The record as lines of JSON for whoever checks it from outside: one line a fact, in the order of each table.

No names, documents, addresses or texts leave, and no telephone number: a keyed hash stands for each, beside the
country and area code that say where it is. Reads only.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer
from sqlalchemy.orm.interfaces import ORMOption

from dialer.operation import Operation
from dialer.store.models import (
    Attempt,
    CallTurn,
    Campaign,
    Consent,
    Contact,
    Debt,
    Designation,
    Interaction,
    Message,
    Model,
    Number,
    Payment,
    Person,
    Promise,
    Recording,
    Suppression,
)
from dialer.store.turns import MASK

VERSION = 1
PAGE = 2000  # rows read at once
MOST_KEYS = 4  # longer answers may be a number or a document, and leave as dots
AREA_DIGITS = {"BR": 2, "US": 3, "CA": 3, "FR": 1}
CODES = {"BR": "55", "US": "1", "CA": "1", "FR": "33"}
# Table -> its word in the file, and the columns that go out as they are.
TABLES: dict[type[Model], tuple[str, tuple[str, ...]]] = {
    Campaign: ("campaign", ("name", "direction", "flow", "status", "plan", "started_at", "ended_at")),
    Person: ("person", ("kind", "country", "region", "city", "language", "created_at")),
    Number: ("number", ("person_id", "country", "line_type", "status", "place", "reassigned", "reassigned_on")),
    Debt: ("debt", ("person_id", "due_on", "status", "held_for", "closed_at", "notice_on")),
    Consent: ("consent", ("person_id", "kind", "given_on", "revoked_at")),
    Designation: (
        "designation",
        ("person_id", "days", "from_minute", "to_minute", "until", "place", "origin", "created_at", "ended_at"),
    ),
    Suppression: (
        "bar",
        ("person_id", "kind", "channel", "automated_only", "since", "until", "source", "attempt_id", "creditor_id"),
    ),
    Contact: (
        "contact",
        (
            "campaign_id", "person_id", "number_id", "status", "due_at", "wished_at", "tries", "outcome",
            "blocked_rule",
        ),
    ),
    Payment: ("payment", ("debt_id", "amount_minor", "currency", "created_at")),
    Promise: ("promise", ("person_id", "due_on", "debts", "status", "created_at", "settled_at")),
    Attempt: (
        "attempt",
        (
            "person_id", "campaign_id", "contact_id", "number_id", "direction", "mode", "status", "sid", "flow",
            "debts", "counted_debts", "intent_at", "placed_at", "ringing_at", "answered_at", "ended_at", "closed_at",
            "carrier_status", "answered_by", "seconds", "level", "disposition", "callback_at", "cancel_asked",
            "recorded", "pack",
        ),
    ),
    CallTurn: ("turn", ("attempt_id", "n", "at")),
    Recording: ("recording", ("attempt_id", "status", "started_at", "seconds")),
    Message: (
        "message",
        (
            "person_id", "campaign_id", "attempt_id", "direction", "template", "purpose", "status", "read_as", "sid",
            "created_at", "due_at", "finished_at",
        ),
    ),
    Interaction: ("interaction", ("person_id", "attempt_id", "at", "kind", "actor", "detail")),
}  # fmt: skip
LEFT_IN: dict[type[Model], tuple[ORMOption, ...]] = {CallTurn: (defer(CallTurn.answer),)}  # sealed, and long
NUMBERS = {Number: "e164", Suppression: "number", Attempt: "to_number", Message: "to_number"}


async def lines(op: Operation) -> AsyncIterator[str]:
    """The whole record, one JSON object a line; the first says of which moment it is."""
    yield json.dumps({"type": "header", "version": VERSION, "at": op.clock.now().isoformat()})
    hashed = number_key(op)
    for table in TABLES:
        after = 0
        while rows := await _page(op, table, after):
            for row in rows:
                yield json.dumps(_told(table, row, hashed), ensure_ascii=False)
            after = rows[-1].id


def number_key(op: Operation) -> Callable[[str], str]:
    """What stands for a number in the file: equal numbers have equal hashes, and nothing leads back."""
    return lambda number: op.database.keyring.index("number", number)


def area_of(number: str, country: str) -> str:
    """Country and area code of a number (E.164), such as "+5511": where it is, not whose."""
    code = CODES.get(country, "")
    if not code or not number.startswith(f"+{code}"):
        return ""
    return number[: 1 + len(code) + AREA_DIGITS[country]]


async def _page(op: Operation, table: type[Model], after: int) -> list[Any]:
    async with op.database.survey() as session:
        rows = select(table).options(*LEFT_IN.get(table, ())).where(table.id > after)
        return list(await session.scalars(rows.order_by(table.id).limit(PAGE)))


def _told(table: type[Model], row: Any, hashed: Callable[[str], str]) -> dict[str, Any]:
    word, columns = TABLES[table]
    told: dict[str, Any] = {"type": word, "id": row.id} | {name: _plain(getattr(row, name)) for name in columns}
    if table in NUMBERS:
        number = getattr(row, NUMBERS[table])
        told["number"] = hashed(number) if number else None
    if isinstance(row, CallTurn):
        told |= {"heard": row.event.get("type"), "keys": _keys(row.event)}
    if isinstance(row, Number):
        told["area"] = area_of(row.e164, row.country)
    return told


def _keys(event: dict[str, Any]) -> str | None:
    """The keys that were heard; what tells who somebody is stands as dots already, or becomes dots here."""
    keys = event.get("digits")
    return MASK * len(keys) if keys and len(keys) > MOST_KEYS else keys


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
