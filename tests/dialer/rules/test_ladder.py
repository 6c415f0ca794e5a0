"""The ladder: no flow before its days, none behind a later step, and the bar says when that changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.facts import CampaignBar
from dialer.rules.ladder import Rung, fit, fitting
from ivr_flows.nodes import Ladder

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
PLACES = ("America/Sao_Paulo", "America/Noronha", "Asia/Tokyo", "America/Los_Angeles")
ladders = st.builds(
    lambda step, first, length: Ladder(step, first, None if length is None else first + length),
    st.integers(1, 6),
    st.integers(-30, 120),
    st.none() | st.integers(0, 60),
)
rungs = st.lists(
    st.builds(
        Rung,
        st.uuids().map(str),
        st.dates(date(2025, 10, 1), date(2026, 7, 1)),
        st.integers(0, 6),
    ),
    min_size=1,
    max_size=6,
)
places = st.lists(st.sampled_from(PLACES), min_size=1, unique=True)
instants = st.integers(0, 150 * 86_400).map(lambda seconds: NOON - timedelta(days=60) + timedelta(seconds=seconds))


@given(ladders, rungs, places, instants)
def test_what_fits_is_in_its_days_everywhere_and_behind_no_later_step(
    ladder: Ladder, owed: list[Rung], zones: list[str], at: datetime
) -> None:
    found = fitting(ladder, owed, zones=zones, at=at)
    chosen = () if isinstance(found, CampaignBar) else found
    for rung in owed:
        days = [(at.astimezone(ZoneInfo(zone)).date() - rung.due_on).days for zone in zones]
        in_time = min(days) >= ladder.from_day and (ladder.to_day is None or max(days) <= ladder.to_day)
        assert (rung.debt in chosen) == (in_time and rung.step <= ladder.step)


@given(ladders, rungs, places, instants)
def test_a_bar_with_an_end_lifts_there_and_not_a_moment_before(
    ladder: Ladder, owed: list[Rung], zones: list[str], at: datetime
) -> None:
    found = fitting(ladder, owed, zones=zones, at=at)
    if not isinstance(found, CampaignBar) or found.until is None:
        return
    assert found.until > at
    before = fitting(ladder, owed, zones=zones, at=found.until - timedelta(seconds=1))
    assert isinstance(before, CampaignBar), "nothing fits before"
    early = [rung for rung in owed if fit(ladder, rung, zones=zones, at=at) == "too_early"]
    first = min(early, key=lambda rung: rung.due_on)
    assert fit(ladder, first, zones=zones, at=found.until) != "too_early"


def test_a_later_step_bars_an_earlier_flow_for_good_and_another_debt_is_still_spoken_of() -> None:
    ladder = Ladder(2, 1)
    later, fresh = Rung("old", date(2026, 1, 1), step=4), Rung("new", date(2026, 2, 1))
    assert fitting(ladder, [later, fresh], zones=PLACES[:1], at=NOON) == ("new",)
    bar = fitting(ladder, [later], zones=PLACES[:1], at=NOON)
    assert isinstance(bar, CampaignBar)
    assert (bar.rule, bar.until) == ("LADDER_BEHIND", None)


def test_a_final_notice_to_a_debt_of_five_days_waits_for_its_day_at_the_debtors_place() -> None:
    rung = Rung("d", (NOON - timedelta(days=5)).date())
    bar = fitting(Ladder(4, 60), [rung], zones=["America/Sao_Paulo"], at=NOON)
    assert isinstance(bar, CampaignBar)
    assert bar.rule == "LADDER_TOO_EARLY"
    assert bar.until == datetime(2026, 4, 26, 3, 0, tzinfo=UTC), "midnight in São Paulo"


def test_a_flow_without_a_place_fits_every_debt_and_nothing_owed_is_nobodys_bar() -> None:
    assert fitting(None, [Rung("d", date(2027, 1, 1), 9)], zones=(), at=NOON) == ("d",)
    assert fitting(Ladder(1, 0), [], zones=(), at=NOON) == ()
