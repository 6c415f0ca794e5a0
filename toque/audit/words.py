"""What was said: nothing about a debt before the check was passed, none of it to machines or by text to strangers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toque.audit.evidence import Call, Evidence
from toque.audit.findings import Violation

# Words that give a debt away, and amounts of money, in the three languages.
DEBT = re.compile(
    r"d[ií]vida|d[eé]bito|cobran[cç]|pend[eê]ncia|boleto|inadimpl|\bcontrato\b|\breais\b|\bdebts?\b|collector|"
    r"\bbalance\b|\bowed?\b|past due|\bdollars\b|\bdettes?\b|cr[eé]ance|recouvr|impay|somme à régler|\beuros\b|"
    r"aurora",
    re.IGNORECASE,
)
TOLD = frozenset({"checked", "confirmed"})  # levels of identity at which the debt is spoken of
CHECK_DIGITS = 3  # an answer to the check has at least so many keys


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every call in which a debt was spoken of too early."""
    for call in [*evidence.calls, *evidence.incoming]:
        yield from _too_early(call)
        if call.recorded and not any("grava" in w or "record" in w or "enregistr" in w for w in _heard(call)):
            yield Violation(call.person, call.begun, "RECORDING_NOTICE", "recorded, and nobody said so", call.sid)


def _heard(call: Call) -> list[str]:
    return [one.words.lower() for one in call.said if one.what in ("heard", "taped")]


def _too_early(call: Call) -> Iterator[Violation]:
    answered_check = False
    for one in call.said:
        if one.what == "pressed":
            answered_check |= len(one.words.strip("*#")) >= CHECK_DIGITS
            continue
        found = DEBT.search(one.words) if one.what in ("heard", "taped") else None
        if found and (one.what == "taped" or not answered_check or call.level not in TOLD):
            words = f"{found[0]!r} was said before the check was passed"
            yield Violation(call.person, one.at, "DISCLOSED", words, call.sid)
            return
