"""The guide's own example is a flow without faults of form, and its table names every kind of node."""

from __future__ import annotations

import re
from pathlib import Path

from ivr_flows.loading import parse
from ivr_flows.reading.kinds import KINDS
from ivr_flows.templating import FILTERS

GUIDE = (Path(__file__).parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")


def test_the_example_of_the_guide_is_a_flow() -> None:
    example = re.search(r"```yaml\n(title:.*?)```", GUIDE, re.DOTALL)
    assert example is not None
    assert parse(example[1], "example.yaml").start == "hello"


def test_the_guide_names_every_kind_and_every_filter() -> None:
    assert {kind for kind in KINDS if f"| `{kind}` |" not in GUIDE} == set()
    assert {name for name in FILTERS if f"`{name}" not in GUIDE} == set()
