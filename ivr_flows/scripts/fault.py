"""One fault of a script, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from ivr_flows.scripts.script import End, Script, Step


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, in which file and line, at which step or end (empty: the script), and what to do.

    `language` is empty where the fault is in every one.
    """

    file: str
    line: int
    script: str
    step: str
    language: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = " ".join(word for word in (self.script, self.step, self.language) if word)
        return f"{self.file}:{self.line}: {place}: {self.message} {self.remedy}"


def fault(script: Script, place: Step | End | None, message: str, remedy: str, *, language: str = "") -> Fault:
    """A fault of a step or an end, or of the script."""
    file, line, name = (place.source, place.line, place.name) if place else (script.source, 1, "")
    return Fault(file, line, script.name, name, language, message, remedy)
