"""The account's own numbers and where their calls and texts go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from local_carrier.calls import new_sid
from local_carrier.rest.orders import Hook, NumberOrder

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange


@dataclass(slots=True, eq=False)
class OwnNumber:
    """One number of the account; a hook that is None means that nobody is asked."""

    sid: str
    number: str
    created_at: datetime
    updated_at: datetime
    name: str = ""
    voice: Hook | None = None
    voice_fallback: Hook | None = None
    sms: Hook | None = None
    sms_fallback: Hook | None = None
    status: Hook | None = None


class Numbers:
    """Every number of the account by its E.164 form. When the account has no list, any number is its own."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.by_number: dict[str, OwnNumber] = {}
        for number in sorted(exchange.config.numbers or ()):
            self.add(number)

    def owned(self) -> frozenset[str] | None:
        """Return the numbers that calls and messages may come from; None for any."""
        return None if self._exchange.config.numbers is None else frozenset(self.by_number)

    def add(self, number: str) -> OwnNumber:
        """Give the account a number, unless it has it."""
        now, config = self._exchange.clock.now(), self._exchange.config
        made = OwnNumber(new_sid("PN"), number, now, now, number)
        made.voice = Hook(config.inbound_voice_url) if config.inbound_voice_url else None
        made.sms = Hook(config.inbound_message_url) if config.inbound_message_url else None
        made.status = Hook(config.inbound_status_url) if config.inbound_status_url else None
        return self.by_number.setdefault(number, made)

    def called(self, number: str) -> OwnNumber | None:
        """Return the number that somebody calls or texts; None when it is not the account's."""
        if self._exchange.config.numbers is None:
            return self.add(number)
        return self.by_number.get(number)

    def find(self, sid: str) -> OwnNumber | None:
        """Return a number by its SID."""
        return next((own for own in self.by_number.values() if own.sid == sid), None)

    def change(self, own: OwnNumber, order: NumberOrder) -> None:
        """Apply what was sent; what was not sent stays, what was sent empty is taken away."""
        for name, hook in order.hooks.items():
            setattr(own, name, hook)
        if order.name is not None:
            own.name = order.name
        own.updated_at = self._exchange.clock.now()

    def remove(self, own: OwnNumber) -> None:
        """Give a number back."""
        self.by_number.pop(own.number, None)
