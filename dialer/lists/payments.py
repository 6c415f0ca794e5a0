"""Ways to pay that a list brings: PIX text, boleto line, link. Checked by their own rules; no bank is asked.

What a code asks for is compared with what the row says is owed: a code for another amount is a contradiction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from dialer.lists.amounts import SCIENTIFIC
from dialer.lists.cells import Fault
from dialer.lists.codes.boletos import Slip, read_slip
from dialer.lists.codes.pix import BEGINNING, Pix, read_pix
from dialer.lists.row import WayKind

_KINDS: dict[str, WayKind] = {
    "pix": "pix", "pix copia e cola": "pix", "boleto": "boleto", "boleto bancario": "boleto",
    "boleto bancário": "boleto", "conta": "boleto", "link": "link", "url": "link", "lien": "link",
}  # fmt: skip
LONGEST_CODE = 1000  # it must fit a text message of 1600 characters with its sentence
_LINK = re.compile(r"https://[^\s/?#@]+\.[^\s/?#@]+(?:[/?#]\S*)?")
_PARTED_DIGITS = re.compile(r"[\d .\-/]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReadCode:
    """A good code, and what it says of the debt: minor units of BRL or None, and its possible due days."""

    kind: WayKind
    code: str
    amount_minor: int | None = None
    due_on: tuple[date, ...] = ()

    def contradicts(self, amounts: tuple[int, ...], due_on: date) -> str:
        """Why the code cannot be for a debt of one of these amounts that was due on a day; "" when it can.

        A slip that falls due later than the debt is one that was issued again.
        """
        if self.amount_minor is not None and self.amount_minor not in amounts:
            asked = f"{self.amount_minor // 100}.{self.amount_minor % 100:02}"
            return f"the {self.kind} is for {asked}, which is neither the amount of the row nor the original one"
        if self.due_on and all(day < due_on for day in self.due_on):
            return f"the boleto falls due on {self.due_on[-1]}, before the debt does"
        return ""


def read_payment(kind: str, code: str) -> tuple[WayKind, str] | Fault | None:
    """(kind, code) of a code whose own checks pass; None without a code. See `read_code`."""
    match read_code(kind, code):
        case ReadCode(kind=read_kind, code=plain):
            return read_kind, plain
        case other:
            return other


def read_code(kind: str, code: str) -> ReadCode | Fault | None:
    """A code whose own checks pass; None without a code. A kind that is not named is seen from the code's shape."""
    if not code:
        return None
    seen = _shape(code)
    named = _KINDS.get(kind.casefold()) if kind else seen
    if SCIENTIFIC.fullmatch(code):
        return Fault("a spreadsheet shortened it (like 3,4E+46) and digits are lost; format the column as text")
    if named is None:
        return Fault(
            "not a payment code that is known: a PIX text, a boleto line of 47 or 48 digits, or an https link"
        )
    if seen is not None and seen != named:
        return Fault(f"it looks like {seen}, but the list calls it {named}")
    if len(code) > LONGEST_CODE:
        return Fault(f"longer than {LONGEST_CODE} characters: it would not fit a text message")
    return _checked(named, code)


def _checked(kind: WayKind, code: str) -> ReadCode | Fault:
    match kind:
        case "link":
            return ReadCode("link", code) if _LINK.fullmatch(code) else Fault("a link begins with https://")
        case "pix":
            pix = read_pix(code)
            return ReadCode("pix", code, pix.amount_minor) if isinstance(pix, Pix) else pix
        case "boleto":
            digits = re.sub(r"\D", "", code)
            slip = read_slip(digits) if _PARTED_DIGITS.fullmatch(code) else Fault("a boleto line has digits only")
            return ReadCode("boleto", digits, slip.amount_minor, slip.due_on) if isinstance(slip, Slip) else slip


def _shape(code: str) -> WayKind | None:
    if _LINK.fullmatch(code):
        return "link"
    if code.startswith(BEGINNING):
        return "pix"
    if _PARTED_DIGITS.fullmatch(code) and len(re.sub(r"\D", "", code)) in (47, 48):
        return "boleto"
    return None
