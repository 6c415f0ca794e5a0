"""What the screens say, in the viewer's language: texts/*.yaml, and amounts, days and names of languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_precision

from console.renditions import rendition

LANGUAGES = ("pt-BR", "en-US", "fr-FR")  # the first is used when none fits
FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language."""

    language: str
    texts: dict[str, Any]

    def __call__(self, path: str, **values: object) -> str:
        """The text at a dotted path, its {places} filled. KeyError when there is none (a test holds that)."""
        found: Any = self.texts
        for step in path.split("."):
            found = found[step]
        return str(found).format(**values)

    def known(self, path: str, otherwise: str) -> str:
        """The text at a path, or a value from outside that has no text of ours."""
        try:
            return self(path)
        except KeyError:
            return otherwise

    def told(self, text: str) -> str:
        """What an act, the gate or the reading of a list said in English, in this language; else as it stands."""
        return rendition(text, self.language)

    def day(self, iso: str, style: str = "long") -> str:
        """A date in words."""
        return format_date(date.fromisoformat(iso), format=style, locale=_locale(self.language))

    def of(self, words: Mapping[Any, str], otherwise: str = "") -> str:
        """Words that come in several languages, in this one; else in any, else the other text."""
        return words.get(self.language) or next(iter(words.values()), otherwise)

    def figure(self, value: float) -> str:
        """A figure with one decimal."""
        return format_decimal(round(value, 1), format="0.0", locale=_locale(self.language))

    def moment(self, at: datetime, zone: str, style: str = "short") -> str:
        """A day and a time in words, at a place."""
        return format_datetime(at, style, ZoneInfo(zone), _locale(self.language))

    def language_name(self, tag: str) -> str:
        """How a language calls itself in this language."""
        return _locale(tag).get_display_name(_locale(self.language)) or tag


def amount(minor: int, currency: str, language: str) -> str:
    """Money as the debtor reads it: `minor` counts the currency's smallest unit."""
    value = Decimal(minor).scaleb(-get_currency_precision(currency))
    return format_currency(value, currency, locale=_locale(language))


def plain(minor: int, currency: str, language: str) -> str:
    """Money as it is typed into a field: no sign, no thousands."""
    value = f"{Decimal(minor).scaleb(-get_currency_precision(currency))}"
    return value if language == "en-US" else value.replace(".", ",")


def words_for(accept_language: str) -> Words:
    """The texts that fit an Accept-Language header best."""
    wanted = sorted(_wishes(accept_language), reverse=True)
    found = negotiate_locale([tag for _, tag in wanted], LANGUAGES, sep="-")
    if found is None:
        families = [next((own for own in LANGUAGES if own[:2] == tag[:2].lower()), None) for _, tag in wanted]
        found = next((one for one in families if one), LANGUAGES[0])
    return _load(found)


def _wishes(header: str) -> list[tuple[float, str]]:
    wishes = []
    for item in header.split(","):
        tag, _, quality = item.strip().partition(";q=")
        try:
            wishes.append((float(quality or 1), tag))
        except ValueError:
            continue
    return [wish for wish in wishes if wish[1] and wish[0] > 0]


def _locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


@cache
def _load(language: str) -> Words:
    return Words(language, yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8")))
