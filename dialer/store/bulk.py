"""Many rows at once: what SQLAlchemy does row by row, the drivers do in one go. For loads of lists, nothing else.

PostgreSQL takes rows by COPY, SQLite by one prepared statement; both inside the session's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, String, Table, any_, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

LOST_RACE = ("23505", "23503", "40P01", "40001")  # unique, foreign key, deadlock, serialization


def is_sqlite(session: AsyncSession) -> bool:
    """Whether the session speaks to SQLite."""
    return session.get_bind().dialect.name == "sqlite"


def among(session: AsyncSession, column: InstrumentedAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """`column` is one of `values` (text or integers), however many: one parameter for all."""
    if is_sqlite(session):
        each = func.json_each(bindparam(None, json.dumps(list(values)), String)).table_valued("value")
        return column.in_(select(each.c.value))
    kind = String if isinstance(column.type, String) else BigInteger
    return column == any_(bindparam(None, list(values), ARRAY(kind)))


async def reserve_ids(session: AsyncSession, table: Table, count: int) -> Sequence[int]:
    """Ids for so many rows to come. On SQLite the transaction already keeps every other writer out."""
    if not count:
        return ()
    if is_sqlite(session):
        last = await session.scalar(select(func.coalesce(func.max(table.c.id), 0)))
        return range(int(last or 0) + 1, int(last or 0) + 1 + count)
    sequence = func.pg_get_serial_sequence(f'"{table.name}"', "id")
    each = func.generate_series(1, count).table_valued("n")
    return (await session.scalars(select(func.nextval(sequence)).select_from(each))).all()


async def insert_rows(
    session: AsyncSession, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Add rows, values as they are stored (days as ISO text, instants as milliseconds, JSON as text)."""
    rows = list(rows)
    if not rows:
        return
    connection = await session.connection()
    if is_sqlite(session):
        names, places = ", ".join(columns), ", ".join("?" * len(columns))
        await connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})', rows)
        return
    await session.scalar(select(1))  # the driver's transaction begins with a first statement; COPY alone begins none
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None, "the session is connected"
    await driver.copy_records_to_table(table.name, records=rows, columns=list(columns))


async def learn_sizes(session: AsyncSession, tables: Iterable[Table]) -> None:
    """Tell PostgreSQL's planner how large tables have become: it does so by itself only about once a minute."""
    if not is_sqlite(session):
        for table in tables:
            await session.execute(text(f'ANALYZE "{table.name}"'))


def lost_race(fault: BaseException) -> bool:
    """Whether somebody else's transaction was first, so that looking again and trying again is right."""
    state = getattr(getattr(fault, "orig", fault), "sqlstate", None)
    return state in LOST_RACE
