"""`make audit`: the simulated month in some towns side by side, then the auditor over each; figures as JSON lines.

Exit code 0 when there is no violation. The files that were judged stay where --out says.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog

from tests.audit.month import Order, live_through
from toque.audit.auditor import audit_files, summary


def main() -> int:
    """Simulate and judge."""
    asked = _arguments()
    asked.out.mkdir(parents=True, exist_ok=True)
    whole = Order(people=asked.people, days=asked.days, seed=asked.seed, attempts=asked.attempts, beat=asked.beat)
    towns = [replace(whole, people=whole.people // asked.towns, seed=whole.seed + n) for n in range(asked.towns)]
    begun, violations = time.monotonic(), 0
    with ProcessPoolExecutor(max_workers=asked.towns) as pool:
        for figures, found, count in pool.map(partial(_one_town, asked.out), towns):
            print(json.dumps(figures))
            print(found, flush=True)
            violations += count
    total = {"towns": asked.towns, "violations": violations, "seconds": round(time.monotonic() - begun)}
    print(json.dumps(total))
    return 1 if violations else 0


def _one_town(out: Path, order: Order) -> tuple[dict[str, object], str, int]:
    """Figures, what the auditor says, and the number of violations."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    home = Path(tempfile.mkdtemp(prefix=f"toque-audit-{order.seed}-", dir=_fast_folder()))
    try:
        url = f"sqlite+aiosqlite:///{home / 'toque.sqlite3'}"
        tell = partial(_tell, order.seed)
        figures = asyncio.run(live_through(order, database_url=url, home=home, tell=tell))
        kept = [out / f"{order.seed}.{name}" for name in ("record.jsonl", "carrier.jsonl")]
        for name, path in zip(("record.jsonl", "carrier.jsonl"), kept, strict=True):
            shutil.move(home / name, path)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    found = audit_files(*kept)
    return figures.as_dict() | {"violations": len(found)}, summary(found), len(found)


def _tell(seed: int, words: str) -> None:
    print(f"town {seed}, {words}", file=sys.stderr, flush=True)


def _fast_folder() -> str | None:
    """In memory, where there is room: no power is cut here, so nobody need wait for a disk."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 4 * 1024**3 else None


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(prog="make audit", description=__doc__)
    given.add_argument("--people", type=int, default=10_000)
    given.add_argument("--days", type=int, default=30)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--attempts", type=int, default=3, help="the most of a campaign to one person")
    given.add_argument("--beat", type=float, default=240.0, help="business seconds between two looks of the worker")
    given.add_argument("--towns", type=int, default=os.cpu_count() or 1, help="processes, each with its people")
    given.add_argument("--out", type=Path, default=Path("var/audit"))
    return given.parse_args()


if __name__ == "__main__":
    sys.exit(main())
