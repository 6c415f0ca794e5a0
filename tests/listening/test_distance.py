from __future__ import annotations

from functools import cache
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.listening.distance import misheard

words = st.lists(st.sampled_from("abc"), max_size=4).map(tuple)
heard_words = st.lists(st.lists(words, min_size=1, max_size=2), max_size=3)


def heard(text: str) -> list[tuple[tuple[str, ...], ...]]:
    return [((word,),) for word in text.split()]


@cache
def levenshtein(said: tuple[str, ...], other: tuple[str, ...]) -> int:
    if not said or not other:
        return len(said) + len(other)
    beside = levenshtein(said[1:], other[1:]) + (said[0] != other[0])
    return min(beside, levenshtein(said[1:], other) + 1, levenshtein(said, other[1:]) + 1)


def test_a_word_left_out_a_word_changed_and_a_word_too_many_are_found_where_they_are() -> None:
    said = tuple(["press", "one", "to", "pay", "now"])
    assert misheard(said, heard("press one to pay now")).places == ()
    assert misheard(said, heard("press to pay now")).places == (1,)
    assert misheard(said, heard("press nine to pay now")).places == (1,)
    assert misheard(said, heard("press one oh to pay now")).places == (2,)
    assert misheard(said, heard("press one to pay now please")).places == (4,)


def test_nothing_heard_is_every_word_wrong_and_nothing_said_is_only_too_much() -> None:
    assert misheard(("a", "b"), []).errors == 2
    assert misheard((), heard("a b")).errors == 2


@settings(max_examples=50, deadline=None)
@given(words, heard_words)
def test_the_fewest_errors_of_all_readings_are_taken_and_each_has_its_place(
    said: tuple[str, ...], readings: list[list[tuple[str, ...]]]
) -> None:
    found = misheard(said, [tuple(each) for each in readings])
    whole = [tuple(word for part in choice for word in part) for choice in product(*readings)]
    assert found.errors == min(levenshtein(said, one) for one in whole)
    assert len(found.places) == found.errors
    assert not said or all(0 <= place < len(said) for place in found.places)
