"""The reviewed words of `phrases.yaml`, and finding them in what is said. Who may say them is asked elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import cast

import yaml

from ivr_flows.templating import Line
from ivr_flows.turn import Language

LISTS = ("forbidden", "gives_away", "limited_content", "offers_stop", "confirms_stop")
_SLOT = re.compile(r"\{[^{}]*\}")
_PLAIN = re.compile(r"[^\w']+")


@cache
def phrases(which: str, language: Language) -> tuple[str, ...]:
    """One list in one language (of another region, if need be); empty if there is none."""
    lists = cast("Mapping[str, Mapping[str, list[str]]]", _read())
    in_tongue = {each.partition("-")[0]: found for each, found in lists[which].items()}
    return tuple(lists[which].get(language, in_tongue.get(language.partition("-")[0], [])))


@cache
def _read() -> object:
    text = Path(__file__).with_name("phrases.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@cache
def found_in(text: str, which: str, language: Language) -> str | None:
    """The first phrase of a list that stands in a text as whole words, accents or not; None if none does."""
    plain = f" {_plain(text)} "
    return next((each for each in phrases(which, language) if f" {_plain(each)} " in plain), None)


def objection(text: str, language: Language) -> str | None:
    """The phrase for which a text may not be said or sent to anybody; for scripts and messages that are no flows."""
    return found_in(text, "forbidden", language)


def fixed(lines: Iterable[Line]) -> str:
    """The fixed words of lines, a stroke for each variable."""
    return " ".join(_SLOT.sub("—", line.source) for line in lines)


def limited(line: Line, language: Language) -> str | None:
    """The first fixed words of a line that are no limited content; None if all are."""
    allowed = {_plain(each) for each in phrases("limited_content", language)}
    pieces = (piece.strip(" .,;:!?") for piece in _SLOT.split(line.source))
    return next((piece for piece in pieces if piece and _plain(piece) not in allowed), None)


@cache
def _plain(text: str) -> str:
    bare = "".join(each for each in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(each))
    return _PLAIN.sub(" ", bare.replace("’", "'")).strip()
