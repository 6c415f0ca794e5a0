"""The silence that punctuation asks for. Pure text: no sound here."""

from __future__ import annotations

import re

SENTENCE_PAUSE, CLAUSE_PAUSE, PART_PAUSE = 0.35, 0.18, 0.04
FIGURE_PAUSE, GROUP_PAUSE = 0.05, 0.25  # within and between the groups of a number that is read out
_LAST_MARK = re.compile(r"([.!?…:,;–—])[\s\"'»”)]*$")
_FIRST_MARK = re.compile(r"^\s*([.!?…:,;–—])")


def pause_between(text: str, following: str, *, figures: bool = False) -> float:
    """Seconds of silence that the punctuation between two texts asks for.

    `figures`: what follows is read out one by one. People need a moment to know that they are to listen for them.
    """
    mark = _LAST_MARK.search(text) or _FIRST_MARK.search(following)
    if mark is None:
        return CLAUSE_PAUSE if figures else PART_PAUSE
    return CLAUSE_PAUSE if mark[1] in ",;–—" else SENTENCE_PAUSE
