"""The words in which a text message is answered by itself: who we are, and no word of what it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

Kind = Literal["opt_out", "opt_in", "help", "received"]
KINDS: tuple[Kind, ...] = ("opt_out", "opt_in", "help", "received")
VALUES = ("caller_name", "official_site", "official_number")
ELSEWHERE = "en-US"  # for a language that we have no words in
_NAMED = re.compile(r"\{(\w+)\}")


def words(kind: Kind, language: str, values: Mapping[str, str]) -> str:
    """One answer in the person's language; sentences whose value is empty or missing are left out."""
    said = _texts()[kind].get(language) or _texts()[kind][ELSEWHERE]
    return " ".join(_filled(sentence, values) for sentence in said if _can_be_filled(sentence, values))


def _can_be_filled(sentence: str, values: Mapping[str, str]) -> bool:
    return all(values.get(name) for name in _NAMED.findall(sentence))


def _filled(sentence: str, values: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda found: values[found[1]], sentence)


@cache
def _texts() -> dict[Kind, dict[str, list[str]]]:
    texts: dict[Kind, dict[str, list[str]]] = yaml.safe_load(
        (files("dialer.rules") / "replies.yaml").read_text("utf-8")
    )
    return texts
