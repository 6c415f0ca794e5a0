from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.store.database import Database
from tests.conftest import KEYRING


@pytest.fixture
async def sqlite_here(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """One SQLite database: where SQL itself is not the question."""
    path = tmp_path / "toque.sqlite3"
    shutil.copy(sqlite_template, path)
    made = Database(f"sqlite+aiosqlite:///{path}", KEYRING)
    yield made
    await made.close()
