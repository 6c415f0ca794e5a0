"""Lines of payment slips: a bank's boleto (47 digits) and a utility's or tax bill (48): check digits and content.

FEBRABAN, "Layout padrão de arrecadação/recebimento com utilização do código de barras" (48 digits), and the
collection manuals that follow Banco Central's Carta-Circular 2.926/2000 (47 digits).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle

from dialer.lists.cells import Fault

BANK_DIGITS, UTILITY_DIGITS = 47, 48
# Factor 1000 was 3 July 2000 and, after 9999, is 22 February 2025 again (FEBRABAN, FB-009/2023).
FIRST_FACTOR_DAYS = (date(2000, 7, 3), date(2025, 2, 22))
VALUE_IN_REAIS = "68"  # third digit of a utility's code: 6 and 8 carry the amount, 7 and 9 another quantity
BY_TEN = "67"


@dataclass(frozen=True, slots=True)
class Slip:
    """What a line says: minor units of BRL or None, and the days on which it may fall due (the factor has two)."""

    amount_minor: int | None
    due_on: tuple[date, ...] = ()


def read_slip(digits: str) -> Slip | Fault:
    """What a line of 47 or 48 digits says, or that a digit was mistyped."""
    if len(digits) == UTILITY_DIGITS:
        return _utility(digits)
    if len(digits) == BANK_DIGITS:
        return _bank(digits)
    return Fault(f"{len(digits)} digits; a boleto line has 47, a utility's 48")


def check_by_ten(digits: str) -> int:
    """Módulo 10: weights 2 and 1 from the right, the digits of each product added; what is missing to ten."""
    weighted = (int(digit) * weight for digit, weight in zip(reversed(digits), cycle((2, 1)), strict=False))
    return -sum(value - 9 * (value > 9) for value in weighted) % 10


def check_by_eleven(digits: str) -> int:
    """Módulo 11: weights 2 to 9 from the right, again and again; 11 minus the remainder (1 to 11)."""
    weighted = (int(digit) * weight for digit, weight in zip(reversed(digits), cycle(range(2, 10)), strict=False))
    return 11 - sum(weighted) % 11


def bank_check_digit(barcode: str) -> int:
    """The general check digit of a bank's bar code (its other 43 digits): 1 in place of 10 and 11."""
    rest = check_by_eleven(barcode)
    return rest if rest < 10 else 1


def utility_check_digit(digits: str, kind: str) -> int:
    """A utility's check digit; `kind`, the third digit of its code: 6 and 7 by ten, else by eleven (0 from 10 up)."""
    if kind in BY_TEN:
        return check_by_ten(digits)
    rest = check_by_eleven(digits)
    return rest if rest < 10 else 0


def _bank(line: str) -> Slip | Fault:
    groups = ((line[:9], line[9]), (line[10:20], line[20]), (line[21:31], line[31]))
    for place, (group, check) in enumerate(groups, start=1):
        if check_by_ten(group) != int(check):
            return Fault(f"the check digit of the boleto's group {place} is wrong: a digit was mistyped")
    head, general, tail = line[:4], line[32], line[33:]
    if bank_check_digit(head + tail + line[4:9] + line[10:20] + line[21:31]) != int(general):
        return Fault("the general check digit of the boleto is wrong: a digit was mistyped")
    if line[3] != "9":
        return Fault("the boleto is not in reais")
    return Slip(int(tail[4:]) or None, tuple(_factor_days(int(tail[:4]))))


def _factor_days(factor: int) -> Iterator[date]:
    if factor >= 1000:
        for first in FIRST_FACTOR_DAYS:
            yield first + timedelta(factor - 1000)


def _utility(line: str) -> Slip | Fault:
    if line[0] != "8" or line[2] not in "6789":
        return Fault("a line of 48 digits begins with 8, its third digit is 6 to 9")
    groups = [line[start : start + 12] for start in range(0, UTILITY_DIGITS, 12)]
    for place, group in enumerate(groups, start=1):
        if utility_check_digit(group[:11], line[2]) != int(group[11]):
            return Fault(f"the check digit of the bill's group {place} is wrong: a digit was mistyped")
    barcode = "".join(group[:11] for group in groups)
    if utility_check_digit(barcode[:3] + barcode[4:], line[2]) != int(barcode[3]):
        return Fault("the general check digit of the bill is wrong: a digit was mistyped")
    amount = int(barcode[4:15]) if line[2] in VALUE_IN_REAIS else 0
    return Slip(amount or None)
