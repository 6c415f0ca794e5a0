"""The page that names a test for every promise names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HARMS = "tests/journeys/test_harms_of_other_dialers.py"
NAMED = re.compile(r"`(tests/[\w/]+\.py)?::(test_\w+)`")
DEFINED = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


def _tests_in(path: str) -> set[str]:
    return set(DEFINED.findall((ROOT / path).read_text(encoding="utf-8")))


def test_every_promise_names_a_test_that_exists() -> None:
    page = (ROOT / "docs/record.md").read_text(encoding="utf-8")
    named = [(path or HARMS, test) for path, test in NAMED.findall(page)]
    assert len(named) > 20
    assert [(path, test) for path, test in named if test not in _tests_in(path)] == []


def test_every_harm_is_on_the_page() -> None:
    page = (ROOT / "docs/record.md").read_text(encoding="utf-8")
    assert {test for test in _tests_in(HARMS) if test not in page} == set()
