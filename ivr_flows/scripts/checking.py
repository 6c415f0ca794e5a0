"""What is wrong with a script before an agent is given it. Values out; nothing is run."""

from __future__ import annotations

from collections.abc import Mapping

from ivr_flows.scripts import ways, words
from ivr_flows.scripts.fault import Fault
from ivr_flows.scripts.script import Script
from ivr_flows.turn import Language

__all__ = ["Fault", "check"]


def check(script: Script, disclosures: Mapping[Language, tuple[str, ...]] | None = None) -> list[Fault]:
    """Every fault, in the order of the file; an empty list means that the script may be used.

    `disclosures`: by language, the words that must have been said before details of a person's late debt (a rule
    pack's `flows.disclosures`); None asks for none.
    """
    found = {*ways.faults(script), *words.faults(script), *ways.undisclosed(script, disclosures or {})}
    return sorted(found, key=lambda each: (each.file != script.source, *_where(each)))


def _where(each: Fault) -> tuple[str, int, str, str, str]:
    return each.file, each.line, each.step, each.message, each.language
