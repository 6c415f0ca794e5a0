"""The answer to an incoming text: which messages go back. Reads TwiML for messaging; sends nothing."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from local_carrier.verbs import BadTwiML, Warned

ATTRIBUTES = frozenset({"action", "from", "method", "statusCallback", "to"})


@dataclass(frozen=True, slots=True)
class Reply:
    """One <Message>: empty addresses mean back to who wrote, from the number they wrote to."""

    body: str
    to: str = ""
    from_: str = ""
    status_callback: str = ""


def read_replies(body: bytes, content_type: str) -> tuple[list[Reply], list[Warned]]:
    """Read an answer: TwiML with <Message>, or plain text that is sent as it is. BadTwiML 12100 and 12300."""
    kind = content_type.split(";")[0].strip().lower()
    if not body.strip():
        return [], []
    if kind == "text/plain":
        return [Reply(body.decode("utf-8", "replace").strip())], []
    if kind not in ("text/xml", "application/xml", "text/html"):
        raise BadTwiML(12300, f"content type {kind or '(none)'} is not TwiML; answer with text/xml")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise BadTwiML(12100, "document type declarations are not TwiML")
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        raise BadTwiML(12100, f"the answer is not well-formed XML ({error})") from None
    if root.tag != "Response":
        raise BadTwiML(12100, f"the root element is <{root.tag}>, expected <Response>")
    replies, warnings = [], []
    for element in root:
        if element.tag == "Message":
            replies.append(_reply(element))
            unknown = sorted(set(element.attrib) - ATTRIBUTES)
            warnings += [Warned(12200, f"<Message> has no attribute {name}") for name in unknown]
        else:
            warnings.append(Warned(12200, f"<{element.tag}> is not performed in an answer to a text"))
    return replies, warnings


def _reply(element: ET.Element) -> Reply:
    text = element.findtext("Body") if element.find("Body") is not None else element.text
    callback = element.get("statusCallback") or element.get("action") or ""
    return Reply((text or "").strip(), element.get("to") or "", element.get("from") or "", callback)
