"""What the pages say, through gettext catalogues: `locales/LANGUAGE/*.po`, one for each part of the console.

English is what stands in the templates; it needs no catalogue. What acts say comes through `told`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from console.pofiles import of_pages
from console.renditions import rendition
from console.wording import LANGUAGES, amount, words_for

SOURCE = "en-US"


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language, and its ways of writing figures and times. `zone` is the viewer's."""

    language: str
    zone: ZoneInfo

    def __call__(self, text: str, **values: object) -> str:
        """The text in this language, its {places} filled; in English as it stands. Values in Markup are escaped."""
        return _filled(of_pages(self.language).get(text, (text,))[0] or text, values)

    def n(self, one: str, many: str, count: int, **values: object) -> str:
        """The same for a number of things: `{count}` is filled in as this language writes it."""
        forms = of_pages(self.language).get(one, (one, many))
        form = forms[0] if _is_one(self.language, count) else forms[-1]
        return _filled(form or many, {"count": self.number(count), **values})

    def told(self, text: str) -> str:
        """What an act, the gate or the reading of a list said in English, in this language; else as it stands."""
        return rendition(text, self.language)

    def number(self, value: float, digits: int = 0) -> str:
        """A figure, with so many decimals."""
        return format_decimal(round(value, digits), locale=self._locale)

    def percent(self, share: float, digits: int = 0) -> str:
        """A share of 1 as a percentage."""
        return format_percent(share, format=f"#,##0{'.' + '0' * digits if digits else ''}%", locale=self._locale)

    def money(self, minor: int, currency: str) -> str:
        """Money; `minor` counts the currency's smallest unit."""
        return amount(minor, currency, self.language)

    def day(self, value: date | str, style: str = "medium") -> str:
        """A date."""
        return format_date(date.fromisoformat(value) if isinstance(value, str) else value, style, self._locale)

    def time(self, value: datetime, style: str = "short", *, zone: str = "") -> str:
        """A moment in the viewer's zone, or in another."""
        return format_datetime(value, style, ZoneInfo(zone) if zone else self.zone, self._locale)

    def ago(self, value: datetime, now: datetime) -> str:
        """How long since (or until) a moment, in words."""
        return format_timedelta(value - now, add_direction=True, locale=self._locale)

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.language, sep="-")


def texts_for(wanted: str | None, accept_language: str, zone: str) -> Texts:
    """The texts for somebody who has chosen a language, or whose browser names some."""
    language = wanted if wanted in LANGUAGES else words_for(accept_language).language
    return Texts(language, ZoneInfo(zone))


def _filled(text: str, values: dict[str, object]) -> str:
    if any(isinstance(one, Markup) for one in values.values()):
        return Markup(str(escape(text)).format(**{name: escape(one) for name, one in values.items()}))
    return text.format(**values) if values else text


def _is_one(language: str, count: int) -> bool:
    """Whether a number takes the singular (CLDR: French and Portuguese count nought as one; English does not)."""
    return count == 1 or (count == 0 and language != SOURCE)
