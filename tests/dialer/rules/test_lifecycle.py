from functools import reduce
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.lifecycle import (
    ALLOWED,
    LIVE,
    CarrierStatus,
    CarrierWord,
    Created,
    Detected,
    GivenUp,
    KeyHeard,
    News,
    NoAnswerHeard,
    Record,
    Refused,
    Status,
    advance,
    merge,
)

STATUSES: tuple[Status, ...] = get_args(Status)
WORDS: tuple[CarrierWord, ...] = get_args(CarrierWord)
FINAL_WORDS: tuple[CarrierWord, ...] = ("completed", "busy", "no-answer", "failed", "canceled")

calls = st.one_of(
    st.sampled_from(
        [
            ["initiated", "ringing", "in-progress", "completed"],
            ["queued", "initiated", "ringing", "no-answer"],
            ["initiated", "busy"],
            ["failed"],
            ["initiated", "ringing", "canceled"],
        ]
    )
)
any_news = st.one_of(
    st.sampled_from(WORDS).map(lambda word: CarrierStatus(word, sid="CA1")),
    st.sampled_from([Created("CA1"), KeyHeard(), NoAnswerHeard(), GivenUp(), Refused("21211"), Detected("machine")]),
)


def news_of(words: list[CarrierWord], verdict: str | None, pressed: bool) -> list[News]:
    told: list[News] = [CarrierStatus(word, number, "CA1") for number, word in enumerate(words)]
    if verdict:
        told.append(Detected("machine" if verdict == "machine" else "human"))
    if pressed and "in-progress" in words:
        told.append(KeyHeard())
    return told


def record_of(news: list[News]) -> Record:
    return reduce(merge, news, Record("placing"))


@given(calls, st.sampled_from([None, "human", "machine"]), st.booleans(), st.data())
def test_any_order_repetition_or_loss_of_news_gives_the_same_record(
    words: list[CarrierWord], verdict: str | None, pressed: bool, data: st.DataObject
) -> None:
    told = [*news_of(words, verdict if "in-progress" in words else None, pressed), Created("CA1")]
    lost = data.draw(st.sets(st.sampled_from(words[:-1]))) if words[:-1] else set()
    heard = [n for n in told if not (isinstance(n, CarrierStatus) and n.status in lost)]
    repeated = heard + data.draw(st.lists(st.sampled_from(heard), max_size=5))
    assert record_of(data.draw(st.permutations(repeated))) == record_of(told)


@given(calls, st.integers(0, 5), st.booleans())
def test_a_lost_create_answer_changes_nothing_in_the_end(words: list[CarrierWord], when: int, given_up: bool) -> None:
    told: list[News] = news_of(words, None, False)
    doubted = [*told[:when], NoAnswerHeard(), *([GivenUp()] if given_up else []), *told[when:]]
    assert record_of(doubted) == record_of(told)


@given(st.lists(any_news, max_size=12))
def test_status_only_moves_along_the_table_and_ended_is_final(news: list[News]) -> None:
    record = Record("placing")
    for item in news:
        after = merge(record, item)
        assert after.status == record.status or after.status in ALLOWED[record.status]
        assert advance(after.status, item) is None or isinstance(item, Created | CarrierStatus | KeyHeard | Detected)
        record = after


@pytest.mark.parametrize("status", STATUSES)
def test_the_table_is_monotone(status: Status) -> None:
    seen: set[Status] = set()
    ahead = set(ALLOWED[status])
    while ahead:
        seen |= ahead
        ahead = {further for one in ahead for further in ALLOWED[one]} - seen
    assert status not in seen


@pytest.mark.parametrize("status", ["ended", "denied", "planned"])
@pytest.mark.parametrize("word", WORDS)
def test_carrier_news_moves_nothing_that_is_over_or_was_never_asked(status: Status, word: CarrierWord) -> None:
    assert advance(status, CarrierStatus(word)) is None


def test_a_callback_may_outrun_the_creates_answer() -> None:
    assert advance("placing", CarrierStatus("in-progress")) == "live"
    assert advance("live", Created("CA1")) is None
    assert advance("live", NoAnswerHeard()) is None


def test_unknown_ends_by_callback_by_being_found_or_by_being_given_up() -> None:
    leaving = {
        news: advance("unknown", news) for news in (NoAnswerHeard(), Refused("500"), GivenUp(), Created("CA1"))
    }
    assert list(leaving.values()) == [None, None, "ended", "placed"]
    assert all(advance("unknown", CarrierStatus(word)) for word in WORDS)


def test_given_up_ends_only_the_unknown() -> None:
    assert [status for status in STATUSES if advance(status, GivenUp())] == ["unknown"]


def test_a_key_outranks_a_late_machine_verdict() -> None:
    record = record_of([CarrierStatus("in-progress"), KeyHeard(), Detected("machine")])
    assert record.answered_by == "human"
    assert record.verdict == "machine"


def test_a_refused_create_ends_with_the_carriers_code() -> None:
    record = record_of([Refused("21211")])
    assert (record.status, record.result, record.refused_code) == ("ended", "refused", "21211")


@pytest.mark.parametrize("word", FINAL_WORDS)
def test_every_final_word_ends_a_live_attempt(word: CarrierWord) -> None:
    assert {advance(status, CarrierStatus(word)) for status in LIVE} == {"ended"}
