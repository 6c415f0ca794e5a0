"""Rehearses and loads handed-in files beside everything else that a web process does; how far stands in the database.

A long list is loaded in a thread with connections of its own, so that no call waits for it. What is cut off goes on
when it is asked for again: the loads themselves see to that.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from dialer import importing
from dialer.debts import changing
from dialer.errors import Refused, ToqueError
from dialer.lists.cells import Reject
from dialer.lists.changes import NEEDED
from dialer.operation import Operation
from dialer.store import list_files
from dialer.store.database import Database
from dialer.store.models import ListFile
from dialer.uploads import keeping
from dialer.uploads.previewing import count_rows
from dialer.uploads.veiling import veiled

log = structlog.get_logger("toque.uploads")

BEAT_SECONDS = 0.5
REJECTS_SHOWN = 100
OWN_CONNECTIONS = 2


class Stopped(Exception):
    """The process is asked to end: the load is left where it stands."""


class Jobs:
    """What one process has under way."""

    def __init__(self, op: Operation) -> None:
        self._op = op
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._tokens: dict[int, str] = {}
        self._stopping = threading.Event()

    async def begin(self, file: ListFile, *, rehearse: bool) -> None:
        """Start. Refused while somebody is at it, when it is done, and when the file is not here any more."""
        if not keeping.is_here(self._op, file.token):
            raise Refused("The file is not here any more: hand it in again. No row is loaded twice.")
        async with self._op.database.write() as session:
            status = "checking" if rehearse else "loading"
            if not await list_files.begin(session, file.id, status, datetime.now(UTC)):
                raise Refused("This file is being read already, or is done: look at how far it is")
        job = _Job(self._op, file, self._stopping, rehearse=rehearse)
        self._tokens[file.id] = file.token
        task = self._tasks[file.id] = asyncio.create_task(job.run())
        task.add_done_callback(lambda _: self._tasks.pop(file.id, None))

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values())

    async def close(self) -> None:
        """Leave everything where it stands, to go on with later."""
        self._stopping.set()
        await self.idle()

    def busy(self) -> frozenset[str]:
        """The tokens of the files under way."""
        return frozenset(self._tokens[one] for one in self._tasks)


class _Job:
    """One file, rehearsed or loaded."""

    def __init__(self, op: Operation, file: ListFile, stopping: threading.Event, *, rehearse: bool) -> None:
        self._op = op
        self._file = file
        self._path = keeping.path_of(op, file.token)
        self._stopping = stopping
        self._rehearse = rehearse
        self._over = asyncio.Event()
        self._done, self._total = 0, 0

    async def run(self) -> None:
        """To the end, whatever it is; the database says what came of it. Raises nothing."""
        beating = asyncio.create_task(self._beat())
        try:
            report = await (self._load() if self._file.kind == "import" else self._change())
            values: dict[str, Any] = {"report": report, "status": "checked" if self._rehearse else "done"}
        except Stopped:
            values = {"beat_at": None}
        except asyncio.CancelledError:
            self._stopping.set()  # the thread hears of it no other way, and the process waits for its threads
            raise
        except ToqueError as fault:
            values = {"status": "failed", "fault": told(fault, self._file.file_name, str(self._path))}
        except Exception:
            log.exception("upload_failed", file=self._file.id, todo="report this fault")
            values = {"status": "failed", "fault": "Something went wrong while it was read. Try again: it goes on."}
        finally:
            self._over.set()
            await asyncio.gather(beating, return_exceptions=True)
        if values.get("status") == "done":
            keeping.forget(self._op, self._file.token)
        finished = {"finished_at": datetime.now(UTC)} if "status" in values else {}
        await self._write(rows_done=self._done, rows_total=self._total, **values, **finished)

    async def _load(self) -> dict[str, Any]:
        order = importing.Order(
            path=self._path,
            creditor=self._file.creditor,
            creditor_name=self._file.creditor_name,
            list_name=self._file.list_name,
            country=self._file.country,
            mapping=self._file.mapping,
            rejects=keeping.private_rejects(self._op, self._file.token),
            dry_run=self._rehearse,
        )
        report = await asyncio.to_thread(lambda: asyncio.run(self._by_itself(order)))
        self._done = self._total = report.rows
        kept = {name: value for name, value in asdict(report).items() if name not in ("rejects", "origins")}
        return kept | {"rejects": _shown(report.rejects, report.columns)}

    async def _by_itself(self, order: importing.Order) -> importing.Report:
        """In the thread, whose connections are its own."""
        database = Database(self._op.database.url, self._op.database.keyring, pool_size=OWN_CONNECTIONS)
        try:
            return await importing.load(replace(self._op, database=database), order, self._progress)
        finally:
            await database.close()

    async def _change(self) -> dict[str, Any]:
        self._total = await asyncio.to_thread(count_rows, self._path)
        order = changing.Order(
            kind=next(one for one in NEEDED if one == self._file.kind),
            path=self._path,
            creditor=self._file.creditor,
            country=self._file.country,
            mapping=self._file.mapping,
            rejects=keeping.private_rejects(self._op, self._file.token),
            dry_run=self._rehearse,
            reopens=self._file.reopens,
        )
        report = await changing.change_file(self._op, order, lambda done: self._progress(done, self._total))
        foretold = asdict(report.foretold) if report.foretold else None
        shown = {"columns": report.columns, "foretold": foretold, "rejects": _shown(report.rejects, report.columns)}
        return report.counts() | shown

    def _progress(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        if self._stopping.is_set():
            raise Stopped

    async def _beat(self) -> None:
        """To the end of the job; it is not cancelled, so that no transaction is torn."""
        while not self._over.is_set():
            await self._write(rows_done=self._done, rows_total=self._total, beat_at=datetime.now(UTC))
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._over.wait()

    async def _write(self, **values: Any) -> None:
        async with self._op.database.write() as session:
            await list_files.change(session, self._file.id, was=list_files.BUSY, **values)


def told(fault: ToqueError, name: str, path: str) -> str:
    """What went wrong, as whoever handed the file in should read it: by its own name, without a command's options."""
    words = str(fault).replace(path, name)
    for hint in (" Say which is which: --map", " All reasons: --rejects"):
        words = words.partition(hint)[0]
    return words.replace("--map: ", "")[:1000]


def _shown(rejects: list[Reject], columns: dict[str, str]) -> list[dict[str, Any]]:
    field_of = {heading: field for field, heading in columns.items()}
    return [
        asdict(one) | {"value": veiled(field_of.get(one.column, ""), one.value)} for one in rejects[:REJECTS_SHOWN]
    ]
