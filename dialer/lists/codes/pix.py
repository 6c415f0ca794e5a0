"""PIX copy-and-paste text (BR Code): its structure, its checksum, and the amount that it asks for.

Banco Central do Brasil, Manual de Padrões para Iniciação do Pix; EMV QR Code Specification, Merchant-Presented Mode.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from dialer.lists.cells import Fault

BEGINNING = "000201"  # payload format indicator, version 01
CHECKSUM = "6304"  # field 63 of four signs, always the last
REAL = "986"  # ISO 4217
ACCOUNTS = range(26, 52)  # templates of merchant account information
LONGEST = 512


@dataclass(frozen=True, slots=True)
class Pix:
    """What a text asks for: minor units of BRL, None when the payer's bank fetches or asks for the amount."""

    amount_minor: int | None


def read_pix(text: str) -> Pix | Fault:
    """What a PIX text says, or why no bank would take it."""
    if not text.startswith(BEGINNING):
        return Fault("a PIX text begins with 000201; the receiver's key alone cannot be copied into a bank's app")
    if len(text) > LONGEST:
        return Fault(f"longer than {LONGEST} characters, which no PIX text is")
    if text[-8:-4] != CHECKSUM or checksum(text[:-4]) != text[-4:].upper():
        return Fault("its checksum is wrong: a sign of the PIX text was lost or changed")
    parts = fields(text)
    if parts is None:
        return Fault("its parts have wrong lengths: the PIX text was changed")
    if not any(_is_pix(parts.get(f"{tag:02}", "")) for tag in ACCOUNTS):
        return Fault("it is a payment text, but not of PIX (no br.gov.bcb.pix in it)")
    if parts.get("53") != REAL or parts.get("58", "").upper() != "BR" or not parts.get("59") or not parts.get("60"):
        return Fault("the currency, the country, the receiver's name or city is missing in the PIX text")
    return _amount(parts.get("54"))


def checksum(text: str) -> str:
    """Four hexadecimal signs: CRC-16/CCITT-FALSE (polynomial 0x1021 from 0xFFFF) over all before them."""
    return f"{binascii.crc_hqx(text.encode('utf-8'), 0xFFFF):04X}"


def fields(text: str) -> dict[str, str] | None:
    """Tag -> value of a text of tag (2 digits), length (2 digits), value; None when the lengths do not fit."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            return None
        end = at + 4 + int(head[2:])
        if end > len(text):
            return None
        found[head[:2]] = text[at + 4 : end]
        at = end
    return found


def _is_pix(account: str) -> bool:
    return ((fields(account) or {}).get("00") or "").casefold() == "br.gov.bcb.pix"


def _amount(text: str | None) -> Pix | Fault:
    if not text:
        return Pix(None)
    if not re.fullmatch(r"\d{1,10}(?:\.\d{1,2})?", text, re.ASCII):
        return Fault("the amount inside the PIX text cannot be read")
    whole, _, cents = text.partition(".")
    return Pix(int(whole + cents.ljust(2, "0")) or None)
