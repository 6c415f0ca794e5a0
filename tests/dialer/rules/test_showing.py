"""Which number a person sees: the same one again, never a retired one, a resting one only by those who know it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.showing import OwnNumber, bar_of, choose

numbers = st.lists(
    st.builds(
        OwnNumber,
        st.integers(0, 9).map(lambda n: f"+155501{n:02d}"),
        st.sampled_from(["US", "BR"]),
        st.sampled_from(["active", "resting", "retired"]),
        st.none() | st.integers(1, 3),
        st.integers(0, 3),
    ),
    max_size=6,
    unique_by=lambda one: one.e164,
)
countries = st.sampled_from(["US", "BR", "FR"])


@given(numbers, st.integers(0, 99), countries)
def test_who_has_seen_a_number_sees_it_again_full_or_not(own: list[OwnNumber], seed: int, country: str) -> None:
    first = choose(own, shown_before=None, seed=seed, country=country)
    if first is not None:
        assert first.status == "active"
        again = choose(own, shown_before=first.e164, seed=seed + 1, country=country)
        assert again == first


@given(numbers, st.sampled_from([f"+155501{n:02d}" for n in range(10)]), st.integers(0, 99), countries)
def test_retired_numbers_are_never_shown_and_resting_ones_to_nobody_new(
    own: list[OwnNumber], before: str, seed: int, country: str
) -> None:
    chosen = choose(own, shown_before=before, seed=seed, country=country)
    assert chosen is None or chosen.status == "active" or (chosen.status, chosen.e164) == ("resting", before)


@given(numbers, st.integers(0, 99), countries)
def test_new_people_go_where_there_is_room_if_there_is_any(own: list[OwnNumber], seed: int, country: str) -> None:
    chosen = choose(own, shown_before=None, seed=seed, country=country)
    if chosen is not None and chosen.full:
        rivals = [one for one in own if one.status == "active" and one.country == chosen.country]
        assert all(one.full for one in rivals)


def test_people_see_a_number_of_their_own_country() -> None:
    own = [OwnNumber("+15550100", "US"), OwnNumber("+551130000000", "BR")]
    for seed in range(4):
        chosen = choose(own, shown_before="+15550100", seed=seed, country="BR")
        assert chosen is not None
        assert chosen.country == "BR"


def test_a_full_number_has_room_again_at_midnight_at_our_place() -> None:
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    full = OwnNumber("+551130000000", "BR", daily_cap=2, used_today=2)
    bar = bar_of(full, place="America/Sao_Paulo", at=at)
    assert bar is not None
    assert (bar.rule, bar.until) == ("CALLER_ID_CAP", datetime(2026, 3, 3, 3, 0, tzinfo=UTC))
    assert bar_of(OwnNumber("+551130000000", "BR", daily_cap=2, used_today=1), place="UTC", at=at) is None
    missing = bar_of(None, place="UTC", at=at)
    assert missing is not None
    assert missing.rule == "NO_CALLER_ID"
