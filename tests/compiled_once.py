"""Statements compiled once in a process: every test opens engines of its own, and each would compile them anew."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

STATEMENTS = 4000  # more than the product has, on both databases


class ByKindOfDatabase(LRUCache[Any, Any]):
    """Like an engine's own cache, but the key names the kind of database and not the engine's own dialect object."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_shared(key), default)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(_shared(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_shared(key), value)


def _shared(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *statement = key
    return type(dialect), *statement


def share_compiled_statements() -> None:
    """From now on every connection of this process takes compiled statements from one cache."""
    cache = ByKindOfDatabase(STATEMENTS)

    @event.listens_for(Engine, "engine_connect")
    def _use(connection: Connection) -> None:
        connection.execution_options(compiled_cache=cache)
