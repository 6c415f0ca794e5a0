"""Times of day: as spoken words in each language, and as people key them in. No clock is read here."""

from __future__ import annotations

from ivr_flows.errors import FlowFailed
from ivr_flows.turn import Language
from ivr_flows.wording import cardinal, lexicon

HOUR, HALF_DAY, DAY = 60, 720, 1440  # minutes
_EVENING = 18


def keyed_time(digits: str, *, now: int, earliest: int, latest: int) -> int | None:
    """The next time that three or four keys (H)HMM mean, in minutes from today's midnight; None if there is none.

    `now` in the same minutes; `earliest` and `latest` are full hours that the time lies between (both included).
    A time that fits only after noon is meant so: 0330 is half past three in the afternoon. What is past today
    is tomorrow's, from 1440 on.
    """
    if len(digits) not in (3, 4) or not (digits.isascii() and digits.isdigit()):
        return None
    hour, minute = int(digits[:-2]), int(digits[-2:])
    if hour >= 24 or minute >= HOUR:
        return None
    for at in (hour * HOUR + minute, hour * HOUR + minute + HALF_DAY):
        if earliest * HOUR <= at <= latest * HOUR:
            return at if at > now else at + DAY
    return None


def time_of_day(minutes: int, language: Language) -> str:
    """At what time, in words, from the minutes since a midnight: 930 is "às quinze horas e trinta minutos",
    "at three thirty in the afternoon", "à quinze heures trente"."""
    if minutes < 0:
        raise FlowFailed("A time of day to be spoken is negative; count the minutes from midnight.")
    hour, minute = divmod(minutes % DAY, HOUR)
    if lexicon(language) is lexicon("pt-BR"):
        return _in_portuguese(hour, minute)
    if lexicon(language) is lexicon("fr-FR"):
        full = f"à {cardinal(hour, language, feminine=True)} {'heure' if hour < 2 else 'heures'}"
        return f"{full} {cardinal(minute, language)}" if minute else full
    return _in_english(hour, minute)


def _in_portuguese(hour: int, minute: int) -> str:
    full = f"{'à' if hour == 1 else 'às'} {cardinal(hour, 'pt-BR', feminine=True)} {'hora' if hour == 1 else 'horas'}"
    if not minute:
        return full
    return f"{full} e {cardinal(minute, 'pt-BR')} {'minuto' if minute == 1 else 'minutos'}"


def _in_english(hour: int, minute: int) -> str:
    part = "morning" if hour < 12 else "evening" if hour >= _EVENING else "afternoon"
    spoken = cardinal(hour % 12 or 12, "en-US")
    if not minute:
        return f"at {spoken} o'clock in the {part}"
    return f"at {spoken} {'oh ' if minute < 10 else ''}{cardinal(minute, 'en-US')} in the {part}"
