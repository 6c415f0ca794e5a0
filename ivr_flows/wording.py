"""Numbers, amounts, dates and names as spoken words, in each language of the lexicon. Never digits, never markup.

Built on num2words and babel, with their faults put right: silent cents, "de"/"d'" after round millions,
no commas (a pause in the voice), feminine counts, "primeiro" and "premier".
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from babel.dates import get_day_names, get_month_names
from num2words import num2words

from ivr_flows.errors import FlowFailed
from ivr_flows.lexicon import LEXICONS, Lexicon
from ivr_flows.turn import Language, Money

LARGEST = 999_999_999_999  # beyond it num2words is not checked here; no debt of a person comes near

_SMALL_WORDS = frozenset({"da", "das", "de", "do", "dos", "e", "du", "des", "la", "le"})


def lexicon(language: Language) -> Lexicon:
    """The words of a language; FlowFailed for one that there are none of."""
    try:
        return LEXICONS[language]
    except KeyError:
        known = ", ".join(LEXICONS)
        raise FlowFailed(f"There are no words for language {language!r}; use one of {known}.") from None


@lru_cache(maxsize=4096)
def cardinal(number: int, language: Language, *, feminine: bool = False) -> str:
    """A whole number in words, `feminine` to agree with a feminine noun: 21 is "vinte e uma" (dívidas)."""
    words = lexicon(language)
    if not 0 <= number <= LARGEST:
        raise FlowFailed(f"A number to be spoken lies outside 0 to {LARGEST}; correct it in the list.")
    spoken: str = num2words(number, lang=words.numerals)
    for noise, clean in words.number_noise:
        spoken = spoken.replace(noise, clean)
    return _in_feminine(spoken, language) if feminine else spoken


def _in_feminine(spoken: str, language: Language) -> str:
    """Agree with a feminine noun. What counts milhões, milliards… stays masculine."""
    head, big, tail = _split_before_units(spoken)
    if language == "pt-BR":
        tail = re.sub(r"\bum\b", "uma", tail)
        tail = re.sub(r"\bdois\b", "duas", tail)
        tail = re.sub(r"(entos)\b", "entas", tail)
    elif language == "fr-FR":
        tail = re.sub(r"\bun$", "une", tail)
    return head + big + tail


def _split_before_units(spoken: str) -> tuple[str, str, str]:
    """Split after the last word for millions or more: ("dois ", "milhões", " e duas")."""
    found = list(re.finditer(r"\b(?:m|b|tr)(?:ilh(?:ão|ões)|illions?|illiards?)\b", spoken))
    if not found:
        return "", "", spoken
    last = found[-1]
    return spoken[: last.start()], last.group(), spoken[last.end() :]


@lru_cache(maxsize=4096)
def amount(money: Money, language: Language) -> str:
    """An amount in words: Money(12305, "BRL") is "cento e vinte e três reais e cinco centavos"."""
    words = lexicon(language)
    names = words.currencies.get(money.currency)
    if names is None:
        raise FlowFailed(f"There are no {language} words for currency {money.currency!r}; add it to the lexicon.")
    if money.minor < 0:
        raise FlowFailed("An amount to be spoken is negative; a credit is not something to collect.")
    whole, cents = divmod(money.minor, 100)
    spoken = []
    if whole or not cents:
        spoken.append(_counted(whole, names.one, names.many, language))
    if cents:
        spoken.append(_counted(cents, names.cent_one, names.cent_many, language))
    return f" {words.and_word} ".join(spoken)


def _counted(number: int, one: str, many: str, language: Language) -> str:
    words = lexicon(language)
    noun = one if is_one(number, language) else many
    link = f"{words.of} " if words.of and number >= 1_000_000 and number % 1_000_000 == 0 else ""
    if link and language == "fr-FR" and noun[0] in "aeiouéè":
        link = "d'"
    return f"{cardinal(number, language)} {link}{noun}"


def is_one(number: int, language: Language) -> bool:
    """Whether a counted noun stands in the singular; French has it for zero too."""
    return number < 2 if lexicon(language).below_two_is_one else number == 1


@lru_cache(maxsize=4096)
def calendar_day(on: date, language: Language, *, today: date | None = None) -> str:
    """A date in words; the year is said only when it is not the year of `today`."""
    words = lexicon(language)
    month = get_month_names("wide", locale=words.locale)[on.month]
    if language == "en-US":
        spoken = f"{month} {num2words(on.day, lang='en', to='ordinal')}"
    elif on.day == 1:
        spoken = f"{words.first} {_month_link(words)}{month}"
    else:
        spoken = f"{cardinal(on.day, language)} {_month_link(words)}{month}"
    if today is not None and today.year == on.year:
        return spoken
    return f"{spoken} {_month_link(words)}{year(on.year, language)}"


def _month_link(words: Lexicon) -> str:
    return "de " if words is LEXICONS["pt-BR"] else ""


def year(number: int, language: Language) -> str:
    """A year in words: 2026 is "twenty twenty-six" in English, a cardinal elsewhere."""
    if language != "en-US" or 2000 <= number <= 2009:
        return cardinal(number, language)
    spoken: str = num2words(number, lang="en", to="year")
    return spoken


def weekday_and_day(on: date, language: Language, *, today: date | None = None) -> str:
    """A date with its weekday: "segunda-feira, vinte e três de novembro"."""
    weekday = get_day_names("wide", locale=lexicon(language).locale)[on.weekday()]
    gap = " " if language == "fr-FR" else ", "
    return f"{weekday}{gap}{calendar_day(on, language, today=today)}"


def digit_by_digit(text: str, language: Language) -> str:
    """Letters and digits one at a time; anything else is a short pause: "A12-3" is "A um dois, três"."""
    names = lexicon(language).digits
    groups = [group for group in re.split(r"[\W_]+", text) if group]
    return ", ".join(
        " ".join(names[int(sign)] if sign in "0123456789" else sign.upper() for sign in group) for group in groups
    )


def phone_number(number: str, language: Language) -> str:
    """A telephone number in groups as people of the language say it; +1, +33 and +55 are left away at home."""
    words = lexicon(language)
    groups = _phone_groups(number.strip(), language)
    if language == "fr-FR":
        return ", ".join(_french_pair(group) for group in groups)
    names = (*words.digits[:6], words.phone_six, *words.digits[7:])
    return ", ".join(" ".join(names[int(digit)] for digit in group) for group in groups)


_HOME = {"pt-BR": ("+55", ""), "en-US": ("+1", ""), "fr-FR": ("+33", "0")}
_SIZES: dict[Language, dict[int, tuple[int, ...]]] = {
    "pt-BR": {8: (4, 4), 9: (5, 4), 10: (2, 4, 4), 11: (2, 5, 4)},
    "en-US": {7: (3, 4), 10: (3, 3, 4), 11: (1, 3, 3, 4)},
    "fr-FR": {10: (2, 2, 2, 2, 2)},
}


def _phone_groups(number: str, language: Language) -> list[str]:
    code, trunk = _HOME[language]
    if number.startswith(code):
        number = trunk + number.removeprefix(code).lstrip(" ")
    written = [group for group in re.split(r"\D+", number) if group]
    digits = "".join(written)
    if len(written) > 1 and language != "fr-FR":
        return written  # the list's own grouping: "0800 555 0101"
    sizes = _SIZES[language].get(len(digits))
    if sizes is None:
        return written if len(written) > 1 else [digits[at : at + 3] for at in range(0, len(digits), 3)]
    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    return [digits[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def _french_pair(group: str) -> str:
    if len(group) == 2 and group[0] != "0":
        return cardinal(int(group), "fr-FR")
    return " ".join(lexicon("fr-FR").digits[int(digit)] for digit in group)


def web_address(site: str, language: Language) -> str:
    """A site as it is read out: "loja.example/ver" is "loja ponto example barra ver"."""
    words = lexicon(language)
    site = re.sub(r"^(?:https?://)?(?:www\.)?", "", site.strip()).rstrip("/")
    pieces = re.findall(r"[^\W\d_]+|\d+|[\W_]", site)
    return " ".join(_site_piece(piece, words, language) for piece in pieces if not piece.isspace())


def _site_piece(piece: str, words: Lexicon, language: Language) -> str:
    if piece.isdigit():
        return digit_by_digit(piece, language)
    if len(piece) == 2 and piece.isalpha():  # country endings and the like are spelled
        return " ".join(piece.upper())
    return words.signs.get(piece, piece)


def proper_name(name: str, language: Language) -> str:
    """A name fit to be spoken: capitals lowered, digits and "&" in words, stray signs dropped."""
    words = lexicon(language)
    shouted = name.isupper() and len(name) > 3
    clean = name.replace("&", f" {words.signs['&']} ")
    clean = re.sub(r"\d+", lambda found: f" {_number_in_name(found.group(), language)} ", clean)
    clean = " ".join(re.sub(r"[^\w\s'’.-]|_", " ", clean).split())
    if shouted:
        clean = " ".join(_lowered(word) for word in clean.split())
    return clean


def _number_in_name(digits: str, language: Language) -> str:
    short = len(digits) <= 6 and not digits.startswith("0")
    return cardinal(int(digits), language) if short else digit_by_digit(digits, language)


def _lowered(word: str) -> str:
    low = word.lower()
    if low in _SMALL_WORDS:
        return low
    return re.sub(r"(^|[-'’.])(\w)", lambda found: found.group(1) + found.group(2).upper(), low)
