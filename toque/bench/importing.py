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
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from sqlalchemy import text

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
PASSES = 3
MEMORY_EVERY = 0.1  # seconds between two looks
TABLES: tuple[type[Model], ...] = (Person, Number, Debt, ListMember)
LONGEST = 1800  # seconds; a bench that takes longer is stuck


def measure(kind: str, scale: float) -> Figure:
    """Microseconds a row, and peak memory of the loading processes."""
    return asyncio.run(_measure(kind, max(200, round(ROWS * scale))))


async def _measure(kind: str, rows: int) -> Figure:
    with tempfile.TemporaryDirectory(prefix="toque-bench-", dir="/tmp") as folder:
        path = Path(folder) / "list.csv"
        write_list(path, rows)
        runs = [await _pass(kind, path, rows) for _ in range(PASSES)]
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
    """The same numbers validated, the same rows inserted, and nothing else."""
    texts = list(phone_texts(path))
    async with operation(Settings(**bench_settings(loaded))) as op:
        contents = [(model, *await _contents(op.database, model)) for model in TABLES]
    async with operation(Settings(**bench_settings(bare))) as op:
        await _parents(op.database)
        with Stopwatch() as watch:
            for raw, country in texts:
                read(raw, country)
            for chunk in _chunks([(model, columns, rows) for model, columns, rows in contents]):
                async with op.database.write() as session:
                    for model, columns, rows in chunk:
                        await insert_rows(session, model.metadata.tables[model.__tablename__], columns, rows)
    return watch.found


def _chunks(contents: list[tuple[type[Model], list[str], list[Any]]]) -> Iterator[list[Any]]:
    """The tables' rows side by side in as many parts as the load has chunks; ids keep parents before children."""
    parts = max(1, -(-len(contents[2][2]) // CHUNK_ROWS))
    for part in range(parts):
        yield [
            (model, columns, rows[len(rows) * part // parts : len(rows) * (part + 1) // parts])
            for model, columns, rows in contents[:1]
        ]
    for part in range(parts):
        yield [
            (model, columns, rows[len(rows) * part // parts : len(rows) * (part + 1) // parts])
            for model, columns, rows in contents[1:]
        ]


async def _contents(database: Database, model: type[Model]) -> tuple[list[str], list[Any]]:
    async with database.survey() as session:
        found = await session.execute(text(f'SELECT * FROM "{model.__tablename__}" ORDER BY id'))
        return list(found.keys()), [tuple(map(_stored, row)) for row in found.all()]


def _stored(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


async def _parents(database: Database) -> None:
    """The tenant, the creditor and the list to which the rows belong; first rows, so with the same ids."""
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        creditor = await campaigns.creditor(session, tenant.id, "loja")
        await lists.named(session, tenant.id, creditor, "bench", MONDAY_NOON)


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
