"""Acts that write reports into files: CSV with every call and text, XLSX with all tables, or the JSON of the report.

Rows are streamed, so that a campaign of any size takes the same memory. Numbers are masked unless asked for in full,
and who asked for them is on record.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.results import reporting
from dialer.results.group import EVERYTHING, Only
from dialer.rules.phone_numbers import mask
from dialer.store import campaigns, interactions, reports
from dialer.store.reports import Call, TextSent

KINDS = (".csv", ".xlsx", ".json")
COLUMNS = (
    "campaign", "list", "channel", "direction", "id", "person", "number", "our_number", "script", "begun_utc",
    "answered_utc", "ended_utc", "seconds", "status", "answered_by", "level", "keys", "disposition", "callback_utc",
    "segments", "price", "currency",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of a formula (CWE-1236)


@dataclass(frozen=True, slots=True)
class Export:
    """Which campaigns, into which file, and for whom. `made` is their summary, narrowed like the calls by `only`."""

    names: Sequence[str]
    file: Path
    made: dict[str, Any]
    full_numbers: bool = False
    actor: str = "system"
    only: Only = EVERYTHING


def check(file: Path) -> None:
    """BadInput for a file of a kind that nobody writes."""
    if file.suffix.lower() not in KINDS:
        raise BadInput(f"{file.name}: the ending says what to write; give one of {', '.join(KINDS)}.")


async def export(op: Operation, wanted: Export) -> int:
    """Write the file; how many calls and texts are in it. The file is there whole or not at all, as it was before.

    BadInput when it is of a kind that nobody writes, or cannot be written.
    """
    check(wanted.file)
    unfinished = _beside(wanted.file)
    try:
        if wanted.full_numbers:
            await _note(op, wanted)
        count = await _write(op, replace(wanted, file=unfinished), wanted.file.suffix.lower())
        unfinished.replace(wanted.file)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _beside(file: Path) -> Path:
    unfinished = file.with_name(f".{file.name}.part")
    if file.is_dir():
        raise BadInput(f"{file} cannot be written (it is a folder): choose another file for --out")
    try:
        unfinished.touch()
    except OSError as fault:
        raise BadInput(f"{file} cannot be written ({fault.strerror}): choose another file for --out") from None
    return unfinished


async def _write(op: Operation, wanted: Export, kind: str) -> int:
    match kind:
        case ".csv":
            return await _csv(op, wanted)
        case ".xlsx":
            from dialer.results import workbooks  # what writes them takes long to load

            return await workbooks.write(wanted.file, wanted.made, COLUMNS, history(op, wanted))
        case _:
            return await _json(op, wanted)


async def history(op: Operation, wanted: Export) -> AsyncIterator[dict[str, Any]]:
    """Every call, then every text, as rows of COLUMNS; times are aware, UTC."""
    async with op.database.survey() as session:
        found = await reporting.chosen(session, wanted.names)
        ids = [campaign.id for campaign in found]
        lists = await reports.list_names(session, ids)
        names = {campaign.id: {"campaign": campaign.name, "list": lists.get(campaign.id)} for campaign in found}
        async for call, keys in reports.calls(session, ids, wanted.only):
            yield names[call.campaign_id] | _call(call, keys, full=wanted.full_numbers)
        async for text in reports.texts(session, ids, wanted.only):
            yield names[text.campaign_id] | _text(text, full=wanted.full_numbers)


def safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; instants as ISO text."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


async def _csv(op: Operation, wanted: Export) -> int:
    count = 0
    with wanted.file.open("w", newline="", encoding="utf-8-sig") as file:  # with the mark that Excel needs for UTF-8
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        async for row in history(op, wanted):
            writer.writerow([safe(row[name]) for name in COLUMNS])
            count += 1
    return count


async def _json(op: Operation, wanted: Export) -> int:
    count = 0
    with wanted.file.open("wb") as file:
        async for part in reporting.as_json(op, wanted.made, wanted.names, full_numbers=wanted.full_numbers):
            count += part.lstrip(b", \n").startswith(b'{"attempt"')
            file.write(part)
        file.write(b"\n")
    return count


async def _note(op: Operation, wanted: Export) -> None:
    async with op.database.write() as session:
        await _add_note(session, op.clock.now(), wanted)


async def _add_note(session: AsyncSession, at: datetime, wanted: Export) -> None:
    tenant = await campaigns.tenant(session)
    await interactions.add(
        session,
        tenant_id=tenant.id,
        at=at,
        kind="numbers_exported",
        actor=wanted.actor,
        detail={"campaigns": list(wanted.names), "file": wanted.file.name},
    )


def _call(call: Call, keys: str, *, full: bool) -> dict[str, Any]:
    return _row(call, full=full) | {
        "channel": "call",
        "script": call.flow,
        "begun_utc": call.intent_at,
        "answered_utc": call.answered_at,
        "ended_utc": call.ended_at,
        "seconds": call.seconds,
        "status": reporting.last_word(call),
        "answered_by": call.answered_by,
        "level": call.level,
        "keys": keys,
        "disposition": call.disposition,
        "callback_utc": call.callback_at,
    }


def _text(text: TextSent, *, full: bool) -> dict[str, Any]:
    return _row(text, full=full) | {
        "channel": "sms",
        "script": text.template,
        "begun_utc": text.created_at,
        "ended_utc": text.finished_at,
        "status": text.status,
        "disposition": text.read_as,
        "segments": text.segments,
    }


def _row(one: Call | TextSent, *, full: bool) -> dict[str, Any]:
    empty: Mapping[str, Any] = dict.fromkeys(COLUMNS[2:])
    return dict(empty) | {
        "direction": one.direction,
        "id": one.id,
        "person": one.person_id,
        "number": one.to_number if full else mask(one.to_number),
        "our_number": one.from_number,
        "price": one.price_micros / 1_000_000 if one.price_micros is not None else None,
        "currency": one.price_currency,
    }
