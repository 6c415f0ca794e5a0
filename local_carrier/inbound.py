"""Calls and texts that begin with the people: who calls one of the account's numbers, and who answers a missed call.

It starts them; exchange and messages carry them on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_carrier.calls import Call, Fetch
from local_carrier.messages import REPLY_SECONDS, Message
from local_carrier.numbers import OwnNumber
from local_carrier.rest.orders import CallOrder, MessageOrder

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange

WITHHELD = "anonymous"
MISSED = frozenset({"no-answer", "busy"})


class NotInService(ValueError):
    """Nobody can be reached at this number of ours: it is not the account's, or has no address to ask."""


class Inbound:
    """Starts what comes in. Somebody who missed a call acts once, as their persona says."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._acted: set[str] = set()

    def call(self, *, from_: str, to: str, withheld: bool = False) -> Call:
        """Let whoever lives at `from_` call `to`; a withheld number is shown as "anonymous"."""
        own = self._own(to)
        if own.voice is None:
            raise NotInService(f"{to} has no VoiceUrl; set one with IncomingPhoneNumbers or inbound_voice_url")
        order = CallOrder(
            to=to,
            from_=WITHHELD if withheld else from_,
            voice=own.voice,
            fallback=own.voice_fallback,
            status=own.status,
        )
        call = self._exchange.admit(order, self._exchange.people.at(from_), Fetch(own.voice))
        call.number_sid = own.sid
        return call

    def text(self, *, from_: str, to: str, body: str) -> Message:
        """Let somebody text one of our numbers."""
        self._own(to)
        return self._exchange.messages.receive(MessageOrder(to, from_, body))

    def missed(self, call: Call) -> None:
        """Let somebody who saw a missed call of ours act on it, once."""
        persona = self._exchange.people.at(call.order.to).persona
        acts = persona.calls_back_after is not None or persona.texts_after_missed
        if not acts or call.status not in MISSED or call.order.to in self._acted:
            return
        self._acted.add(call.order.to)
        self._exchange.callbacks.keep(self._act(call))

    async def _act(self, call: Call) -> None:
        ours, theirs = call.order.from_, call.order.to
        persona = self._exchange.people.at(theirs).persona
        try:
            if persona.texts_after_missed:
                await self._exchange.clock.sleep(REPLY_SECONDS)
                self.text(from_=theirs, to=ours, body=persona.texts_after_missed)
            if persona.calls_back_after is not None:
                await self._exchange.clock.sleep(persona.calls_back_after)
                self.call(from_=theirs, to=ours, withheld=persona.withholds)
        except NotInService as error:
            self._exchange.warn(0, call.sid, f"somebody wanted to answer a missed call: {error}")

    def _own(self, number: str) -> OwnNumber:
        own = self._exchange.numbers.called(number)
        if own is None:
            raise NotInService(f"{number} is not a number of this account")
        return own
