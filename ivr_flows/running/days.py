"""Days that people mean: the date they key in, the next day they are paid. Public holidays are not known here."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Literal

from ivr_flows.turn import Language


def keyed_day(
    digits: str, language: Language, *, today: date, direction: Literal["past", "future"], horizon_days: int
) -> date | None:
    """The date of four keys (day and month; month and day in en-US), or None.

    Future: from today to today + horizon. Past: from today back to today - horizon. The year is whichever
    puts the date there.
    """
    if len(digits) != 4 or not (digits.isascii() and digits.isdigit()):
        return None
    first, second = int(digits[:2]), int(digits[2:])
    month, day = (first, second) if language == "en-US" else (second, first)
    reach = timedelta(days=horizon_days)
    earliest, latest = (today, today + reach) if direction == "future" else (today - reach, today)
    for year in (today.year - 1, today.year, today.year + 1):
        if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
            found = date(year, month, day)
            if earliest <= found <= latest:
                return found
    return None


def next_payday(today: date, language: Language) -> date:
    """The next usual day of pay after today, read back and confirmed before anything is kept.

    Brazil: the fifth working day of a month (CLT art. 459 §1; Saturday counts as one). United States: the
    15th and the last day, moved back to a weekday. France: the last weekday of a month.
    """
    year, month = today.year, today.month
    while True:
        later = [day for day in _paydays(year, month, language) if day > today]
        if later:
            return later[0]
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _paydays(year: int, month: int, language: Language) -> list[date]:
    last = date(year, month, calendar.monthrange(year, month)[1])
    if language == "pt-BR":
        working = [day for day in range(1, 8) if date(year, month, day).weekday() < 6]
        return [date(year, month, working[4])]
    if language == "en-US":
        return [_weekday_before(date(year, month, 15)), _weekday_before(last)]
    return [_weekday_before(last)]


def _weekday_before(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))
