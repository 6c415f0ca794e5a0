"""What a recogniser wrote, cut into elements; each with every way in which it may have been said. Pure text."""

from __future__ import annotations

import re
from functools import cache

from tests.listening import numerals
from tests.listening.numerals import Readings
from tests.listening.spelling import plain, spelling

_ACRONYM = 4  # letters at most


def elements(text: str, language: str) -> list[Readings]:
    """The elements of a text in order. A word has one reading, a number has several."""
    text = re.sub("[\u00a0\u202f\u2009]", " ", text.replace("’", "'"))
    found: list[Readings] = []
    for match in _pattern(language).finditer(text):
        found += _read(match, language, text[match.end() :])
    return [readings for readings in found if any(readings)]


@cache
def _pattern(language: str) -> re.Pattern[str]:
    how = spelling(language)
    mark, point = re.escape(how.thousands), re.escape(how.decimal)
    number = rf"\d{{1,3}}(?:{mark}\d{{3}})+(?!\d)(?:{point}\d+)?|\d+(?:{point}\d+)?"
    hour = rf"[ ]?{how.hour}(?P<short>\d{{2}})?(?:min)?|" if how.hour else ""
    units = {"BRL": "rea(?:l|is)", "USD": "dollars?", "EUR": "euros?"}[how.currency]
    return re.compile(
        rf"""(?P<list>(?<![\d{mark}{point}])\d{{1,2}}(?:[,.-]\d{{1,2}}(?!\d)){{2,}})
        |{how.sign}[ ]?(?P<before>{number})
        |(?P<after>{number})[ ]?(?:{how.sign}|(?<=\d)[ ]{units}\b)
        |(?P<percent>{number})[ ]?%
        |(?<!\d)(?P<hour>\d{{1,2}})(?:{hour}:(?P<minute>\d{{2}}))(?![\w:])
        |(?P<ordinal>\d{{1,3}})(?:[ºª°]|st\b|nd\b|rd\b|th\b|ers?\b|re\b|ème\b|e\b)
        |(?P<number>{number})
        |(?P<site>[^\W\d_]+(?:\.[^\W\d_]+)+)
        |(?P<sign>n[º°]|[&@*\#/])
        |(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*'?)""",
        re.VERBOSE | re.IGNORECASE,
    )


def _read(match: re.Match[str], language: str, before: str) -> list[Readings]:
    """The elements of one match; only a list of figures has more than one."""
    written = match[match.lastgroup or 0]
    how = spelling(language)
    match match.lastgroup:
        case "list":
            return [numerals.number(each, language) for each in re.findall(r"\d+", written)]
        case "before" | "after":
            return [numerals.money(*_halves(written, language), language)]
        case "percent":
            return [numerals.percent(_plain_number(written, language, before), language)]
        case "hour" | "short" | "minute":
            minute = written if match.lastgroup != "hour" else "0"
            return [numerals.clock(int(match["hour"]), int(minute), language)]
        case "ordinal":
            return [numerals.ordinal(int(written), language)]
        case "number":
            return [_plain_number(written, language, before)]
        case "site":
            return [(plain(written.replace(".", f" {how.dot} "), language), plain(written, language))]
        case "sign":
            return [(plain(how.signs.get(written.lower(), ""), language),)]
        case _:
            return [_word(written, language)]


def _word(written: str, language: str) -> Readings:
    letters = plain(" ".join(written), language)
    if written.isupper() and 1 < len(written) <= _ACRONYM:
        return (plain(written, language), letters)
    return (plain(written, language),)


def _plain_number(written: str, language: str, before: str) -> Readings:
    whole, fraction = _halves(written, language)
    if fraction:
        return numerals.decimal(whole, fraction, language)
    return numerals.number(whole, language, before=before)


def _halves(written: str, language: str) -> tuple[str, str]:
    """Before and after the decimal mark, without the marks between thousands."""
    how = spelling(language)
    whole, _, fraction = written.partition(how.decimal)
    return whole.replace(how.thousands, ""), fraction
