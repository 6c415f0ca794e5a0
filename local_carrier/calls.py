"""One call leg while it lives, and the parameters that its webhooks carry. Holds state; starts nothing."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from math import ceil
from typing import Literal

from local_carrier.ledger import Entry, Leg
from local_carrier.lines.line import Line
from local_carrier.rest.orders import CallOrder, Hook
from local_carrier.verbs import Document

Direction = Literal["outbound-api", "outbound-dial", "inbound"]
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
COUNTRIES = {"+1": "US", "+33": "FR", "+55": "BR"}


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask this address for the next document, with these extra parameters."""

    hook: Hook
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ready:
    """A document that need not be fetched."""

    document: Document


Source = Fetch | Ready


def new_sid(prefix: str) -> str:
    """Return a fresh SID: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def rfc2822(at: datetime | None) -> str | None:
    """Return a time as Twilio prints it, in +0000."""
    return format_datetime(at) if at else None


def country(address: str) -> str:
    """Return the country of a number for the ToCountry and FromCountry parameters, or nothing."""
    return next((COUNTRIES[code] for code in ("+33", "+55", "+1") if address.startswith(code)), "")


@dataclass(slots=True, eq=False)
class Call:
    """A leg. `status` is what REST shows; webhooks also know "initiated"."""

    sid: str
    order: CallOrder
    direction: Direction
    created_at: datetime
    line: Line
    leg: Leg
    parent: Call | None = None
    status: str = "queued"
    updated_at: datetime | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    answered_by: str | None = None
    queue_ms: int = 0
    sip_code: int = 200
    sequence: int = 0
    task: asyncio.Task[None] | None = None
    program: asyncio.Task[None] | None = None
    instruction: Source | None = None
    ended_by_api: str | None = None
    taped: bool = False
    number_sid: str | None = None
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def duration(self) -> int | None:
        """Seconds from answer to end, begun ones counted whole; None before the end and if it was not answered."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return ceil((self.ended_at - self.answered_at).total_seconds())

    def note(self, at: datetime, what: str, words: str = "") -> None:
        """Write an entry into the leg's record."""
        self.leg.entries.append(Entry(at, what, words))

    def params(self, account_sid: str, status: str | None = None) -> dict[str, str]:
        """Return the parameters common to every voice webhook."""
        order = self.order
        params = {
            "AccountSid": account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": status or self.status,
            "Direction": self.direction,
        }
        for name, address in (("To", order.to), ("Called", order.to), ("From", order.from_), ("Caller", order.from_)):
            params[name] = address
            params |= {f"{name}{part}": "" for part in ("City", "State", "Zip")}
            params[f"{name}Country"] = country(address)
        if self.parent is not None:
            params["ParentCallSid"] = self.parent.sid
        return params

    def redirect(self, source: Source) -> None:
        """Stop what is being performed and go on with this at once."""
        self.instruction = source
        if self.program is not None:
            self.program.cancel()

    def end(self, status: str) -> None:
        """End the leg from the carrier's side; `status` becomes its final status unless it was answered."""
        if self.finished.is_set() or self.ended_by_api is not None:
            return
        self.ended_by_api = status
        if self.task is not None:
            self.task.cancel()
