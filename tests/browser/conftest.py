"""Pages are opened in a browser over real HTTP, on a town with simulated people."""

from __future__ import annotations

from tests.journeys.conftest import _wire, _without_fsync, _without_haste, postgres_url, sqlite_url

__all__ = ["_wire", "_without_fsync", "_without_haste", "postgres_url", "sqlite_url"]
