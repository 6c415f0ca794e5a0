"""Brings a database to the newest revision of `migrations/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dialer.store.database import Database


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection."""
    config = _scripts()
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> str:
    """Apply what is missing; returns the revision reached. Safe at every start, also beside processes that write."""
    if await is_current(database):
        return _newest()
    async with database.write() as session:
        return await (await session.connection()).run_sync(_upgrade)


async def is_current(database: Database) -> bool:
    """Whether the database stands at the newest revision."""
    async with database.read() as session:
        return await (await session.connection()).run_sync(lambda bare: _revision(bare) == _newest())


def _upgrade(connection: Connection) -> str:
    if _revision(connection) != _newest():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7401105)")  # two processes may start at once
        command.upgrade(alembic_config(connection), "head")
    return _newest()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _newest() -> str:
    head = ScriptDirectory.from_config(_scripts()).get_current_head()
    assert head is not None, "the package ships at least one migration"
    return head
