"""Acts on our own do-not-call list: numbers by hand or from a file, people whose wish came by letter.

On record first; then what rings there is cancelled and what talks ends politely.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import barring, suppressing
from dialer.errors import BadInput, NotFound, Refused
from dialer.operation import Operation
from dialer.rules.facts import SuppressionKind
from dialer.rules.phone_numbers import PhoneNumber, mask, read
from dialer.store import campaigns, interactions, people, suppressions
from dialer.store.models import Person, Suppression

CHUNK = 500  # numbers in one transaction
HAND = "operator"
KINDS: tuple[SuppressionKind, ...] = ("do_not_call", "opt_out")
BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # what XLSX and XLS files begin with
LONG_NUMBER = re.compile(r"(?:\d[\s().-]?){7,}")


@dataclass(frozen=True, slots=True)
class Spared:
    """What came of a wish to leave numbers alone. `rejected`: (line, why); no number is repeated."""

    added: int
    known: int
    rejected: tuple[tuple[int, str], ...] = ()
    calls_stopped: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One bar as people look at it. `person` is the key of a person on record; without one: all at the number."""

    kind: str
    number: str | None
    person: str | None
    channel: str | None
    automated_only: bool
    since: datetime
    source: str


async def add_numbers(
    op: Operation, lines: Iterable[tuple[int, str]], *, country: str | None, because: str = ""
) -> Spared:
    """Put numbers on the list. `lines`: (line, number as people write it); `country` for those without a +.

    Committed a chunk at a time; what is on the list already stays, so that a file may be loaded again.
    """
    _must_name_nobody(because)
    rows, added, known, stopped = iter(lines), 0, 0, 0
    rejected: list[tuple[int, str]] = []
    while chunk := list(islice(rows, CHUNK)):
        read_all = [(line, _read(text, country)) for line, text in chunk]
        rejected += [(line, found) for line, found in read_all if isinstance(found, str)]
        numbers = sorted({found.e164 for _, found in read_all if isinstance(found, PhoneNumber)})
        new = await _add(op, numbers, because)
        added, known = added + new, known + len(numbers) - new
        stopped += await _stop_calls(op, numbers)
    return Spared(added, known, tuple(rejected), stopped)


async def remove_number(op: Operation, text: str, *, country: str | None, because: str) -> int:
    """Take a number off the list; raises NotFound when it is not on it. What people asked for themselves stays."""
    _must_name_nobody(because)
    found = _read(text, country)
    if isinstance(found, str):
        raise BadInput(f"The number cannot be read: {found}")
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        now = op.clock.now()
        ended = await barring.allow_number(session, tenant.id, found.e164, at=now, because=because)
        asked = await suppressions.asked_at(session, tenant.id, found.e164, at=now)
    if not ended:
        why = "whoever has it asked for that themselves; --person ends such a wish" if asked else "nothing was done"
        raise NotFound(f"{mask(found.e164)} is not on the do-not-call list ({why})")
    return ended


async def add_person(op: Operation, key: str, *, scope: str, because: str = "") -> int:
    """The opt-out of a person on record, by the key of the list; calls that were stopped. Raises NotFound."""
    _must_name_nobody(because)

    async def commit(session: AsyncSession) -> int:
        person = await _person(session, key)
        await suppressing.opt_out(session, person, at=op.clock.now(), scope=scope, attempt_id=None, source=HAND)
        return person.id

    return await suppressing.stop_calls(op, await op.database.committed(commit), "opted_out")


async def remove_person(op: Operation, key: str, *, because: str) -> int:
    """End every opt-out of a person: they have asked to be called again, and `because` says how. How many."""
    _must_name_nobody(because)
    now = op.clock.now()
    async with op.database.write() as session:
        person = await _person(session, key)
        reached = [one.e164 for one in await people.numbers(session, person.id)]
        ended = 0
        for which in _wishes(person, reached):
            ended += await suppressions.end(session, person.tenant_id, *which, at=now)
        if not ended:
            raise Refused(f'"{key}" has not opted out of anything')
        await people.bump(session, person.id)
        await interactions.add(
            session, tenant_id=person.tenant_id, person_id=person.id, at=now, kind="opted_in", actor=HAND,
            detail={"because": because},
        )  # fmt: skip
    return ended


async def listed(op: Operation) -> list[Entry]:
    """Every do-not-call entry and opt-out that holds now, newest first."""
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        found = await suppressions.standing(session, tenant.id, at=op.clock.now(), kinds=KINDS)
    return [
        Entry(bar.kind, bar.number, key, bar.channel, bar.automated_only, bar.since, bar.source) for bar, key in found
    ]


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """(line, number) of a text or CSV file: the first cell of each line; a heading and empty lines are left out.

    Raises BadInput for what is no text.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) in BINARY:
                raise BadInput(f"{path.name} is a spreadsheet: save it as CSV, with the numbers in the first column")
        with path.open(encoding="utf-8-sig", errors="replace", newline=None) as text:
            for n, line in enumerate(text, start=1):
                cell = re.split(r"[;,\t|]", line.strip(), maxsplit=1)[0].strip().strip("\"'").strip()
                if cell and (n > 1 or any(one.isdigit() for one in cell)):
                    yield n, cell
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror}): give the path of a text file") from None


async def _add(op: Operation, numbers: list[str], because: str) -> int:
    if not numbers:
        return 0
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        now = op.clock.now()
        new = await suppressions.add_numbers(session, tenant.id, numbers, since=now, source=HAND)
        await suppressions.bump_holders(session, tenant.id, numbers)
        if new:
            await interactions.add(
                session, tenant_id=tenant.id, at=now, kind="number_do_not_call", actor=HAND,
                detail={"numbers": new, "because": because},
            )  # fmt: skip
    return new


async def _stop_calls(op: Operation, numbers: list[str]) -> int:
    async with op.database.read() as session:
        called = await suppressions.called_now(session, numbers)
    return await barring.stop_calls(op, called)


def _read(text: str, country: str | None) -> PhoneNumber | str:
    """The number, or why it is none."""
    if country is None and not text.strip().startswith("+"):
        return "no country: write it as +country code and number, or give --country"
    found = read(text, country or "US")
    return found if isinstance(found, PhoneNumber) else found.reason


def _wishes(person: Person, reached: list[str]) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """What bars a person for their own wish: on them, and on the numbers at which they are reached."""
    yield (Suppression.kind == "opt_out", Suppression.person_id == person.id)
    yield (Suppression.kind == "opt_out", Suppression.person_id.is_(None), Suppression.number.in_(reached))


async def _person(session: AsyncSession, key: str) -> Person:
    tenant = await campaigns.tenant(session)
    return await people.by_key(session, tenant.id, key)


def _must_name_nobody(because: str) -> None:
    """The reason stays on record for good: it must not say who, or which number."""
    if len(because) > 200 or LONG_NUMBER.search(because):
        raise BadInput("--because stands in the record for good: at most 200 characters, and no number or name in it")
