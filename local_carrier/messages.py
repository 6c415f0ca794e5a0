"""Text messages: queued, sending, sent, then delivered or not by the person's persona; opt-out words are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from local_carrier.callbacks import Callback
from local_carrier.calls import Fetch, Source, new_sid
from local_carrier.rest.errors import Refusal
from local_carrier.rest.orders import Hook, MessageOrder
from local_carrier.segments import segments
from local_carrier.verbs import Verb

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange
    from local_carrier.performing import Performer

OPT_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
OPT_IN = frozenset({"START", "YES", "UNSTOP"})
STEPS = (("sending", 0.2), ("sent", 0.5))
UNDELIVERED_CODES = {"undelivered": 30003, "failed": 30005}
REPLY_SECONDS = 20.0


@dataclass(slots=True, eq=False)
class Message:
    """One message, either way."""

    sid: str
    order: MessageOrder
    direction: str
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    sent_at: datetime | None = None
    error_code: int | None = None

    @property
    def segments(self) -> int:
        """Count SMS segments."""
        return segments(self.order.body)


class Messages:
    """All messages of the account, and who has opted out of whose."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.messages: dict[str, Message] = {}
        self.opted_out: set[tuple[str, str]] = set()

    def create(self, order: MessageOrder) -> Message:
        """Accept a message; Refusal 21610 when the pair (from, to) is opted out."""
        if (order.from_, order.to) in self.opted_out:
            raise Refusal(21610)
        message = self._new(order, "outbound-api")
        self._exchange.callbacks.keep(self._deliver(message))
        return message

    def from_verb(self, performer: Performer, verb: Verb) -> Source | None:
        """Perform <Sms> inside a call."""
        call = performer.call
        status = verb.get("statusCallback")
        order = MessageOrder(
            to=verb.get("to", call.order.to),
            from_=verb.get("from", call.order.from_),
            body=verb.text,
            status=performer.hook(status, "POST") if status else None,
        )
        try:
            message = self.create(order)
            result = {"SmsSid": message.sid, "SmsStatus": "sent"}
        except Refusal as refusal:
            self._exchange.warn(refusal.code, call.sid, f"<Sms> was not sent: {refusal.message}")
            result = {"SmsStatus": "invalid"}
        return Fetch(performer.action(verb), result) if verb.get("action") else None

    def _new(self, order: MessageOrder, direction: str) -> Message:
        now = self._exchange.clock.now()
        message = Message(new_sid("SM"), order, direction, now, now)
        self.messages[message.sid] = message
        return message

    async def _deliver(self, message: Message) -> None:
        for status, seconds in STEPS:
            await self._exchange.clock.sleep(seconds)
            self._advance(message, status)
        person = self._exchange.people.at(message.order.to)
        await self._exchange.clock.sleep(1.0)
        message.error_code = UNDELIVERED_CODES.get(person.persona.message)
        self._advance(message, person.persona.message)
        if message.status == "delivered" and person.persona.replies:
            await self._exchange.clock.sleep(REPLY_SECONDS)
            self.receive(MessageOrder(message.order.from_, message.order.to, person.persona.replies))

    def receive(self, order: MessageOrder) -> Message:
        """Take in a message from a person; a single opt-out or opt-in word acts on later sends."""
        message = self._new(order, "inbound")
        message.status = "received"
        word = order.body.strip().upper()
        if word in OPT_OUT:
            self.opted_out.add((order.to, order.from_))
        elif word in OPT_IN:
            self.opted_out.discard((order.to, order.from_))
        url = self._exchange.config.inbound_message_url
        if url is not None:
            self._exchange.callbacks.send(Callback("message", Hook(url), self._inbound(message), message.sid))
        return message

    def _advance(self, message: Message, status: str) -> None:
        now = self._exchange.clock.now()
        message.status, message.updated_at = status, now
        if status == "sent":
            message.sent_at = now
        order = message.order
        if order.status is None:
            return
        params = {
            "AccountSid": self._exchange.config.account_sid,
            "ApiVersion": "2010-04-01",
            "From": order.from_,
            "To": order.to,
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
        }
        if message.error_code is not None:
            params["ErrorCode"] = str(message.error_code)
        self._exchange.callbacks.send(Callback("message", order.status, params, message.sid))

    def _inbound(self, message: Message) -> dict[str, str]:
        return {
            "AccountSid": self._exchange.config.account_sid,
            "ApiVersion": "2010-04-01",
            "From": message.order.from_,
            "To": message.order.to,
            "Body": message.order.body,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsMessageSid": message.sid,
            "SmsStatus": "received",
            "NumMedia": "0",
            "NumSegments": str(message.segments),
        }
