"""The guide's own script is sound, and its tables name every script and every condition."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from dialer.rules.packs import load_packs
from ivr_flows.scripts.checking import check
from ivr_flows.scripts.loading import library, parse
from ivr_flows.scripts.reading import WISHES
from ivr_flows.scripts.script import Fits

GUIDE = (Path(__file__).parents[3] / "docs" / "scripts.md").read_text(encoding="utf-8")


def test_the_script_of_the_guide_is_sound() -> None:
    example = re.search(r"```yaml\n(number:.*?)```", GUIDE, re.DOTALL)
    law = load_packs().by_country["US"].flows
    assert example is not None
    assert law is not None
    script = parse(example[1], "example.yaml")
    assert check(script, law.disclosures) == []
    assert {"welcome_promised", "call_again"} <= set(script.ends)


def test_the_guide_names_every_script_condition_and_wish() -> None:
    assert {name for name in library() if f"`{name}`" not in GUIDE} == set()
    assert {each.name for each in fields(Fits) if f"`{each.name}: " not in GUIDE} == set()
    assert {wish for wish in WISHES if wish not in GUIDE} == set()
