"""Answers as TwiML. The only place that writes it.

A prompt that is rendered already is played; one that is not is spoken by the carrier: a call never waits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import assert_never

from babel.numbers import get_currency_precision

from dialer.addresses import Addresses
from dialer.attending.capturing import DESCRIPTIONS
from dialer.carrier.rooms import Seat
from dialer.speaking import Answer, apology
from ivr_flows.turn import Card, CardFigure, CardPrompt, End, Keys, Part, Record, Speech, Transfer

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
TWIML_TYPE = b"text/xml; charset=utf-8"
# Voices that the carrier has in each language (https://www.twilio.com/docs/voice/twiml/say/text-speech).
VOICES = {"pt-BR": "Polly.Camila", "en-US": "Polly.Joanna", "fr-FR": "Polly.Lea"}
SAY_LIMIT = 4000  # characters; more is refused by the carrier (error 13520)
# What XML 1.0 (section 2.2) cannot carry, not even escaped: one such character and the carrier ends the call.
_NO_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
EMPTY = f"{HEAD}<Response></Response>"
CONFERENCE_EVENTS = "join leave end"
# https://www.twilio.com/docs/voice/twiml/pay/prompt: what is asked, and what can be wrong with it.
CARD_STEPS: dict[CardFigure, tuple[str, str]] = {
    "number": ("payment-card-number", "timeout invalid-card-number invalid-card-type"),
    "expiry": ("expiration-date", "timeout invalid-date"),
    "postal_code": ("postal-code", "timeout invalid-postal-code"),
    "code": ("security-code", "timeout invalid-security-code"),
    "processing": ("payment-processing", ""),
}

FindPrompt = Callable[[str, Sequence[Part]], str | None]


class TwimlWriter:
    """Writes answers for one installation. `find` gives the digest of a rendered prompt, or None."""

    def __init__(
        self, addresses: Addresses, find: FindPrompt, music: Callable[[], str | None], *, connector: str = "Default"
    ) -> None:
        self._addresses = addresses
        self._connector = connector or "Default"
        self._find = find
        self._music = music

    def answer(self, token: str, answer: Answer) -> str:
        """One turn."""
        spoken = "".join(self._speak(speech) for speech in answer.speech)
        here = _attribute(self._addresses.voice(token, answer.next_turn))
        match answer.wait:
            case End():
                body = f"{spoken}<Hangup/>"
            case Keys() as keys:
                body = f"{_gather(keys, spoken, here)}<Redirect>{_text(here)}</Redirect>"
            case Record(max_seconds=limit):
                body = f'{spoken}<Record action={here} maxLength="{limit}" timeout="4" finishOnKey="#"/>'
                body += f"<Redirect>{_text(here)}</Redirect>"
            case Card() as card:
                body = self._card(spoken, token, answer.next_turn, card)
            case Transfer(callback_key=key):
                body = self._transfer(spoken, here, answer, key)
            case _:
                assert_never(answer.wait)
        return _document(body)

    def agent_room(self, token: str, room: str) -> str:
        """An agent's own line: into their conference, which ends when they leave it."""
        events = _attribute(self._addresses.conference(token))
        hold = _attribute(self._addresses.hold())
        return _document(
            '<Dial><Conference startConferenceOnEnter="true" endConferenceOnExit="true"'
            f' beep="false" waitUrl={hold} statusCallback={events}'
            f' statusCallbackEvent="{CONFERENCE_EVENTS}">{escape(room)}</Conference></Dial>'
        )

    def supervisor_room(self, room: str, seat: Seat) -> str:
        """A supervisor's line: into an agent's conference, which it neither begins nor ends."""
        hold = _attribute(self._addresses.hold())
        coached = f" coach={_attribute(seat.coached)}" if seat.coached else ""
        return _document(
            f'<Dial><Conference muted="{str(seat.muted).lower()}"{coached} startConferenceOnEnter="false"'
            f' endConferenceOnExit="false" beep="false" waitUrl={hold}>{escape(room)}</Conference></Dial>'
        )

    def hold(self) -> str:
        """What a conference sounds like while its other side is missing."""
        digest = self._music()
        body = f"<Play>{escape(self._addresses.media(digest))}</Play>" if digest else '<Pause length="10"/>'
        return _document(body)

    def apology(self, language: str = "pt-BR") -> str:
        """Something failed inside: say so, and end the call."""
        return _document(f"{self._speak(apology(language))}<Hangup/>")

    def _transfer(self, spoken: str, here: str, answer: Answer, key: str) -> str:
        if answer.room is not None:
            hold = _attribute(self._addresses.hold())
            return (
                f'{spoken}<Dial action={here}><Conference startConferenceOnEnter="false" beep="onEnter"'
                f" waitUrl={hold}>{escape(answer.room)}</Conference></Dial>"
            )
        digest = self._music()
        music = f"<Play>{escape(self._addresses.media(digest))}</Play>" if digest else '<Pause length="15"/>'
        waiting = Keys(max_digits=len(key), timeout_seconds=1)
        return f"{_gather(waiting, spoken + music, here)}<Redirect>{_text(here)}</Redirect>"

    def _card(self, spoken: str, token: str, turn: int, card: Card) -> str:
        """The carrier takes the card; its action and its progress carry the result, and no figure of it is kept."""
        here = _attribute(self._addresses.voice(token, turn))
        amount = Decimal(card.amount.minor).scaleb(-get_currency_precision(card.amount.currency))
        pay = {
            "input": "dtmf",
            "paymentConnector": self._connector,
            "chargeAmount": f"{amount:f}",
            "currency": card.amount.currency.lower(),
            "description": DESCRIPTIONS.get(card.language, DESCRIPTIONS["en-US"]),
            "postalCode": str(card.postal_code).lower(),
            "securityCode": "true",
            "maxAttempts": str(card.tries),
            "timeout": str(card.timeout_seconds),
            "language": card.language,
            "statusCallback": self._addresses.card(token, turn),
        }
        attributes = "".join(f" {name}={_attribute(value)}" for name, value in pay.items())
        prompts = "".join(self._card_prompt(one) for one in card.prompts)
        return f"{spoken}<Pay action={here}{attributes}>{prompts}</Pay><Redirect>{_text(here)}</Redirect>"

    def _card_prompt(self, prompt: CardPrompt) -> str:
        step, errors = CARD_STEPS[prompt.asks]
        again = f' errorType="{errors}"' if prompt.again else ""
        return f'<Prompt for="{step}"{again}>{self._speak(prompt.speech)}</Prompt>'

    def _speak(self, speech: Speech) -> str:
        digest = self._find(speech.language, speech.parts)
        if digest is not None:
            return f"<Play>{escape(self._addresses.media(digest))}</Play>"
        return _say(speech.language, speech.text)


def texted(words: str, status_url: str) -> str:
    """The answer to a text message: one message back, whose progress is told to `status_url`."""
    return _document(f"<Message statusCallback={_attribute(status_url)}>{escape(words)}</Message>")


def _document(body: str) -> str:
    return f"{HEAD}<Response>{_NO_XML.sub('', body)}</Response>"


def _say(language: str, words: str) -> str:
    voice = VOICES.get(language)
    chosen = f' voice="{voice}"' if voice else ""
    return f"<Say language={_attribute(language)}{chosen}>{escape(words[:SAY_LIMIT])}</Say>"


def _gather(keys: Keys, spoken: str, action: str) -> str:
    return (
        f'<Gather input="dtmf" numDigits="{keys.max_digits}" timeout="{keys.timeout_seconds}"'
        f" finishOnKey={_attribute(keys.finish_on)} action={action}>{spoken}</Gather>"
    )


def escape(text: str) -> str:
    """The text of an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(text: str) -> str:
    """An attribute's value in its quotes: an address or a word of ours, in which no line breaks."""
    return f'"{escape(text).replace(chr(34), "&quot;")}"'


def _text(attribute: str) -> str:
    """The address again as element text: its quotes come off, its escapes stay."""
    return attribute[1:-1]
