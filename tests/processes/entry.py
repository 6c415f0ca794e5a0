"""Real processes of the product for tests: each is forked from one that has loaded it, which saves seconds a start.

Apart from that they are what `toque` is: own memory, own connections, own signals, their own end. One thing is for
tests alone: the wall clock of a single process may be set, by a file that says how many seconds it is off.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

CLOCK_FILE = "TOQUE_TEST_CLOCK_FILE"

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([__name__, "toque.cli", "toque.serving", "uvicorn.protocols.http.httptools_impl"])


class SetClock:
    """The module `time` for a process whose clock was set: what the file says is added, read anew when it changes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read, self._off = 0, 0.0

    def time(self) -> float:
        return time.time() + self._seconds()

    def time_ns(self) -> int:
        return time.time_ns() + int(self._seconds() * 1e9)

    def _seconds(self) -> float:
        changed = self._file.stat().st_mtime_ns if self._file.exists() else 0
        if changed != self._read:
            self._read, self._off = changed, float(self._file.read_text() or 0.0)
        return self._off


def started(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> BaseProcess:
    """`toque` with these arguments and this environment; what it says is added to `log`."""
    process = _SERVER.Process(target=_run, args=(tuple(arguments), dict(environment), folder, log))
    process.start()
    return process


def _run(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> None:
    from dialer import clock, worker
    from dialer.campaigns import leading
    from toque.cli import main

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["toque", *arguments]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the server of forks does not listen to it
    if CLOCK_FILE in environment:
        clock.time = SetClock(Path(environment[CLOCK_FILE]))  # type: ignore[assignment]
    # Short leases, so that a test sees within seconds what a dead worker's claims become; and few claims ahead of the
    # window, for those that wait beyond their lease are claimed by others, as a minute's wait would be.
    worker.CLAIM_SECONDS, leading.LEAD_SECONDS, leading.AHEAD_SECONDS = 4.0, 2.0, 1.0
    main()
