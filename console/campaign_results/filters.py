"""What the address of the results asks for: days, channel, script, number. What cannot be read is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dialer.results.group import Only

CHANNELS = ("call", "sms")
NAMES = ("from", "to", "channel", "script", "number")


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as typed; `only` is how reports take it. `unread` names what could not be read."""

    asked: dict[str, str]
    only: Only
    unread: tuple[str, ...]

    @property
    def query(self) -> str:
        """The same for another address, with its question mark; nothing when all is asked for."""
        given = {name: value for name, value in self.asked.items() if value}
        return f"?{urlencode(given)}" if given else ""


def read_filters(given: Mapping[str, str], zone: str) -> Filters:
    """The filters of an address. Days are those of `zone` (IANA name), both included."""
    asked = {name: given.get(name, "").strip() for name in NAMES}
    first, last = _day(asked["from"]), _day(asked["to"])
    channel = asked["channel"] if asked["channel"] in CHANNELS else None
    unread = [
        name for name, read in (("from", first), ("to", last), ("channel", channel)) if asked[name] and not read
    ]
    if first and last and last < first:
        unread.append("to")
        last = None
    only = Only(
        since=_begins(first, zone),
        until=_begins(last + timedelta(days=1), zone) if last else None,
        channel=channel,
        script=asked["script"] or None,
        number=asked["number"] or None,
    )
    return Filters(asked, only, tuple(unread))


def _day(text: str) -> date | None:
    try:
        read = date.fromisoformat(text)
    except ValueError:
        return None
    return read if 2000 <= read.year <= 2999 else None


def _begins(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)) if day else None
