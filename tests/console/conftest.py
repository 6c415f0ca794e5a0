from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.store.database import Database
from tests.conftest import KEYRING
from tests.console.office import Office, office


@pytest.fixture
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Office]:
    path = tmp_path / "toque.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite+aiosqlite:///{path}", KEYRING)
    async with office(database) as made:
        yield made
    await database.close()
