"""Proofs are made in this process; and a database for what is no question of SQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.store.database import Database
from tests.conftest import KEYRING
from tests.dialer.flows.own_flow import prove_here


@pytest.fixture(autouse=True)
def _proofs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_here(monkeypatch)


@pytest.fixture
async def here(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A database on SQLite alone."""
    path = tmp_path / "toque.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite+aiosqlite:///{path}", KEYRING)
    yield database
    await database.close()
