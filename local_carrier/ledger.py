"""What the carrier saw, kept for outside checks: every leg with its times, news sent, words heard, keys pressed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened on a leg: heard, taped (on a machine), pressed, lost_key, said, left,
    status, callback, amd, verb, sent_digits.
    """

    at: datetime
    what: str
    words: str = ""

    def as_json(self) -> dict[str, object]:
        """Return plain JSON, the time as ISO 8601."""
        return {"at": self.at.isoformat(), "what": self.what, "words": self.words}


@dataclass(slots=True)
class Leg:
    """The record of one call leg."""

    sid: str
    to: str
    from_: str
    direction: str
    parent: str | None
    persona: str
    created_at: datetime
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    status: str = "queued"
    answered_by: str | None = None
    entries: list[Entry] = field(default_factory=list)

    def words(self, what: str) -> list[str]:
        """Return the words of all entries of one sort, in order."""
        return [entry.words for entry in self.entries if entry.what == what]

    @property
    def keys(self) -> str:
        """Every key that was pressed while the carrier listened."""
        return "".join(self.words("pressed"))

    def as_json(self) -> dict[str, object]:
        """Return plain JSON, times as ISO 8601."""

        def iso(at: datetime | None) -> str | None:
            return at.isoformat() if at else None

        return {
            "sid": self.sid,
            "to": self.to,
            "from": self.from_,
            "direction": self.direction,
            "parent": self.parent,
            "persona": self.persona,
            "created_at": iso(self.created_at),
            "started_at": iso(self.started_at),
            "answered_at": iso(self.answered_at),
            "ended_at": iso(self.ended_at),
            "status": self.status,
            "answered_by": self.answered_by,
            "keys": self.keys,
            "entries": [entry.as_json() for entry in self.entries],
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the debugger: Twilio's code, what it concerns, what happened."""

    at: datetime
    code: int
    about: str
    words: str

    def as_json(self) -> dict[str, object]:
        """Return plain JSON, the time as ISO 8601."""
        return {"at": self.at.isoformat(), "code": self.code, "about": self.about, "words": self.words}
