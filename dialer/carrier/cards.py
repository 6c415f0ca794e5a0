"""Cards that are taken while an agent stays on the line: the carrier gets the figures, we are told of dots.

Contract: https://www.twilio.com/docs/voice/api/payment-resource. Nothing is charged before `finish` says so, and one
key is one request: a repeat charges nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import httpx
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

End = Literal["complete", "cancel"]


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be charged: `amount` in the currency's units as text, through our connector; what is asked for."""

    amount: str
    currency: str
    connector: str
    description: str
    postal_code: bool
    timeout_seconds: int = 15


class Cards:
    """The payments of one account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def begin(self, call: str, charge: Charge, *, key: str, url: str) -> str | None:
        """A payment on this call; its id, or None: refused, or without an answer. Nothing is charged by it."""
        try:
            made = await self._client.calls(call).payments.create_async(
                idempotency_key=key,
                status_callback=url,
                charge_amount=charge.amount,  # as text: a float would not be exact
                currency=charge.currency.lower(),
                description=charge.description,
                input="dtmf",
                payment_connector=charge.connector,
                payment_method="credit-card",
                postal_code=charge.postal_code,
                security_code=True,
                timeout=charge.timeout_seconds,
            )
        except (TwilioException, httpx.HTTPError):
            return None
        return str(made.sid)

    async def ask(self, call: str, sid: str, figure: str, *, key: str, url: str) -> bool:
        """Let the person key in this figure now; whether the carrier said yes."""
        return await self._update(call, sid, idempotency_key=key, status_callback=url, capture=figure)

    async def finish(self, call: str, sid: str, end: End, *, key: str, url: str) -> bool:
        """Charge what was keyed in, or give it up; whether the carrier said yes. The result comes as news."""
        return await self._update(call, sid, idempotency_key=key, status_callback=url, status=end)

    async def _update(self, call: str, sid: str, **values: str) -> bool:
        try:
            await self._client.calls(call).payments(sid).update_async(**values)
        except (TwilioException, httpx.HTTPError):
            return False
        return True
