"""Performs TwiML on one leg: fetches documents, runs their verbs in order, requests the next one.

What verbs mean is here; dialling, conferences and queues have files of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import httpx

from local_carrier import dialing, recording
from local_carrier.callbacks import Answer, Callback
from local_carrier.calls import Call, Fetch, Ready, Source
from local_carrier.hearing import NotAudio, speech_seconds
from local_carrier.lines.line import HungUp, Sound
from local_carrier.payments.pay import pay
from local_carrier.rest.orders import Hook
from local_carrier.verbs import BadTwiML, Document, Verb, read_answer

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange

MOST_DOCUMENTS_WITHOUT_TIME = 50
APPLICATION_ERROR = "We are sorry, an application error has occurred. Goodbye."


class LeftQueue(Exception):
    """<Leave> was reached in a queue's wait document."""


class Ended(Exception):
    """<Hangup> was reached, or an error ended the call."""


class Rejected(Exception):
    """<Reject> turned an inbound call away."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Performer:
    """Runs documents on one leg until they end. Raises HungUp when the other end leaves."""

    def __init__(self, exchange: Exchange, call: Call) -> None:
        self.exchange, self.call = exchange, call
        self.here: Hook | None = None
        self._idle_documents = 0

    async def perform(self, source: Source, *, whisper: bool = False) -> None:
        """Perform from this source until the documents end or hang up.

        As a whisper (before a bridge) a <Hangup> counts as the other end leaving.
        """
        try:
            await self.through(source)
        except Ended:
            if whisper:
                raise HungUp from None
        except BadTwiML as error:
            self.exchange.warn(error.code, self.call.sid, f"the call ends: {error}")
            self._pick_up()
            await self._apologise()

    async def through(self, source: Source) -> None:
        """Perform a document and all that it leads to; raises Ended, LeftQueue, BadTwiML, HungUp."""
        current: Source | None = source
        while current is not None:
            started = self.exchange.clock.now()
            document = await self._document(current)
            current = await self._verbs(document)
            self._guard(self.exchange.clock.now() > started)

    def _guard(self, time_passed: bool) -> None:
        self._idle_documents = 0 if time_passed else self._idle_documents + 1
        if self._idle_documents > MOST_DOCUMENTS_WITHOUT_TIME:
            raise BadTwiML(11200, f"{self._idle_documents} documents in a row without a sound; is it a loop?")

    async def _verbs(self, document: Document) -> Source | None:
        for warned in document.warnings:
            self.exchange.warn(warned.code, self.call.sid, warned.words)
        for verb in document.verbs:
            self.call.note(self.exchange.clock.now(), "verb", verb.tag)
            if verb.tag == "Reject":
                self._reject(verb)
            elif verb.tag != "Redirect":
                self._pick_up()
            following = await self._verb(verb)
            if following is not None:
                return following
        return None

    def _pick_up(self) -> None:
        if self.call.direction == "inbound" and self.call.status == "ringing":
            self.exchange.answer(self.call)

    def _reject(self, verb: Verb) -> None:
        if self.call.status == "ringing":
            raise Rejected(verb.get("reason", "rejected"))
        raise Ended

    async def _verb(self, verb: Verb) -> Source | None:
        match verb.tag:
            case "Say" | "Play" | "Pause":
                await self.sound(verb)
            case "Gather":
                return await self._gather(verb)
            case "Redirect":
                return Fetch(self.hook(verb.text, verb.get("method", "POST")))
            case "Hangup":
                raise Ended
            case "Leave":
                raise LeftQueue
            case "Record":
                return await recording.record(self, verb)
            case "Dial":
                return await dialing.dial(self, verb)
            case "Enqueue":
                return await self.exchange.queues.enqueue(self, verb)
            case "Pay":
                return await pay(self, verb)
            case "Sms":
                return self.exchange.messages.from_verb(self, verb)
        return None

    # Sounds and keys

    async def sound(self, verb: Verb, *, keys_stop_it: bool = False) -> bool:
        """Perform Say, Play or Pause; True when a key stopped it."""
        if verb.tag == "Pause":
            return await self.call.line.play(Sound("", "", verb.seconds("length", 1)), keys_stop_it=keys_stop_it)
        if verb.tag == "Play" and verb.get("digits"):
            self.call.note(self.exchange.clock.now(), "sent_digits", verb.get("digits"))
            self.call.line.sends_keys(verb.get("digits"))
            return False
        sound = await self._sound_of(verb)
        if sound is None:
            return False
        loops = verb.whole("loop", 1)
        while True:
            if await self.call.line.play(sound, keys_stop_it=keys_stop_it):
                return True
            loops -= 1
            if loops == 0:
                return False
            if sound.seconds < 1:
                await self.call.line.play(Sound("", "", 1.0))

    async def _sound_of(self, verb: Verb) -> Sound | None:
        if verb.tag == "Say":
            return Sound(verb.text, verb.get("language"), speech_seconds(verb.text)) if verb.text else None
        url = self.absolute(verb.text)
        try:
            return await self.exchange.media.fetch(url)
        except NotAudio as error:
            self.exchange.warn(12300, self.call.sid, f"<Play> of {url}: {error}; it is skipped")
        except httpx.HTTPError as error:
            self.exchange.warn(11200, self.call.sid, f"<Play> of {url} failed ({error}); it is skipped")
        return None

    async def _gather(self, verb: Verb) -> Source | None:
        line = self.call.line
        line.forget_keys()
        for child in verb.children:
            if await self.sound(child, keys_stop_it="dtmf" in verb.get("input", "dtmf")):
                break
        digits, finished_on = await self._digits(verb)
        line.forget_keys()
        if not digits and not verb.says_yes("actionOnEmptyResult"):
            return None
        params = {"Digits": digits, "msg": "Gather End"}
        if finished_on:
            params["FinishedOnKey"] = finished_on
        return Fetch(self.action(verb), params)

    async def _digits(self, verb: Verb) -> tuple[str, str]:
        finish_on, most = verb.get("finishOnKey", "#"), verb.whole("numDigits", 0)
        timeout = verb.seconds("timeout", 5)
        digits = ""
        while not most or len(digits) < most:
            key = await self.call.line.listen(timeout)
            if key is None:
                return digits, ""
            if key in finish_on:
                return digits, key
            digits += key
        return digits, ""

    # Addresses and requests

    def action(self, verb: Verb) -> Hook:
        """Return a verb's action, by default the address of the document itself."""
        method = verb.get("method", "POST")
        if verb.get("action"):
            return self.hook(verb.get("action"), method)
        if self.here is None:
            raise BadTwiML(21205, f"<{verb.tag}> in TwiML given with the call needs an absolute action")
        return Hook(self.here.url, method)

    def hook(self, url: str, method: str) -> Hook:
        """Return an address of a document, resolved against the document's own."""
        return Hook(self.absolute(url), "GET" if method.upper() == "GET" else "POST")

    def absolute(self, url: str) -> str:
        """Resolve an address against the current document's."""
        joined = urljoin(self.here.url, url) if self.here is not None else url
        if urlsplit(joined).scheme not in ("http", "https"):
            raise BadTwiML(11100, f"{url!r} is not an absolute http address, and there is none to resolve it against")
        return joined

    async def request(self, hook: Hook, params: dict[str, str]) -> Answer:
        """Send a voice request about this leg and return the answer."""
        everything = self.call.params(self.exchange.config.account_sid) | params
        return await self.exchange.callbacks.ask(Callback("voice", hook, everything, self.call.sid))

    async def _document(self, source: Source) -> Document:
        if isinstance(source, Ready):
            return source.document
        try:
            return await self._fetched(source.hook, source.params)
        except BadTwiML as error:
            fallback = self.call.order.fallback
            if fallback is None or self.call.status == "completed":
                raise
            self.exchange.warn(error.code, self.call.sid, f"{error}; asking the fallback address")
            extra = {"ErrorCode": str(error.code), "ErrorUrl": source.hook.url.partition("#")[0]}
            return await self._fetched(fallback, {**source.params, **extra})

    async def _fetched(self, hook: Hook, params: dict[str, str]) -> Document:
        answer = await self.request(hook, params)
        plain = hook.url.partition("#")[0]
        if answer.error is not None:
            raise BadTwiML(answer.error, f"no TwiML from {plain} (HTTP {answer.status or 'none'})")
        self.here = Hook(plain, hook.method)
        if answer.content_type.startswith("audio/"):
            return Document((Verb("Play", text=plain),))
        if not answer.body.strip() and answer.status == 204:
            return Document(())
        return read_answer(answer.body, answer.content_type)

    async def _apologise(self) -> None:
        if self.call.status == "in-progress":
            await self.call.line.play(Sound(APPLICATION_ERROR, "en-US", speech_seconds(APPLICATION_ERROR)))
