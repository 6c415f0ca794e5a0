"""Column types whose storage is the same on SQLite and PostgreSQL: instants as milliseconds, days as ISO text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows itself only for INTEGER


def milliseconds(value: datetime) -> int:
    """Milliseconds UTC of an aware instant: how it is stored."""
    return (value - _EPOCH) // _MILLISECOND


class Instant(TypeDecorator[datetime]):
    """An aware datetime kept as integer milliseconds UTC (SQLite forgets time zones). Naive values are refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Datetime to milliseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone: use clock.now()")
        return milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Milliseconds to an aware datetime, UTC."""
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


class Day(TypeDecorator[date]):
    """A calendar day kept as ISO text, which sorts and reads the same everywhere."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """Date to text."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        """Text to date."""
        return None if value is None else date.fromisoformat(value)
