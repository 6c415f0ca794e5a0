"""Text messages: queued, sending, sent, then delivered or not by the person's persona; opt-out words are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from local_carrier.callbacks import Callback
from local_carrier.calls import Fetch, Source, country, new_sid
from local_carrier.numbers import OwnNumber
from local_carrier.replying import Reply, read_replies
from local_carrier.rest.errors import Refusal
from local_carrier.rest.orders import Hook, MessageOrder
from local_carrier.segments import segments
from local_carrier.verbs import BadTwiML, Verb

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange
    from local_carrier.performing import Performer

OPT_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
OPT_IN = frozenset({"START", "YES", "UNSTOP"})
STEPS = (("sending", 0.2), ("sent", 0.5))
UNDELIVERED_CODES = {"undelivered": 30003, "failed": 30005}
REPLY_SECONDS = 20.0
STANDARD_ANSWERS = {
    "STOP": "You are unsubscribed and will get no more messages from this number. Reply START to subscribe again.",
    "START": "You are subscribed again. Reply HELP for help, STOP to unsubscribe.",
    "HELP": "Reply STOP to unsubscribe. Message and data rates may apply.",
    "INFO": "Reply STOP to unsubscribe. Message and data rates may apply.",
}


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
        if message.direction == "outbound-api" and message.status == "delivered" and person.persona.replies:
            await self._exchange.clock.sleep(REPLY_SECONDS)
            self.receive(MessageOrder(message.order.from_, message.order.to, person.persona.replies))

    def receive(self, order: MessageOrder) -> Message:
        """Take in a message from a person; a single opt-out or opt-in word acts on later sends."""
        message = self._new(order, "inbound")
        message.status = "received"
        if self._exchange.config.opt_out_words:
            self._heed(order)
        own = self._exchange.numbers.called(order.to)
        if own is not None and own.sms is not None:
            self._exchange.callbacks.keep(self._ask(message, own))
        return message

    def _heed(self, order: MessageOrder) -> None:
        word, pair = order.body.strip().upper(), (order.to, order.from_)
        answer = STANDARD_ANSWERS.get("STOP" if word in OPT_OUT else "START" if word in OPT_IN else word)
        if word in OPT_OUT:
            if pair in self.opted_out:
                return
            self.opted_out.add(pair)
        elif word in OPT_IN:
            if pair not in self.opted_out:
                return
            self.opted_out.discard(pair)
        if answer:
            reply = self._new(MessageOrder(order.from_, order.to, answer), "outbound-reply")
            self._exchange.callbacks.keep(self._deliver(reply))

    async def _ask(self, message: Message, own: OwnNumber) -> None:
        """Give a text to the number's address, and send what comes back."""
        hook = own.sms or Hook("")
        params = self._inbound(message)
        answer = await self._exchange.callbacks.ask(Callback("message", hook, params, message.sid))
        if answer.error is not None and own.sms_fallback is not None:
            hook = own.sms_fallback
            extra = {"ErrorCode": str(answer.error), "ErrorUrl": own.sms.url if own.sms else ""}
            answer = await self._exchange.callbacks.ask(Callback("message", hook, params | extra, message.sid))
        if answer.error is not None:
            return
        try:
            replies, warnings = read_replies(answer.body, answer.content_type)
        except BadTwiML as error:
            self._exchange.warn(error.code, message.sid, f"the text is not answered: {error}")
            return
        for warned in warnings:
            self._exchange.warn(warned.code, message.sid, warned.words)
        for reply in replies:
            self._reply(message, reply, hook)

    def _reply(self, message: Message, reply: Reply, hook: Hook) -> None:
        status = Hook(urljoin(hook.url, reply.status_callback)) if reply.status_callback else None
        order = MessageOrder(reply.to or message.order.from_, reply.from_ or message.order.to, reply.body, status)
        if not reply.body or len(reply.body) > 1600:
            self._exchange.warn(14103, message.sid, "<Message> without words, or with more than 1600 characters")
        elif (order.from_, order.to) in self.opted_out:
            self._exchange.warn(21610, message.sid, "<Message> was not sent: the person has opted out")
        else:
            self._exchange.callbacks.keep(self._deliver(self._new(order, "outbound-reply")))

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
            "FromCountry": country(message.order.from_),
            "ToCountry": country(message.order.to),
        }
