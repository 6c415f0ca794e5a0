"""Journeys need TCP to this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.store import database as database_module
from tests.conftest import fresh_database


@pytest.fixture(autouse=True)
def _wire(loopback: None) -> None:
    """Every journey runs over real HTTP."""


@pytest.fixture(autouse=True)
def _without_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """No journey here cuts the power, so none waits for the disk."""
    pragmas = tuple(one.replace("synchronous=FULL", "synchronous=OFF") for one in database_module._PRAGMAS)
    monkeypatch.setattr(database_module, "_PRAGMAS", pragmas)


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated SQLite file."""
    yield from fresh_database(request, "sqlite", tmp_path)


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database."""
    yield from fresh_database(request, "postgresql", tmp_path)
