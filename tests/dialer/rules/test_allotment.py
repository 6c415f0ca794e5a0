"""Which debt an unanswered call counts for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.allotment import counted_for
from dialer.rules.facts import Contacted, Facts, Zone

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
DEBTS = ("1", "2", "3")
calls = st.lists(
    st.builds(
        lambda days, debts: Contacted(NOW - timedelta(days=days), "phone", "out", "no_answer", debts=tuple(debts)),
        st.integers(0, 10),
        st.sets(st.sampled_from(DEBTS), min_size=1),
    ),
    max_size=12,
)


def used(history: list[Contacted], debt: str) -> int:
    return sum(debt in one.debts and (NOW - one.at).days < 7 for one in history)


@given(calls, st.lists(st.sampled_from(DEBTS), unique=True, min_size=1))
def test_the_debt_with_most_room_is_chosen(history: list[Contacted], debts: list[str]) -> None:
    facts = Facts(history=tuple(history), zones=(Zone("America/Sao_Paulo", "number"),))
    (chosen,) = counted_for(facts, debts, NOW)
    assert chosen in debts
    assert used(history, chosen) == min(used(history, debt) for debt in debts)


def test_a_call_about_nothing_in_particular_is_counted_for_nothing_in_particular() -> None:
    assert counted_for(Facts(), (), NOW) == ()
