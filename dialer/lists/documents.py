"""Identity documents of people and companies, with their check digits where the country publishes them."""

from __future__ import annotations

import re
from functools import lru_cache
from operator import mul

from dialer.lists.amounts import SCIENTIFIC
from dialer.lists.cells import Fault

CPF_DIGITS = 11
CNPJ_SIGNS = 14
CPF_ZEROS = 4  # how many leading zeros a spreadsheet may have taken before nobody can tell
_CPF_WEIGHTS = (tuple(range(10, 1, -1)), tuple(range(11, 1, -1)))
_CNPJ_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_PUNCTUATION = str.maketrans("", "", " ./-\u00a0")


@lru_cache(maxsize=1024)
def read_document(text: str, country: str, *, company: bool = False) -> str | Fault:
    """The document without its punctuation. In Brazil a CPF of 11 digits or a CNPJ of 14 signs that pass their check
    digits (lost leading zeros are put back when they prove it); a French company's SIREN or SIRET passes Luhn.

    `company`: the column holds documents of companies only.
    """
    if country == "BR" and len(text) == CPF_DIGITS and text.isascii() and text.isdigit() and not company:
        return _cpf(text)
    if text.endswith(".0"):
        text = text[:-2]
    if SCIENTIFIC.fullmatch(text.strip()):
        return Fault("a spreadsheet shortened it (like 5,3E+10) and digits are lost; format the column as text")
    plain = text.strip("'\"= ").translate(_PUNCTUATION).upper()
    if country == "BR":
        return _brazilian(plain, company=company)
    if country == "FR" and company:
        return _french_company(plain)
    if not re.fullmatch(r"[A-Z0-9]{4,20}", plain) or len(re.findall(r"\d", plain)) < 3:
        return Fault("not a document number: 4 to 20 letters and digits, at least 3 of them digits")
    return plain


def is_company(document: str, country: str) -> bool:
    """Whether a document that was read here is a company's by its own shape (a Brazilian CNPJ)."""
    return country == "BR" and len(document) == CNPJ_SIGNS


def cpf_check_digits(first_nine: str) -> str:
    """The two check digits of a CPF.

    Receita Federal, módulo 11: weights 10…2 (then 11…2 with the first check digit); 11 minus the remainder,
    and 0 when that is 10 or more.
    """
    figures = list(map(int, first_nine))
    for weights in _CPF_WEIGHTS:
        rest = 11 - sum(map(mul, figures, weights)) % 11
        figures.append(rest if rest < 10 else 0)
    return f"{figures[9]}{figures[10]}"


def cnpj_check_digits(first_twelve: str) -> str:
    """The two check digits of a CNPJ, whose first twelve signs may be letters from 2026 on.

    Receita Federal, Instrução Normativa 2.229/2024: a sign counts as its ASCII code minus 48; módulo 11 with the
    weights 5 4 3 2 9 … 2 (then 6 5 4 3 2 9 … 2); 0 when the remainder is 0 or 1, else 11 minus it.
    """
    signs = first_twelve
    for weights in (_CNPJ_WEIGHTS[1:], _CNPJ_WEIGHTS):
        rest = sum((ord(sign) - 48) * weight for sign, weight in zip(signs, weights, strict=True)) % 11
        signs += str(11 - rest if rest > 1 else 0)
    return signs[12:]


def passes_luhn(digits: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1, annex B): SIREN and SIRET carry it."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _brazilian(plain: str, *, company: bool) -> str | Fault:
    if not plain.isascii() or not plain.isalnum():
        return Fault("a CPF has 11 digits and a CNPJ 14 digits or letters, with or without points, slash and hyphen")
    if plain.isdigit() and len(plain) <= CPF_DIGITS and not company:
        return _cpf(plain)
    if len(plain) > CNPJ_SIGNS or not plain[-2:].isdigit() or len(plain) < CPF_DIGITS - company:
        return Fault(f"{len(plain)} signs; a CPF has 11 digits, a CNPJ 14")
    return _cnpj(plain)


def _cpf(digits: str) -> str | Fault:
    full = digits.zfill(CPF_DIGITS)
    good = len(set(full)) > 1 and cpf_check_digits(full[:9]) == full[9:]
    if len(digits) < CPF_DIGITS - CPF_ZEROS or (len(digits) < CPF_DIGITS and not good):
        return Fault(f"{len(digits)} digits; a CPF has 11, and leading zeros would not make one of it")
    return full if good else Fault("its check digits are wrong: a digit was mistyped")


def _cnpj(signs: str) -> str | Fault:
    full = signs.zfill(CNPJ_SIGNS)
    good = len(set(full)) > 1 and cnpj_check_digits(full[:12]) == full[12:]
    if len(signs) < CNPJ_SIGNS and not good:
        return Fault(f"{len(signs)} signs; a CNPJ has 14, and leading zeros would not make one of it")
    return full if good else Fault("its check digits are wrong: a sign of the CNPJ was mistyped")


def _french_company(plain: str) -> str | Fault:
    """Nine digits (SIREN) or fourteen (SIRET). La Poste's establishments have a rule of their own: a sum of fives."""
    if not (plain.isascii() and plain.isdigit() and len(plain) in (9, 14)):
        return Fault("a SIREN has 9 digits, a SIRET 14")
    if passes_luhn(plain) or (plain.startswith("356000000") and sum(map(int, plain)) % 5 == 0):
        return plain
    return Fault("it does not pass the check of SIREN and SIRET: a digit was mistyped")
