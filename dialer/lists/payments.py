"""Ways to pay that a list brings: PIX text, boleto line, link. Shapes only; nobody is asked whether they are good."""

from __future__ import annotations

import re

from dialer.lists.cells import Fault
from dialer.lists.row import WayKind

_KINDS: dict[str, WayKind] = {"pix": "pix", "boleto": "boleto", "link": "link", "url": "link", "lien": "link"}
LONGEST_CODE = 1000  # it must fit a text message of 1600 characters with its sentence


def read_payment(kind: str, code: str) -> tuple[WayKind, str] | Fault | None:
    """(kind, code); None without a code. A kind that is not named is seen from the code's shape.

    PIX copy-and-paste text begins with `000201` (EMV payload format, Banco Central, Manual do BR Code);
    a boleto line has 47 digits, a utility's 48.
    """
    if not code:
        return None
    seen = _shape(code)
    named = _KINDS.get(kind.casefold()) if kind else seen
    if named is None:
        return Fault(
            "not a payment code that is known: a PIX text, a boleto line of 47 or 48 digits, or an https link"
        )
    if seen is not None and seen != named:
        return Fault(f"it looks like {seen}, but the list calls it {named}")
    if seen is None and named != "pix":
        return Fault("a boleto line has 47 or 48 digits" if named == "boleto" else "a link begins with https://")
    if len(code) > LONGEST_CODE:
        return Fault(f"longer than {LONGEST_CODE} characters: it would not fit a text message")
    return named, re.sub(r"\D", "", code) if named == "boleto" else code


def _shape(code: str) -> WayKind | None:
    if re.fullmatch(r"https://\S+", code):
        return "link"
    if code.startswith("000201"):
        return "pix"
    if re.fullmatch(r"[\d .-]+", code) and len(re.sub(r"\D", "", code)) in (47, 48):
        return "boleto"
    return None
