"""How a written number may have been said: "234" is two hundred thirty-four, or two, three, four. Pure text.

A recogniser that writes figures has understood the words; each function gives every reading that would be right.
"""

from __future__ import annotations

from num2words import num2words

from ivr_flows import wording
from ivr_flows.lexicon import LEXICONS
from ivr_flows.turn import Money
from tests.listening.spelling import plain, spelling

Reading = tuple[str, ...]  # words, as they are compared
Readings = tuple[Reading, ...]  # any of them is right

_DAYS = 31
_YEARS = range(1100, 2100)


def number(digits: str, language: str, *, before: str = "") -> Readings:
    """A run of figures: whole, one by one, in pairs, as a day or a year. `before`: the text that comes after it."""
    said = [one_by_one(digits, language), *_in_telephone_manner(digits, language)]
    value = int(digits)
    if value > wording.LARGEST or (digits.startswith("0") and len(digits) > 1):
        return _distinct(said, language)
    said += [wording.cardinal(value, language, feminine=feminine) for feminine in (False, True)]
    if language == "en-US" and 1 <= value <= _DAYS:
        said.append(ordinal_words(value, language))
    if language == "en-US" and value in _YEARS:
        said.append(wording.year(value, language))
    if value == 1 and before.lstrip().startswith("de "):
        said.append(LEXICONS[language].first)
    return _distinct(said, language)


def one_by_one(digits: str, language: str) -> str:
    """Each figure by itself."""
    return " ".join(LEXICONS[language].digits[int(digit)] for digit in digits)


def _in_telephone_manner(digits: str, language: str) -> list[str]:
    if language == "pt-BR":
        words = LEXICONS[language]
        return [" ".join(words.phone_six if each == "6" else words.digits[int(each)] for each in digits)]
    if language == "fr-FR" and len(digits) % 2 == 0:
        pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
        return [" ".join(_pair(pair) for pair in pairs)]
    return []


def _pair(pair: str) -> str:
    return one_by_one(pair, "fr-FR") if pair[0] == "0" else wording.cardinal(int(pair), "fr-FR")


def ordinal_words(value: int, language: str) -> str:
    """A rank in words: first, primeiro, premier."""
    spoken: str = num2words(value, lang=LEXICONS[language].numerals, to="ordinal")
    return spoken


def ordinal(value: int, language: str) -> Readings:
    """1º, 1ª, 23rd, 1er, 2e; beyond the first, a day of the month is a plain number in Portuguese and French."""
    said = [ordinal_words(value, language)]
    if language == "pt-BR":
        said.append(" ".join(word[:-1] + "a" if word.endswith("o") else word for word in said[0].split()))
    if language == "fr-FR" and value == 1:
        said.append("première")
    if language != "en-US" and value > 1:
        said.append(wording.cardinal(value, language))
    return _distinct(said, language)


def money(whole: str, fraction: str, language: str) -> Readings:
    """A sum of the language's own money: "12", "5" is twelve and a half. `whole` has no marks between thousands."""
    minor = int(whole) * 100 + int(fraction.ljust(2, "0")[:2] or 0)
    return _distinct([wording.amount(Money(minor, spelling(language).currency), language)], language)


def decimal(whole: str, fraction: str, language: str) -> Readings:
    """A number with a fraction: "0,5" is zero vírgula cinco; the fraction whole or figure by figure."""
    mark = {"pt-BR": "vírgula", "en-US": "point", "fr-FR": "virgule"}[language]
    head = wording.cardinal(int(whole), language)
    tails = [one_by_one(fraction, language)]
    if not fraction.startswith("0"):
        tails.append(wording.cardinal(int(fraction), language))
    return _distinct([f"{head} {mark} {tail}" for tail in tails], language)


def percent(readings: Readings, language: str) -> Readings:
    """The same readings with "per cent" after each."""
    return tuple((*reading, *plain(spelling(language).percent, language)) for reading in readings)


def clock(hour: int, minute: int | None, language: str) -> Readings:
    """11h, 14h30, 14:30, 2:05: with or without the words for hours and minutes."""
    if language == "en-US":
        return _distinct(_english_clock(hour, minute), language)
    noun = {"pt-BR": ("hora", "horas"), "fr-FR": ("heure", "heures")}[language][hour > 1]
    full = f"{wording.cardinal(hour, language, feminine=True)} {noun}"
    if not minute:
        return _distinct([full], language)
    rest, link = wording.cardinal(minute, language), LEXICONS[language].and_word
    return _distinct([f"{full} {rest}", f"{full} {link} {rest}", f"{full} {link} {rest} minutos"], language)


def _english_clock(hour: int, minute: int | None) -> list[str]:
    spoken = wording.cardinal(hour, "en-US")
    if not minute:
        return [f"{spoken} o'clock", spoken]
    return [f"{spoken} {'oh ' if minute < 10 else ''}{wording.cardinal(minute, 'en-US')}"]


def _distinct(said: list[str], language: str) -> Readings:
    return tuple(dict.fromkeys(plain(each, language) for each in said))
