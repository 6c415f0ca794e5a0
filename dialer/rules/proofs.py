"""Decided cases that go with the packs: what the gate must say of each, beside what it says. It changes nothing.

A case is a question as `toque gate check` takes it, with `expected` (allow or block), for a block its `reason_code`,
and its `source`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from dialer.errors import BadInput
from dialer.rules.asking.answer import answer
from dialer.rules.asking.fields import Misunderstood
from dialer.rules.asking.question import read_question
from dialer.rules.packs import Packs


@dataclass(frozen=True, slots=True)
class Tried:
    """One case: what it should have been and what it was ("allow", or the code of the block)."""

    file: str
    id: str
    expected: str
    got: str
    source: str

    @property
    def right(self) -> bool:
        """Whether the gate said what the case says."""
        return self.got == self.expected or (self.expected == "block" and self.got != "allow")


def tried(lines: Iterable[str], file: str, packs: Packs) -> list[Tried]:
    """Every case of a file of JSON lines; BadInput names the file and the line that is no case."""
    return [_tried(line, file, n, packs) for n, line in enumerate(lines, start=1) if line.strip()]


def _tried(line: str, file: str, n: int, packs: Packs) -> Tried:
    try:
        case = json.loads(line)
        said = answer(read_question(case), packs)
        expected = case["expected"]
        if expected not in ("allow", "block"):
            raise BadInput(f"{file}, line {n}: expected is {expected!r}; write allow or block")
    except (json.JSONDecodeError, Misunderstood, KeyError, TypeError) as fault:
        raise BadInput(f"{file}, line {n} is no case: {fault}. Write it as toque gate check takes it.") from fault
    wanted = case.get("reason_code") or "block" if expected == "block" else "allow"
    return Tried(file, str(case.get("id", n)), wanted, said.rule or "allow", str(case.get("source", "")))
