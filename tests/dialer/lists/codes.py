"""Payment codes for tests, made by the published rules: nobody can pay with them."""

from __future__ import annotations

from datetime import date

from dialer.lists.codes.boletos import FIRST_FACTOR_DAYS, bank_check_digit, check_by_ten, utility_check_digit
from dialer.lists.codes.pix import checksum

NO_BANK = "9999"  # bank 999 does not exist; 9 is the real


def boleto(minor: int, due_on: date | None, free: str = "1234567890123456789012345") -> str:
    """A boleto line of 47 digits."""
    factor = 0
    if due_on is not None:
        first = max(day for day in FIRST_FACTOR_DAYS if day <= due_on)
        factor = (due_on - first).days + 1000
    tail = f"{factor:04}{minor:010}"
    groups = [NO_BANK + free[:5], free[5:15], free[15:]]
    signed = "".join(f"{group}{check_by_ten(group)}" for group in groups)
    return f"{signed}{bank_check_digit(NO_BANK + tail + free)}{tail}"


def utility_bill(minor: int, kind: str = "6", free: str = "00010202611051234567890123456") -> str:
    """A utility's line of 48 digits; `kind` 6 and 8 carry the amount, 6 and 7 check by ten."""
    rest = f"{minor:011}{free[:29]}"
    barcode = f"83{kind}{utility_check_digit(f'83{kind}{rest}', kind)}{rest}"
    parts = [barcode[start : start + 11] for start in range(0, 44, 11)]
    return "".join(f"{part}{utility_check_digit(part, kind)}" for part in parts)


def pix(minor: int | None = None, receiver: str = "LOJA EXEMPLO", city: str = "SAO PAULO") -> str:
    """A PIX text for a key that nobody has; without an amount the payer's bank asks for it."""
    account = _field("00", "br.gov.bcb.pix") + _field("01", "00000000-0000-4000-8000-000000000000")
    amount = "" if minor is None else _field("54", f"{minor // 100}.{minor % 100:02}")
    body = (
        "000201"
        + _field("26", account)
        + "52040000"
        + "5303986"
        + amount
        + "5802BR"
        + _field("59", receiver)
        + _field("60", city)
        + _field("62", _field("05", "***"))
        + "6304"
    )
    return body + checksum(body)


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02}{value}"
