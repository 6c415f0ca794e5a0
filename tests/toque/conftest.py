"""What all tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where databases are kept that a fixture made once, for all that build on it."""
    return tmp_path_factory.mktemp("kept")
