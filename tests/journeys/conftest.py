"""Journeys need TCP to this machine."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _wire(loopback: None) -> None:
    """Every journey runs over real HTTP."""
