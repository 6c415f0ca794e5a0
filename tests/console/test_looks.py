"""What style sheets and pages ask for is here, is given out, and is given out by us."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import console
from console.router import STATIC, TYPES

TEMPLATES = Path(console.__file__).parent / "templates"
SHEETS = sorted(STATIC.glob("*.css"))
WHOLE_PAGES = ("frame.html", "doorway.html", "door.html", "desk.html")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: one.name)
def test_what_a_style_sheet_asks_for_is_a_file_that_we_give_out(sheet: Path) -> None:
    asked = re.findall(r'url\("?([^#")][^")]*)"?\)', sheet.read_text("utf-8"))
    for one in asked:
        assert one.startswith("/static/"), "our own server, as the policy has it"
        file = STATIC / one.removeprefix("/static/")
        assert file.is_file(), one
        assert file.suffix in TYPES, one


@pytest.mark.parametrize("name", WHOLE_PAGES)
def test_a_page_fetches_the_font_ahead_that_its_style_sheet_names(name: str) -> None:
    page = (TEMPLATES / name).read_text("utf-8")
    (ahead,) = re.findall(r'rel="preload" as="font" type="font/woff2" href="([^"]*)" crossorigin', page)
    (sheet,) = re.findall(r'rel="stylesheet" href="/static/(inter\.css)"', page)
    assert f'url("{ahead}")' in (STATIC / sheet).read_text("utf-8")


def test_what_is_vendored_has_its_version_and_licence_on_record() -> None:
    told = (STATIC / "vendor" / "README.md").read_text("utf-8")
    for file in (STATIC / "vendor").iterdir():
        assert file.name == "README.md" or file.name in told, file.name
