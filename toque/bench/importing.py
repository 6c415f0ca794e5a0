"""What one row of a messy list costs to load, beside the least that any load must do in the same run.

The floor validates the same telephone texts and puts the very rows that the load made into the same tables, bare:
COPY on PostgreSQL, `executemany` on SQLite, in the same chunks, each side in a process of its own. What counts is the
time until it is done, the share of the database included, on a machine that does nothing else; a load has a second
process read ahead, the floor has not.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from sqlalchemy import func, select, text

from dialer import importing
from dialer.loading import CHUNK_ROWS
from dialer.rules.phone_numbers import read
from dialer.settings import Settings
from dialer.store import campaigns, lists
from dialer.store.bulk import insert_rows
from dialer.store.database import Database
from dialer.store.models import Debt, ListMember, Model, Number, Person
from toque.bench.crowd import MONDAY_NOON, NoonClock
from toque.bench.databases import fresh_database
from toque.bench.measuring import Figure, Pass
from toque.bench.messy_list import phone_texts, write_list
from toque.bench.webhook import bench_settings
from toque.composition import operation

ROWS = 200_000
LONG = 500_000  # from so many rows on a list is loaded once: it takes minutes
AT_ONCE = 10_000
PASSES = 3
MEMORY_EVERY = 0.1  # seconds between two looks
TABLES: tuple[type[Model], ...] = (Person, Number, Debt, ListMember)
LONGEST = 3600  # seconds; a bench that takes longer is stuck


def measure(kind: str, scale: float) -> Figure:
    """Microseconds a row, and peak memory of the loading processes."""
    return asyncio.run(_measure(kind, max(200, round(ROWS * scale))))


async def _measure(kind: str, rows: int) -> Figure:
    with tempfile.TemporaryDirectory(prefix="toque-bench-", dir="/tmp") as folder:
        path = Path(folder) / "list.csv"
        write_list(path, rows)
        runs = [await _pass(kind, path, rows) for _ in range(PASSES if rows < LONG else 1)]
    passes = tuple(Pass(floor=run["floor_wall"], value=run["wall"]) for run in runs)
    more = {name: median(run[name] for run in runs) for name in runs[0] if name not in ("wall", "floor_wall")}
    return Figure(passes, rows, "µs a row", "the same telephone validation and a bare bulk insert", more)


async def _pass(kind: str, path: Path, rows: int) -> dict[str, float]:
    """One load and one floor, microseconds a row: what somebody waits for, and the processor time of our side."""
    async with fresh_database(kind) as loaded, fresh_database(kind) as bare:
        load = await asyncio.to_thread(_in_a_process, "load", str(path), loaded)
        floor = await asyncio.to_thread(_in_a_process, "floor", str(path), loaded, bare)
    if load["new"] < rows * 0.9:
        raise RuntimeError(f"of {rows} rows {load['new']} were loaded: nothing measured")
    each = {"wall": load["wall"], "cpu": load["cpu"], "floor_wall": floor["wall"], "floor_cpu": floor["cpu"]}
    return {name: round(seconds / rows * 1e6, 1) for name, seconds in each.items()} | {"peak_mb": load["peak_mb"]}


def _in_a_process(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "toque.bench.importing", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    if done.returncode:
        raise RuntimeError(f"the measured process failed: {done.stderr.strip()[-500:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


async def _load(path: Path, url: str) -> dict[str, Any]:
    """One import, as the command does it."""
    async with operation(Settings(**bench_settings(url)), clock=NoonClock()) as op:
        order = importing.Order(path, "loja", "bench", "BR", rejects=path.with_suffix(".rejects.csv"))
        with Stopwatch() as watch:
            report = await importing.load(op, order)
    return watch.found | {"new": report.new, "changed": report.changed}


async def _floor(path: Path, loaded: str, bare: str) -> dict[str, Any]:
    """The same numbers validated, the same rows inserted, nothing else; what they are read from is not counted."""
    spent = Spent()
    texts = phone_texts(path)
    while part := list(islice(texts, AT_ONCE)):
        with spent:
            for raw, country in part:
                read(raw, country)
    async with (
        operation(Settings(**bench_settings(loaded))) as source,
        operation(Settings(**bench_settings(bare))) as op,
    ):
        await _parents(op.database)
        parts = max(1, -(-await _count(source.database, Debt) // CHUNK_ROWS))
        for models in (TABLES[:1], TABLES[1:]):  # parents before children
            sizes = [-(-await _count(source.database, model) // parts) for model in models]
            kept = [_contents(source.database, model, size) for model, size in zip(models, sizes, strict=True)]
            for _ in range(parts):
                chunk = [await anext(one, list[Any]()) for one in kept]
                await _insert(op.database, spent, list(zip(models, chunk, strict=True)))
    return {"cpu": spent.cpu, "wall": spent.wall}


async def _insert(database: Database, spent: Spent, chunk: Sequence[tuple[type[Model], list[Any]]]) -> None:
    """Rows of some tables side by side in one transaction, as a load writes them."""
    with spent:
        async with database.write() as session:
            for model, rows in chunk:
                table = model.metadata.tables[model.__tablename__]
                await insert_rows(session, table, table.columns.keys(), rows)


async def _count(database: Database, model: type[Model]) -> int:
    async with database.survey() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


async def _contents(database: Database, model: type[Model], size: int) -> AsyncIterator[list[Any]]:
    """The rows of a table in the order of their ids, `size` at a time."""
    columns, last = ", ".join(model.metadata.tables[model.__tablename__].columns.keys()), 0
    query = text(f'SELECT id, {columns} FROM "{model.__tablename__}" WHERE id > :last ORDER BY id LIMIT {size}')
    while True:
        async with database.survey() as session:
            found = (await session.execute(query, {"last": last})).all()
        if not found:
            return
        last = found[-1][0]
        yield [tuple(map(_stored, row[1:])) for row in found]


def _stored(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


async def _parents(database: Database) -> None:
    """The tenant, the creditor and the list to which the rows belong; first rows, so with the same ids."""
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        creditor = await campaigns.creditor(session, tenant.id, "loja")
        await lists.named(session, tenant.id, creditor, "bench", MONDAY_NOON)


class Spent:
    """CPU and wall time of the blocks that are run with it, all together."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    def __enter__(self) -> None:
        self._cpu, self._wall = _cpu(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.cpu += _cpu() - self._cpu
        self.wall += time.perf_counter() - self._wall


class Stopwatch:
    """CPU of this process and those it ended, wall time, and the most memory that both had at once."""

    def __enter__(self) -> Stopwatch:
        self._over = threading.Event()
        self._peak = _resident()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()
        self._cpu, self._wall = _cpu(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        spent = {"cpu": _cpu() - self._cpu, "wall": time.perf_counter() - self._wall}
        self._over.set()
        self._looking.join()
        self.found: dict[str, Any] = spent | {"peak_mb": round(self._peak / 2**20)}

    def _look(self) -> None:
        while not self._over.wait(MEMORY_EVERY):
            self._peak = max(self._peak, _resident())


def _resident() -> int:
    """Bytes of memory of this process and its children."""
    here = psutil.Process()
    found = here.memory_info().rss
    for child in here.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            found += child.memory_info().rss
    return int(found)


def _cpu() -> float:
    return sum(os.times()[:4])


if __name__ == "__main__":
    what, file, *urls = sys.argv[1:]
    run = _load(Path(file), urls[0]) if what == "load" else _floor(Path(file), urls[0], urls[1])
    print(json.dumps(asyncio.run(run)))
