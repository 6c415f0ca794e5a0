"""The storage rules hold on both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store import upgrading
from dialer.store.database import Database
from dialer.store.models import Model, Tenant


async def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Model.metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert await upgrading.upgrade(database) == await upgrading.upgrade(database)
    assert await upgrading.is_current(database)


async def test_what_lost_a_deadlock_is_done_anew_and_nothing_of_the_first_try_stays(database: Database) -> None:
    tries = []

    async def act(session: AsyncSession) -> int:
        session.add(Tenant(key=f"t{len(tries)}", name="T"))
        await session.flush()
        tries.append(1)
        if len(tries) < 3:
            ended = OSError("the database chose another")
            ended.sqlstate = "40P01"  # type: ignore[attr-defined]
            raise DBAPIError("UPDATE", None, ended)
        return len(tries)

    assert await database.committed(act) == 3
    async with database.read() as session:
        assert list(await session.scalars(select(Tenant.key))) == ["t2"]


async def test_a_fault_that_is_no_deadlock_is_told_at_once(database: Database) -> None:
    async def act(session: AsyncSession) -> None:
        raise DBAPIError("UPDATE", None, OSError("the disk is full"))

    with pytest.raises(DBAPIError):
        await database.committed(act)
