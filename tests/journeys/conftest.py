"""Journeys need TCP to this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.store import database as database_module
from tests.conftest import fresh_database
from tests.journeys.town import REAL_LIMIT
from webhooks import in_time, patience


@pytest.fixture(autouse=True)
def _wire(loopback: None) -> None:
    """Every journey runs over real HTTP."""


@pytest.fixture(autouse=True)
def _without_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """No journey here cuts the power, so none waits for the disk."""
    pragmas = tuple(one.replace("synchronous=FULL", "synchronous=OFF") for one in database_module._PRAGMAS)
    monkeypatch.setattr(database_module, "_PRAGMAS", pragmas)


@pytest.fixture(autouse=True)
def _without_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other things is slow, and not overloaded with calls: nobody is put off here."""
    for where, name in (
        (patience, "LONGEST_SPOKEN"), (patience, "LONGEST_NEWS"), (in_time, "CALLERS_WAIT"), (in_time, "NEWS_WAIT"),
    ):  # fmt: skip
        monkeypatch.setattr(where, name, REAL_LIMIT)


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated SQLite file."""
    yield from fresh_database(request, "sqlite", tmp_path)


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database."""
    yield from fresh_database(request, "postgresql", tmp_path)
