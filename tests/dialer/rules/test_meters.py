"""Limits: how much of one is used, when dialling slows down and rests, and that no order of events brings us over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dialer.rules.meters import (
    AnswerRate,
    Brakes,
    Counts,
    DropLimit,
    Limit,
    MeterRules,
    Over,
    Reading,
    ShortLimit,
    VolumeLimit,
    first_day,
    hardest,
    limits_in,
    load_meters,
    metered_as,
    read_limit,
    short_seconds,
)
from dialer.rules.pacing import slowed
from dialer.rules.packs import load_packs
from dialer.rules.statutes import Rule

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
RULE = Rule(
    code="A_LIMIT", citation="house rule", confidence="HOUSE", effective_from=date(2020, 1, 1),
    last_checked=date(2026, 11, 21),
)  # fmt: skip
BRAKES = Brakes(slow_from=0.5, rest_at=0.9, judged_from=100)
VOLUME = VolumeLimit(RULE, "BR", BRAKES, most=100)
SHORT = ShortLimit(RULE, "BR", BRAKES, calls=100, share=0.85)
DROPS = DropLimit(RULE, "BR", BRAKES, share=0.03, days=30, reaching=False)
TODAY = date(2026, 11, 23)


def shipped(country: str, *, on: date = TODAY, verified: bool = False) -> dict[str, Limit]:
    return {one.rule.code: one for one in limits_in(load_packs().find(country), on, verified=verified)}


def crossed(limit: Limit, counts: Counts) -> bool:
    """The limit itself, written down once more."""
    short = counts.calls - counts.long_calls
    match limit:
        case VolumeLimit():
            return counts.calls > limit.most
        case ShortLimit():
            return counts.calls > limit.calls and short >= limit.share * counts.calls
        case DropLimit():
            return counts.legal_drops > 0.03 * max(counts.live_answers, limit.brakes.judged_from)


def reading_of(limit: Limit, counts: Counts, place: str = "America/Sao_Paulo") -> Reading:
    return read_limit(limit, counts, place=place, at=AT)


def test_every_limit_that_ships_has_brakes_of_its_own_or_the_usual_ones() -> None:
    known = {code: limit for country in ("BR", "US", "GB") for code, limit in shipped(country).items()}
    assert sorted(known) == ["BR_ANATEL_AUTH", "BR_ANATEL_SHORT_CALLS", "UK_ACR", "US_ABANDON_RATE"]
    assert all(limit.brakes.rest_at < 1 and limit.rule.citation for limit in known.values())
    assert load_meters().of("SOMETHING_NEW") == load_meters().of("default")
    assert [short_seconds(load_packs().find(country)) for country in ("BR", "US", "XX")] == [6, 6, 6]


@pytest.mark.parametrize("wrong", [{"slow_from": 0.95}, {"rest_at": 1.0}, {"judged_from": 0}, {"rest": 0.5}])
def test_brakes_that_come_too_late_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Brakes.model_validate(BRAKES.model_dump() | wrong)


@pytest.mark.parametrize(
    ("live", "reaching", "most"),
    [(0, False, 30), (1000, False, 30), (1033, False, 30), (1034, False, 31), (1000, True, 29), (1001, True, 30)],
)
def test_exactly_three_in_a_hundred_pass_unless_reaching_it_is_too_many(live: int, reaching: bool, most: int) -> None:
    limit = replace(DROPS, brakes=BRAKES.model_copy(update={"judged_from": 1000}), reaching=reaching)
    assert limit.most(live) == most


def test_an_authenticated_origin_has_no_monthly_limit() -> None:
    assert shipped("BR").keys() - shipped("BR", verified=True).keys() == {"BR_ANATEL_AUTH"}
    assert shipped("FR") == shipped("XX") == {}


def test_a_hundred_thousand_calls_a_day_are_fine_while_enough_of_them_are_long() -> None:
    limit = shipped("BR")["BR_ANATEL_SHORT_CALLS"]
    assert reading_of(limit, Counts(calls=150_000, long_calls=60_000)).pace == 1.0
    assert reading_of(limit, Counts(calls=89_000, long_calls=0)).pace < 0.2
    assert reading_of(limit, Counts(calls=90_000, long_calls=15_000)).rests
    assert not reading_of(limit, Counts(calls=90_000, long_calls=25_000)).rests


@pytest.mark.parametrize(
    ("limit", "until"),
    [
        (VOLUME, datetime(2026, 12, 1, 3, 0, tzinfo=UTC)),
        (DROPS, datetime(2026, 11, 24, 3, 0, tzinfo=UTC)),
        (SHORT, datetime(2026, 11, 23, 15, 10, tzinfo=UTC)),
    ],
)
def test_what_rests_is_looked_at_when_its_window_moves(limit: Limit, until: datetime) -> None:
    reading = reading_of(limit, Counts(calls=99, legal_drops=3))
    assert (reading.rests, reading.until) == (True, until)


@pytest.mark.parametrize("place", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata"])
def test_a_month_ends_at_our_own_place(place: str) -> None:
    until = reading_of(VOLUME, Counts(calls=99), place).until
    local = until.astimezone(ZoneInfo(place))
    assert (local.month, local.day, local.hour, local.minute) == (12, 1, 0, 0)


def test_windows_begin_where_they_say() -> None:
    today = date(2026, 3, 15)
    assert [first_day(one, today) for one in (SHORT, VOLUME, DROPS)] == [today, date(2026, 3, 1), date(2026, 2, 14)]


@given(st.integers(0, 60), st.integers(0, 60))
def test_nearer_to_the_limit_there_are_never_more_calls(one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    near, far = (reading_of(VOLUME, Counts(calls=calls + 40)) for calls in (more, fewer))
    for wish in (1, 7, 50):
        less = slowed(wish, pace=near.pace, room=near.room)
        assert 0 <= less <= slowed(wish, pace=far.pace, room=far.room) <= wish
    assert near.rests or slowed(50, pace=near.pace, room=near.room) >= 1


@dataclass(frozen=True)
class Call:
    """One call of a made-up day: it ends as one of these."""

    long: bool
    live: bool
    drop: bool


ENDS = st.builds(Call, st.booleans(), st.booleans(), st.booleans())


@given(
    st.sampled_from([VOLUME, SHORT, replace(DROPS, brakes=BRAKES.model_copy(update={"judged_from": 40}))]),
    st.lists(st.one_of(st.just("begin"), ENDS), max_size=200),
)
def test_no_order_of_calls_that_begin_and_end_brings_us_over_a_limit(limit: Limit, events: list[str | Call]) -> None:
    counts = Counts()
    for event in events:
        if event == "begin":
            if not reading_of(limit, counts).rests:
                counts = replace(counts, calls=counts.calls + 1, under_way=counts.under_way + 1)
        elif isinstance(event, Call) and counts.under_way:
            drop = event.live and event.drop
            counts = replace(
                counts,
                under_way=counts.under_way - 1,
                long_calls=counts.long_calls + event.long,
                live_answers=counts.live_answers + event.live,
                legal_drops=counts.legal_drops + drop,
            )
        assert not crossed(limit, counts)


def test_of_several_limits_the_hardest_counts_and_the_least_room() -> None:
    near = reading_of(VOLUME, Counts(calls=70))
    crowded = reading_of(DROPS, Counts(live_answers=100, under_way=1))
    brake = hardest([crowded, near])
    assert brake is not None
    assert (brake.reading, brake.pace, brake.room) == (near, near.pace, 2)
    assert hardest([]) is None


def test_calls_under_way_leave_less_room_and_are_no_brake() -> None:
    reading = reading_of(DROPS, Counts(live_answers=10, under_way=3))
    assert (reading.rests, reading.brakes, reading.until) == (True, False, AT + timedelta(seconds=30))


TALK = Over(answered=True, met_person=True, machine=False, seconds=40.0, unmet=False)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, {"long_calls", "answers", "live_answers"}),
        ({"seconds": 6.0}, {"short_calls", "answers", "live_answers"}),
        ({"seconds": 6.5}, {"long_calls", "answers", "live_answers"}),
        ({"seconds": None}, {"short_calls", "answers", "live_answers"}),
        ({"machine": True, "met_person": False}, {"short_calls", "answers"}),
        ({"met_person": False}, {"long_calls", "answers"}),
        ({"unmet": True}, {"long_calls", "answers", "live_answers", "legal_drops"}),
        ({"answered": False, "unmet": True}, {"short_calls"}),
    ],
)
def test_what_a_call_is_metered_as(changes: dict[str, object], names: set[str]) -> None:
    assert metered_as(replace(TALK, **changes), short_seconds=6) == names  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("recent", "before", "fallen"),
    [
        ((70, 200), (100, 200), True),
        ((71, 200), (100, 200), False),
        ((0, 199), (100, 200), False),
        ((0, 200), (0, 200), False),
    ],
)
def test_a_caller_id_that_is_answered_less_is_for_people(
    recent: tuple[int, int], before: tuple[int, int], fallen: bool
) -> None:
    rule = AnswerRate(recent_days=7, before_days=28, calls=200, fall=0.3)
    assert rule.has_fallen(recent, before) is fallen


def test_brakes_without_a_default_are_refused() -> None:
    with pytest.raises(ValidationError, match="default"):
        MeterRules.model_validate(load_meters().model_dump() | {"brakes": {}})
