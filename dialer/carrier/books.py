"""What the carrier charged: no price at first; some time after the end one for each call and text, when it is asked.

A price is printed as a negative amount (https://www.twilio.com/docs/voice/api/call-resource); here it is what we pay.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from dialer.results.group import Priced

PAGE = 1000  # the most that the carrier gives at once
MOST = 2000  # in one look: a busy account lists more, and those are asked for one by one


class Books:
    """The prices of one account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def calls(self, *, since: datetime, until: datetime) -> list[Priced] | None:
        """Those of the calls begun in that time that have a price; None when the carrier does not answer."""
        return await _told(
            lambda: self._client.calls.list_async(
                start_time_after=since, start_time_before=until, limit=MOST, page_size=PAGE
            )
        )

    async def messages(self, *, since: datetime, until: datetime) -> list[Priced] | None:
        """The same of messages sent in that time."""
        return await _told(
            lambda: self._client.messages.list_async(
                date_sent_after=since, date_sent_before=until, limit=MOST, page_size=PAGE
            )
        )

    async def call(self, sid: str) -> list[Priced] | None:
        """One call, if it has a price; None when the carrier does not answer."""
        return await _told(lambda: _alone(self._client.calls(sid).fetch_async()))

    async def message(self, sid: str) -> list[Priced] | None:
        """One message, if it has a price; None when the carrier does not answer."""
        return await _told(lambda: _alone(self._client.messages(sid).fetch_async()))


async def _alone(one: Awaitable[Any]) -> list[Any]:
    return [await one]


async def _told(ask: Callable[[], Awaitable[Iterable[Any]]]) -> list[Priced] | None:
    try:
        found = await ask()
    except (TwilioException, httpx.HTTPError):
        return None
    return [priced for one in found if (priced := _priced(one)) is not None]


def _priced(one: Any) -> Priced | None:
    try:
        price = Decimal(str(one.price))
    except InvalidOperation:  # None, or no number: not told yet
        return None
    currency = str(one.price_unit or "").upper()
    if len(currency) != 3 or not price.is_finite():
        return None
    segments = str(getattr(one, "num_segments", "") or "")
    return Priced(
        str(one.sid), abs(int(price * 1_000_000)), currency, int(segments) if segments.isdecimal() else None
    )
