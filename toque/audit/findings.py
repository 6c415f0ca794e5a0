"""What an audit says: one violation a line, with the person, the instant and the rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Violation:
    """One contact that should not have been. `subject` is the carrier's id of the call or text."""

    person: int
    at: datetime
    rule: str
    words: str
    subject: str

    def __str__(self) -> str:
        return f"person {self.person}, {self.at:%Y-%m-%d %H:%M:%S}Z, {self.rule}: {self.words} ({self.subject})"
