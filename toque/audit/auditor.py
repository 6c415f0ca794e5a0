"""All checks over one record; and a command of its own: `python -m toque.audit.auditor RECORD CARRIER_LOG`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from toque.audit import bars, evidence, frequency, lines, words
from toque.audit.findings import Violation

CHECKS = (lines.check, bars.check, frequency.check, words.check)
SHOWN = 200


def audit(record: Iterable[str], carrier: Iterable[str]) -> list[Violation]:
    """Every violation, in the order of time; the lines are those of the two exported files."""
    found = evidence.read(record, carrier)
    return sorted((one for check in CHECKS for one in check(found)), key=lambda one: (one.at, one.rule, one.subject))


def audit_files(record: Path, carrier: Path) -> list[Violation]:
    """The same for two files."""
    with record.open(encoding="utf-8") as ours, carrier.open(encoding="utf-8") as theirs:
        return audit(ours, theirs)


def summary(found: list[Violation]) -> str:
    """What to print: the violations, and how many of each rule."""
    shown = [str(one) for one in found[:SHOWN]]
    by_rule = Counter(one.rule for one in found)
    return "\n".join([*shown, *(f"{count} x {rule}" for rule, count in by_rule.most_common()), _verdict(found)])


def _verdict(found: list[Violation]) -> str:
    return f"{len(found)} violations" if found else "no violation"


def main(arguments: list[str]) -> int:
    """Judge two files; 1 when anything is wrong, 2 for wrong use."""
    if len(arguments) != 2:
        sys.stderr.write("Give the two files: the record, and the log of the carrier.\n")
        return 2
    found = audit_files(Path(arguments[0]), Path(arguments[1]))
    sys.stdout.write(summary(found) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
