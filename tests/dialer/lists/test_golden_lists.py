"""The golden set: ugly files as they are sent, each with all that must come of it (beside it, in YAML)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dialer.lists.golden import FOLDER, read_list

FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".yaml")


def expected_of(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.with_name(f"{path.name}.yaml").read_text("utf-8"))
    return loaded


def test_the_set_is_whole() -> None:
    assert len(FILES) >= 25
    assert {f"{path.name}.yaml" for path in FILES} == {path.name for path in FOLDER.iterdir() if path not in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_list_becomes_these_people_numbers_and_debts(path: Path) -> None:
    expected = expected_of(path)
    came = read_list(path, expected.pop("order", {}))
    assert came["format"] == expected["format"]
    assert came["columns"] == expected["columns"]
    for row, wanted in zip(came["rows"], expected["rows"], strict=True):
        assert row == wanted
    assert came["left_out"] == expected["left_out"]
    places = [[*one[:3], one[4]] for one in came["rejects"]]
    assert places == [[*one[:3], one[4]] for one in expected["rejects"]]
    for one, wanted in zip(came["rejects"], expected["rejects"], strict=True):
        assert wanted[3] in one[3]
