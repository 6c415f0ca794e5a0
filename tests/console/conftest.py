from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from dialer.operation import Operation
from dialer.store.database import Database
from tests.conftest import KEYRING
from tests.console.office import Office, office
from tests.console.visitors import HOST, app_of
from tests.dialer.records import accepts, operation_on
from toque.app import build_app


@pytest.fixture
async def own_database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """SQLite: on most pages it is not the SQL that is in question."""
    path = tmp_path / "toque.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite+aiosqlite:///{path}", KEYRING)
    yield database
    await database.close()


@pytest.fixture
def op(own_database: Database, tmp_path: Path) -> Operation:
    """The operation behind the pages."""
    return operation_on(own_database, accepts, public_url=HOST, home=tmp_path)


@pytest.fixture
def app(op: Operation, request: pytest.FixtureRequest) -> FastAPI:
    """The places that a module names in PLACES, and nothing else; without them the whole application."""
    places = getattr(request.module, "PLACES", None)
    return build_app(op, None) if places is None else app_of(op, *places)


@pytest.fixture
async def desk(own_database: Database) -> AsyncIterator[Office]:
    """An office with an agent at a desk."""
    async with office(own_database) as made:
        yield made
