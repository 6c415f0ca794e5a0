"""TwiML text to verbs: what is wrong in it is an error or a warning with Twilio's code. Performs nothing."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from local_carrier import grammar

MAX_BYTES = 64 * 1024


class BadTwiML(ValueError):
    """A document that Twilio refuses to run; `code` is its error code."""

    def __init__(self, code: int, words: str) -> None:
        self.code = code
        super().__init__(f"{code}: {words}")


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb or noun: tag, attributes, own text, children."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    text: str = ""
    children: tuple[Verb, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute, or the default."""
        return self.attributes.get(name, default)

    def seconds(self, name: str, default: float) -> float:
        """Return an attribute as seconds; what is not a number counts as the default."""
        try:
            return float(self.attributes[name])
        except (KeyError, ValueError):
            return default

    def whole(self, name: str, default: int) -> int:
        """Return an attribute as a whole number; what is not a number counts as the default."""
        return int(self.seconds(name, default))

    def says_yes(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean attribute."""
        return self.attributes.get(name, str(default)).strip().lower() == "true"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something in a document that Twilio notes and survives (12200), or that this carrier cannot perform."""

    code: int
    words: str


@dataclass(frozen=True, slots=True)
class Document:
    """The verbs of one TwiML answer, in order."""

    verbs: tuple[Verb, ...]
    warnings: tuple[Warned, ...] = ()


def read_answer(body: bytes, content_type: str) -> Document:
    """Read a webhook's answer by its content type: XML, plain words to say, or refuse it (11750, 12100, 12300)."""
    if len(body) > MAX_BYTES:
        raise BadTwiML(11750, f"the TwiML answer has {len(body)} bytes, more than 64 kB")
    kind = content_type.split(";")[0].strip().lower()
    if kind == "text/plain":
        return Document((Verb("Say", text=body.decode("utf-8", "replace")),))
    if kind not in ("text/xml", "application/xml", "text/html"):
        raise BadTwiML(12300, f"content type {kind or '(none)'} is not TwiML; answer with text/xml")
    return read_twiml(body)


def read_twiml(body: bytes | str) -> Document:
    """Parse a document; refuse what is not well-formed XML with the root Response (12100)."""
    raw = body.encode() if isinstance(body, str) else body
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise BadTwiML(12100, "document type declarations are not TwiML")
    try:
        root = ET.fromstring(raw)
    except ET.ParseError as error:
        raise BadTwiML(12100, f"the answer is not well-formed XML ({error})") from None
    if root.tag != "Response":
        raise BadTwiML(12100, f"the root element is <{root.tag}>, expected <Response>")
    warnings: list[Warned] = []
    verbs = _verbs(root, grammar.TOP_LEVEL, warnings)
    return Document(verbs, tuple(warnings))


def _verbs(parent: ET.Element, allowed: frozenset[str], warnings: list[Warned]) -> tuple[Verb, ...]:
    found = []
    for element in parent:
        if element.tag in allowed:
            found.append(_verb(element, warnings))
        elif element.tag in grammar.KNOWN_ELSEWHERE:
            warnings.append(Warned(12200, f"<{element.tag}> is TwiML, but the local carrier does not perform it"))
        else:
            warnings.append(Warned(12200, f"<{element.tag}> is not allowed in <{parent.tag}>"))
    return tuple(found)


def _verb(element: ET.Element, warnings: list[Warned]) -> Verb:
    tag = element.tag
    unknown = sorted(set(element.attrib) - grammar.ATTRIBUTES[tag])
    if unknown:
        warnings.append(Warned(12200, f"<{tag}> has no attribute {', '.join(unknown)}"))
    if tag == "Say":
        text = " ".join("".join(element.itertext()).split())
        return Verb(tag, MappingProxyType(dict(element.attrib)), text)
    if tag == "Client":
        text = (element.findtext("Identity") or element.text or "").strip()
        return Verb(tag, MappingProxyType(dict(element.attrib)), text)
    children = _verbs(element, grammar.CHILDREN.get(tag, frozenset()), warnings)
    return Verb(tag, MappingProxyType(dict(element.attrib)), (element.text or "").strip(), children)
