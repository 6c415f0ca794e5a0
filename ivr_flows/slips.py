"""Numbers read out for somebody who writes them down: payment slips in groups, instalments as "three of twelve"."""

from __future__ import annotations

import re

from ivr_flows.turn import Language
from ivr_flows.wording import cardinal, digit_by_digit, lexicon

# Groups that a Brazilian slip is printed in: bank slips have five fields (two of them in halves, the last one
# split for the ear), utility slips four of eleven digits and a check digit.
_GROUPS = {47: (5, 5, 5, 6, 5, 6, 1, 4, 5, 5), 48: (4, 4, 4) * 4}
_USUAL = 4
_OF = {"pt-BR": "de", "en-US": "of", "fr-FR": "sur"}
_COUNTED = re.compile(r"\s*0*(\d{1,4})\s*(?:/|de|of|sur)\s*0*(\d{1,4})\s*")


def slip_number(code: str, language: Language) -> str:
    """A slip's digits one at a time with a short pause, and a longer one after each group: slow enough to write."""
    digits = re.sub(r"[^0-9]", "", code)
    names = lexicon(language).digits
    return ". ".join(", ".join(names[int(digit)] for digit in group) for group in _groups(digits))


def _groups(digits: str) -> list[str]:
    sizes = _GROUPS.get(len(digits)) or (_USUAL,) * -(-len(digits) // _USUAL)
    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    return [digits[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def instalment(text: str, language: Language) -> str:
    """Which instalment it is: "3/12" is "três de doze"; anything else one sign at a time."""
    counted = _COUNTED.fullmatch(text)
    if counted is None:
        return cardinal(int(text), language) if text.isascii() and text.isdigit() else digit_by_digit(text, language)
    of = _OF.get(language, "/")
    return f"{cardinal(int(counted[1]), language)} {of} {cardinal(int(counted[2]), language)}"
