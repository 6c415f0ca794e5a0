"""Takes over whole do-not-call lists: millions of numbers, a chunk at a time, without ever holding them all.

Each chunk is one short transaction; calls under way to its numbers are taken back after it. Reads no other file.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import barring
from dialer.errors import BadInput, Refused
from dialer.heeding.numbers_file import Line
from dialer.operation import Operation
from dialer.rules.facts import SuppressionKind
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.store import campaigns, interactions, listed_numbers
from dialer.store.listed_numbers import Listing, Size

CHUNK = 5_000  # numbers in one transaction: short enough for a call's intent to wait for it
REASONS_KEPT = 200
LISTED_KINDS: tuple[SuppressionKind, ...] = ("do_not_call", "opt_out", "wrong_person", "deceased", "lawyer", "cease")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be taken over. `country` is for numbers without +; `replace`: what the file lacks is ended.

    `creditor` is the key of the one creditor that the list holds for; None: whatever a call is about.
    """

    lines: Iterable[Line]
    name: str | None = None
    country: str | None = None
    creditor: str | None = None
    kind: SuppressionKind = "do_not_call"
    replace: bool = False
    because: str = ""
    source: str = "operator"


@dataclass(slots=True)
class TakenOver:
    """What came of it. `rejected`: (line, why) of the first 200 lines without a number; `rejects` counts them all."""

    added: int = 0
    known: int = 0
    ended: int = 0
    rejects: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
    calls_stopped: int = 0


class _Seen:
    """Which numbers a file holds, in a scratch file of its own: a list may be larger than the memory."""

    def __init__(self) -> None:
        self._scratch = sqlite3.connect("", isolation_level=None)
        self._scratch.execute("PRAGMA journal_mode=OFF")
        self._scratch.execute("CREATE TABLE seen (number TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, numbers: Iterable[str]) -> None:
        """Keep these in mind."""
        self._scratch.execute("BEGIN")
        self._scratch.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((one,) for one in numbers))
        self._scratch.execute("COMMIT")

    def holds(self, number: str) -> bool:
        """Whether the file held it."""
        return self._scratch.execute("SELECT 1 FROM seen WHERE number = ?", (number,)).fetchone() is not None

    def close(self) -> None:
        """The scratch file goes."""
        self._scratch.close()


async def take_over(op: Operation, order: Order, progress: Progress | None = None) -> TakenOver:
    """Put the numbers of a file on a list. Twice is once; cut off, it is simply done again from the beginning.

    Raises BadInput for a kind or name that no list can have, NotFound for an unknown creditor, and Refused when a
    file that replaces a list holds fewer numbers than lines that cannot be read: it is hardly the list's new state.
    """
    listing = await _listing(op, order)
    told, rows, done = TakenOver(), iter(order.lines), 0
    with closing(_Seen()) as seen:
        while chunk := list(islice(rows, CHUNK)):
            numbers = _numbers(chunk, order.country, told, otherwise=op.clock.now())
            if order.replace:
                seen.add(numbers)
            await _take_over(op, listing, order, numbers, told)
            done += len(chunk)
            if progress:
                progress(done)
            await asyncio.sleep(0)
        if order.replace:
            await _end_the_others(op, listing, order, seen, told)
    return told


async def lists(op: Operation) -> list[Size]:
    """Every list of numbers that holds something now."""
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        return await listed_numbers.sizes(session, tenant.id, at=op.clock.now())


async def _listing(op: Operation, order: Order) -> Listing:
    if order.kind not in LISTED_KINDS:
        raise BadInput(f'"{order.kind}" is nothing that a list of numbers can say: use {", ".join(LISTED_KINDS)}')
    if order.name is not None and not 0 < len(order.name) <= 50:
        raise BadInput("The name of a list has 1 to 50 characters, like nao-me-ligue-sp")
    if order.replace and order.name is None:
        raise BadInput("Only a list with a name can be replaced: add --list NAME")
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        if order.creditor is None:
            return Listing(tenant.id, order.name, order.kind)
        creditor = await campaigns.known_creditor(session, tenant.id, order.creditor)
        return Listing(tenant.id, order.name, order.kind, creditor.id)


def _numbers(
    chunk: Iterable[Line], country: str | None, told: TakenOver, *, otherwise: datetime
) -> dict[str, datetime]:
    """The numbers of a chunk, each with the instant from which it holds; what cannot be read is counted."""
    found: dict[str, datetime] = {}
    for line in chunk:
        number = read_number(line.text, country)
        if isinstance(number, PhoneNumber):
            found[number.e164] = min(line.since or otherwise, found.get(number.e164, otherwise))
            continue
        told.rejects += 1
        if len(told.rejected) < REASONS_KEPT:
            told.rejected.append((line.n, number))
    return found


def read_number(text: str, country: str | None) -> PhoneNumber | str:
    """The number, or why it is none. Without a country only what begins with + is one."""
    if country is None and not text.strip().startswith("+"):
        return "no country: write it as +country code and number, or give --country"
    found = read(text, country or "US")
    return found if isinstance(found, PhoneNumber) else found.reason


async def _take_over(
    op: Operation, listing: Listing, order: Order, numbers: dict[str, datetime], told: TakenOver
) -> None:
    if not numbers:
        return

    async def commit(session: AsyncSession) -> tuple[int, list[int]]:
        new = await listed_numbers.add(session, listing, numbers, source=order.source)
        if not new:
            return 0, []
        await listed_numbers.take_back(session, listing, new)
        await listed_numbers.bump_holders(session, listing.tenant_id, new)
        called = await listed_numbers.take_back(session, listing, new)
        await _note(session, op, listing, order, f"number_{listing.kind}", len(new))
        return len(new), called

    added, called = await op.database.committed(commit)
    told.added, told.known = told.added + added, told.known + len(numbers) - added
    told.calls_stopped += await barring.stop_calls(op, called)


async def _end_the_others(op: Operation, listing: Listing, order: Order, seen: _Seen, told: TakenOver) -> None:
    if told.added + told.known <= told.rejects:
        raise Refused(
            f"The file holds {told.added + told.known} numbers and {told.rejects} lines without one: the list was"
            " not replaced, its entries hold on. Give a whole file, or leave out --replace"
        )
    behind, now = 0, op.clock.now()
    while True:
        async with op.database.read() as session:
            entries = await listed_numbers.page(session, listing, behind=behind, size=CHUNK)
        if not entries:
            return
        behind = entries[-1][0]
        gone = [entry_id for entry_id, number in entries if not seen.holds(number)]
        if gone:
            async with op.database.write() as session:
                await listed_numbers.end(session, gone, at=now)
                await _note(session, op, listing, order, "number_allowed", len(gone))
            told.ended += len(gone)


async def _note(session: AsyncSession, op: Operation, listing: Listing, order: Order, kind: str, count: int) -> None:
    which = {"list": listing.name, "creditor": order.creditor}
    await interactions.add(
        session, tenant_id=listing.tenant_id, at=op.clock.now(), kind=kind, actor=order.source,
        detail={"numbers": count, "because": order.because, **{name: one for name, one in which.items() if one}},
    )  # fmt: skip
