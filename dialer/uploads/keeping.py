"""Where handed-in files lie: a folder of this process that only its user may read. They are never served.

A file goes as soon as it is loaded, and after a day whatever became of it; the cells that were not used go with it.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from dialer.errors import BadInput
from dialer.operation import Operation

KEPT_SECONDS = 24 * 3600.0
MEGABYTE = 1 << 20
FOLDER = "uploads"  # under TOQUE_HOME
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx")


def folder(op: Operation) -> Path:
    """The folder, made at first use."""
    found = op.settings.home / FOLDER
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def path_of(op: Operation, token: str) -> Path:
    """Where the file of that token lies."""
    return folder(op) / token


def rejects_of(op: Operation, token: str) -> Path:
    """Where the cells of it that were not used are written."""
    return folder(op) / f"{token}.rejects.csv"


async def keep(op: Operation, parts: AsyncIterator[bytes]) -> tuple[str, int]:
    """Write a file as it comes: its token and its size in bytes. BadInput when it is empty or too large."""
    token = secrets.token_hex(16)
    path, size = path_of(op, token), 0
    most = op.settings.list_megabytes * MEGABYTE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            async for part in parts:
                size += len(part)
                if size > most:
                    raise BadInput(
                        f"The file is larger than {op.settings.list_megabytes} MB: part it,"
                        " or raise TOQUE_LIST_MEGABYTES"
                    )
                file.write(part)
        if not size:
            raise BadInput("The file is empty: choose one with headings and rows")
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return token, size


def private_rejects(op: Operation, token: str) -> Path:
    """The same path as `rejects_of`, with an empty file that nobody else may read."""
    path = rejects_of(op, token)
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def is_here(op: Operation, token: str) -> bool:
    """Whether this process still has the file."""
    return path_of(op, token).is_file()


def forget(op: Operation, token: str, *, rejects_too: bool = False) -> None:
    """Delete the file, and what was written about it."""
    path_of(op, token).unlink(missing_ok=True)
    if rejects_too:
        rejects_of(op, token).unlink(missing_ok=True)


def sweep(op: Operation, busy: frozenset[str]) -> int:
    """Delete what has lain here for a day, but not the files of these tokens; how many."""
    gone = 0
    if not (op.settings.home / FOLDER).is_dir():
        return gone
    for path in folder(op).iterdir():
        with suppress(FileNotFoundError):
            if path.name.partition(".")[0] not in busy and path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink()
                gone += 1
    return gone
