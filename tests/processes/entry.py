"""Real processes of the product for tests: each is forked from one that has loaded it, which saves seconds a start.

Apart from that they are what `toque` is: own memory, own connections, own signals, their own end.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([__name__, "toque.cli", "toque.serving", "uvicorn.protocols.http.httptools_impl"])


def started(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> BaseProcess:
    """`toque` with these arguments and this environment; what it says is added to `log`."""
    process = _SERVER.Process(target=_run, args=(tuple(arguments), dict(environment), folder, log))
    process.start()
    return process


def _run(arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> None:
    from dialer import worker
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
    # Short leases, so that a test sees within seconds what a dead worker's claims become.
    worker.CLAIM_SECONDS, leading.LEAD_SECONDS = 4.0, 2.0
    main()
