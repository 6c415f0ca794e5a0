"""Identity documents: the Brazilian CPF with its check digits; elsewhere letters and digits as they stand."""

from __future__ import annotations

import re

from dialer.lists.cells import Fault

CPF_DIGITS = 11


def read_document(text: str, country: str) -> str | Fault:
    """The document without its punctuation. In Brazil a CPF: eleven digits that pass both check digits."""
    if country == "BR":
        return _cpf(text)
    plain = re.sub(r"[\s./-]", "", text).upper()
    if not re.fullmatch(r"[A-Z0-9]{4,20}", plain) or len(re.findall(r"\d", plain)) < 3:
        return Fault("not a document number: 4 to 20 letters and digits, at least 3 of them digits")
    return plain


def cpf_check_digits(first_nine: str) -> str:
    """The two check digits of a CPF.

    Receita Federal, módulo 11: weights 10…2 (then 11…2 with the first check digit); 11 minus the remainder,
    and 0 when that is 10 or more.
    """
    digits = first_nine
    for _ in range(2):
        total = sum(int(digit) * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
        rest = 11 - total % 11
        digits += str(rest if rest < 10 else 0)
    return digits[9:]


def _cpf(text: str) -> str | Fault:
    digits = re.sub(r"[\s./-]", "", text)
    if not digits.isascii() or not digits.isdigit():
        return Fault("a CPF has digits only, with or without points and hyphen")
    if len(digits) != CPF_DIGITS:
        return Fault(f"{len(digits)} digits; a CPF has 11 (a spreadsheet may have dropped leading zeros)")
    if len(set(digits)) == 1 or cpf_check_digits(digits[:9]) != digits[9:]:
        return Fault("its check digits are wrong: a digit was mistyped")
    return digits
