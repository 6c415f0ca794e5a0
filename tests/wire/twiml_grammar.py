"""What TwiML may say, read from the classes of the vendor's own SDK: which verb in which, with which attributes.

On top of that, what the vendor's documentation bounds and a class cannot say.
"""

from __future__ import annotations

import inspect
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from urllib.parse import urlsplit

from twilio.twiml import TwiML, lower_camel, messaging_response, voice_response

MAX_BYTES = 64 * 1024  # https://www.twilio.com/docs/api/errors/11750
MAX_SAY = 4096  # characters, https://www.twilio.com/docs/voice/twiml/say
ADDRESSES = frozenset({"action", "url", "waitUrl", "statusCallback", "eventCallbackUrl"})
WHOLE = {"numDigits": 1, "length": 1, "maxLength": 1, "timeout": 0, "loop": 0}  # attribute -> least value
YES_OR_NO = frozenset({"startConferenceOnEnter", "endConferenceOnExit", "muted", "actionOnEmptyResult"})
EVENTS = frozenset(["start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"])
LAST = frozenset({"Redirect", "Hangup", "Reject"})  # what stands after these is never reached


@dataclass(frozen=True, slots=True)
class Rule:
    """One element: its attributes, and what may stand inside it."""

    attributes: frozenset[str]
    children: Mapping[str, Rule]


def faults_of(document: str) -> list[str]:
    """Everything that is wrong with a TwiML document; empty when it is lawful."""
    if len(document.encode()) > MAX_BYTES:
        return [f"{len(document.encode())} bytes"]
    try:
        root = ET.fromstring(document)
    except ET.ParseError as error:
        return [f"not XML: {error}"]
    if root.tag != "Response":
        return [f"the root is {root.tag}"]
    texts = any(child.tag == "Message" for child in root)
    return list(_faults(root, _grammar("Response", messaging_response if texts else voice_response)))


def _faults(element: ET.Element, rule: Rule) -> Iterator[str]:
    unknown = set(element.attrib) - rule.attributes
    if unknown:
        yield f"<{element.tag}> has no attribute {', '.join(sorted(unknown))}"
    yield from _bad_values(element)
    for n, child in enumerate(element):
        if n and element[n - 1].tag in LAST:
            yield f"<{child.tag}> stands after <{element[n - 1].tag}> and is never reached"
        if child.tag in rule.children:
            yield from _faults(child, rule.children[child.tag])
        else:
            yield f"<{child.tag}> is not allowed in <{element.tag}>"


def _bad_values(element: ET.Element) -> Iterator[str]:
    text = (element.text or "").strip()
    for name, value in element.attrib.items():
        if name in WHOLE and not (value.isdigit() and int(value) >= WHOLE[name]):
            yield f"<{element.tag} {name}={value!r}> is no whole number from {WHOLE[name]}"
        if name in ADDRESSES and not _is_address(value):
            yield f"<{element.tag} {name}={value!r}> is no absolute address"
        if name in YES_OR_NO and value not in ("true", "false"):
            yield f"<{element.tag} {name}={value!r}> is neither true nor false"
        if name == "finishOnKey" and not re.fullmatch(r"[0-9#*]*", value):
            yield f"<{element.tag} finishOnKey={value!r}> holds more than keys"
        if name == "statusCallbackEvent" and not set(value.split()) <= EVENTS:
            yield f"<{element.tag} statusCallbackEvent={value!r}> names unknown events"
    if element.tag == "Say" and not 0 < len("".join(element.itertext())) <= MAX_SAY:
        yield f"<Say> of {len(''.join(element.itertext()))} characters"
    if element.tag in ("Redirect", "Play") and not element.get("digits") and not _is_address(text):
        yield f"<{element.tag}> to {text!r}"
    if element.tag == "Pay":
        yield from _bad_payment(element)
    if element.tag == "Conference" and not 0 < len(text) <= 128:
        yield "<Conference> without a name"


def _bad_payment(element: ET.Element) -> Iterator[str]:
    """https://www.twilio.com/docs/voice/twiml/pay"""
    amount, attempts = element.get("chargeAmount", ""), element.get("maxAttempts", "1")
    if not re.fullmatch(r"\d{1,6}(\.\d{1,2})?", amount) or float(amount) == 0:
        yield f"<Pay chargeAmount={amount!r}> charges nothing that can be charged"
    if attempts not in ("1", "2", "3"):
        yield f"<Pay maxAttempts={attempts!r}> is not between 1 and 3"
    if not re.fullmatch(r"[a-z]{3}", element.get("currency", "")):
        yield "<Pay> without a currency of three letters"
    if element.get("action") is None:
        yield "<Pay> without an action would be done again for ever"


def _is_address(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


@cache
def _grammar(tag: str, source: ModuleType) -> Rule:
    made = _class_of(tag, source)
    children = {name: _element(method, name, source) for name, method in _makers(made)} if made else {}
    return Rule(frozenset(), children)


def _element(maker: Callable[..., object], tag: str, source: ModuleType) -> Rule:
    made = _class_of(tag, source)
    own = set(inspect.signature(made.__init__).parameters) if made else set()  # what becomes the element's text
    names = {
        name
        for name, one in inspect.signature(maker).parameters.items()
        if name != "self" and one.kind is not inspect.Parameter.VAR_KEYWORD and name not in own
    }
    attributes = frozenset(lower_camel(TwiML.MAP.get(name, name)) for name in names)
    return Rule(attributes, _grammar(tag, source).children)


def _makers(made: type[TwiML]) -> Iterator[tuple[str, Callable[..., object]]]:
    for _, method in inspect.getmembers(made, inspect.isfunction):
        found = re.search(r"Create an? <([\w:-]+)> element", method.__doc__ or "")
        if found:
            yield found[1], method


@cache
def _class_of(tag: str, source: ModuleType) -> type[TwiML] | None:
    for _, made in inspect.getmembers(source, inspect.isclass):
        found = re.match(r"\s*<([\w:-]+)> (?i:TwiML)", made.__doc__ or "")
        if issubclass(made, TwiML) and found and found[1] == tag:
            return made
    return None
