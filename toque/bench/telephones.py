"""What it costs to read the telephones of a list, beside the library's own functions on the same texts.

Ours says the zones and regions besides. Processor time of one thread; nothing else runs.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import phonenumbers

from dialer.rules.phone_numbers import PhoneNumber, read
from toque.bench.measuring import PASSES, Figure, Pass

COUNT = 20_000
SHARES = {"BR": 4, "US": 2, "CA": 1, "FR": 2, "GB": 2, "PT": 1, "AO": 1}
WAYS = {
    "BR": ("({0}{1}) 9{2:08}", "+55 {0}{1} 9{2:08}", "0{0}{1} 3{2:07}", "{0}{1}3{2:07}"),
    "US": ("(212) 555-{3:04}", "1 415 555 {3:04}", "+1 305 555 {3:04}", "{0}{1}{0}{2:07}"),
    "CA": ("416-555-{3:04}", "+1 604 555 {3:04}"),
    "FR": ("06 39 98 {4:02} {5:02}", "+33 6 39 98 {4:02} {5:02}", "01.99.00.{4:02}.{5:02}"),
    "GB": ("020 7946 0{6:03}", "+44 (0)20 7946 0{6:03}", "07700 900{6:03}"),
    "PT": ("91{2:07}", "+351 21{2:07}"),
    "AO": ("923 {6:03} 4{4:02}", "+244 923 {6:03} 4{4:02}"),
}


def measure(scale: float) -> Figure:
    """Microseconds of processor time a telephone."""
    texts = _texts(max(200, round(COUNT * scale)))
    each(read, texts[:500])
    each(_library, texts[:500])
    passes = tuple(Pass(floor=each(_library, texts), value=each(read, texts)) for _ in range(PASSES))
    usable = sum(isinstance(read(*text), PhoneNumber) for text in texts)
    more = {"usable": round(usable / len(texts), 3), "countries": len(SHARES)}
    return Figure(passes, len(texts), "µs a telephone", "parse, is_valid_number and number_type of the library", more)


def each(reading: Callable[[str, str], object], texts: Sequence[tuple[str, str]]) -> float:
    """Microseconds of processor time that each of these texts took."""
    begun = time.process_time()
    for text, country in texts:
        reading(text, country)
    return (time.process_time() - begun) / len(texts) * 1e6


def _library(text: str, country: str) -> object:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.is_valid_number(number) and phonenumbers.number_type(number)


def _texts(count: int) -> list[tuple[str, str]]:
    """Invented numbers in the ways in which people write them, the same in every run."""
    dice = random.Random(1)
    countries = dice.choices(list(SHARES), list(SHARES.values()), k=count)
    return [(_written(dice, country), country) for country in countries]


def _written(dice: random.Random, country: str) -> str:
    figures = (dice.randrange(1, 10), dice.randrange(1, 10), dice.randrange(10**7))
    parts = (dice.randrange(10**4), dice.randrange(100), dice.randrange(100), dice.randrange(1000))
    return dice.choice(WAYS[country]).format(*figures, *parts)
