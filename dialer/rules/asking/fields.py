"""Reading plain JSON values by name, with faults in words, and keeping what nobody asked for. It knows no law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

EXAMPLE = "2026-10-06T10:00:00-03:00"
FIRST_YEAR, LAST_YEAR = 1970, 2200


class Misunderstood(ValueError):
    """A question cannot be read; the message names the key and what it should be."""


class Fields:
    """One JSON object. `path` is where it stands; `asked` keeps, over all levels, which keys were asked for."""

    def __init__(self, value: Any, path: str = "", asked: dict[str, bool] | None = None) -> None:
        if not isinstance(value, Mapping):
            raise Misunderstood(f"{path or 'the line'} must be an object like {{…}}, not {type(value).__name__}")
        self._values: Mapping[str, Any] = value
        self._path = path
        self._asked: dict[str, bool] = {} if asked is None else asked
        for key in value:
            self._asked.setdefault(self.where(str(key)), False)

    @property
    def unread(self) -> tuple[str, ...]:
        """The dotted keys that nobody asked for, of all levels."""
        return tuple(key for key, asked in self._asked.items() if not asked)

    def where(self, key: str) -> str:
        """The dotted path of a key."""
        return f"{self._path}.{key}" if self._path else key

    def take(self, key: str) -> Any:
        """The value as it stands, None when absent."""
        self._asked[self.where(key)] = True
        return self._values.get(key)

    def known(self, *keys: str) -> None:
        """Keys that inform nobody and may be there."""
        for key in keys:
            self.take(key)

    def inner(self, key: str) -> Fields:
        """An object within this one; an empty one when absent."""
        value = self.take(key)
        return Fields({} if value is None else value, self.where(key), self._asked)

    def objects(self, key: str) -> Iterator[Fields]:
        """The objects of a list; none when absent."""
        for value in self._list(key):
            yield Fields(value, self.where(key), self._asked)

    def text(self, key: str) -> str | None:
        """A text; numbers count as texts."""
        value = self.take(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Misunderstood(f"{self.where(key)} must be a text, not {value!r}")
        return str(value).strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text; none when absent."""
        found = []
        for value in self._list(key):
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise Misunderstood(f"{self.where(key)} must be a list of texts; {value!r} is none")
            found.append(str(value).strip())
        return tuple(found)

    def flag(self, key: str) -> bool | None:
        """True, false, or None when absent."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return value
        raise Misunderstood(f"{self.where(key)} must be true or false, not {value!r}")

    def whole(self, key: str) -> int | None:
        """A whole number that is not negative."""
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 0:
            raise Misunderstood(f"{self.where(key)} must be a whole number from 0 on, not {value!r}")
        return int(value)

    def instant(self, key: str) -> datetime | None:
        """An instant (UTC); a bare date is its first moment in UTC."""
        value = self.take(key)
        return None if value is None else self.read_instant(value, key)

    def read_instant(self, value: Any, key: str) -> datetime:
        """The same for a value that was taken before."""
        try:
            read = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise Misunderstood(f"{self.where(key)} must be a time like {EXAMPLE}, not {value!r}") from None
        if read.tzinfo is None and len(value.strip()) > len("2026-10-06"):
            raise Misunderstood(f"{self.where(key)} {value!r} has no offset; write it like {EXAMPLE}")
        if not FIRST_YEAR <= read.year <= LAST_YEAR:
            raise Misunderstood(f"{self.where(key)} {value!r} is out of range; write it like {EXAMPLE}")
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)

    def day(self, key: str) -> date | None:
        """A calendar date; of a time, the date as it is written."""
        value = self.take(key)
        return None if value is None else self.read_day(value, key)

    def read_day(self, value: Any, key: str) -> date:
        """The same for a value that was taken before."""
        try:
            read = datetime.fromisoformat(value).date()
        except (TypeError, ValueError):
            read = date.min
        if not FIRST_YEAR <= read.year <= LAST_YEAR:
            raise Misunderstood(f"{self.where(key)} must be a date like 2026-10-06, not {value!r}")
        return read

    def _list(self, key: str) -> list[Any]:
        value = self.take(key)
        if value is None:
            return []
        if isinstance(value, Mapping | str):
            return [value]
        if not isinstance(value, list):
            raise Misunderstood(f"{self.where(key)} must be a list, not {value!r}")
        return value
