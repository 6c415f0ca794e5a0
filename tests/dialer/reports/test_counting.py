"""Figures over groups of calls: parts never exceed their whole, and grouping changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dialer.results import comparing, costing, counting, heat
from dialer.results.comparing import Books, Credit
from dialer.results.group import Calls, Dialled, Pledge, Texts, Wish
from dialer.rules.disposition import Disposition

START = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)  # a Monday: 10:00 in São Paulo
FLAGS = st.booleans()

CALLS = st.builds(
    Calls,
    campaign_id=st.integers(1, 3),
    flow=st.sampled_from(["lembrete", "recado"]),
    from_number=st.sampled_from([None, "+15005550006"]),
    direction=st.sampled_from(["out", "in"]),
    status=st.sampled_from(["placing", "placed", "ringing", "live", "ended", "unknown", "denied"]),
    carrier_status=st.sampled_from([None, "completed", "busy", "no-answer", "failed", "refused", "lost"]),
    picked_up=FLAGS,
    answered_by=st.sampled_from([None, "human", "machine", "fax"]),
    level=st.sampled_from(["none", "claimed", "checked", "confirmed"]),
    key_pressed=FLAGS,
    disposition=st.none() | st.sampled_from([one.value for one in Disposition]),
    callback=FLAGS,
    met=FLAGS,
    missed=FLAGS,
    queued_callback=FLAGS,
    promised=FLAGS,
    payment_code=FLAGS,
    opted_out=FLAGS,
    wrong_person=FLAGS,
    dispute=FLAGS,
    already_paid=FLAGS,
    voicemail_left=FLAGS,
    currency=st.sampled_from([None, "USD", "BRL"]),
    count=st.integers(1, 5),
    timed=st.just(1),
    seconds=st.integers(0, 600),
    minutes=st.integers(0, 10),
    priced=st.sampled_from([0, 1]),
    micros=st.integers(0, 10**6),
)
WISHES = st.builds(
    Wish,
    attempt_id=st.integers(1, 10_000),
    status=st.sampled_from(
        ["waiting", "reserved", "connected", "ended", "left", "nobody_free", "callback", "failed"]
    ),
    asked_at=st.just(START),
    connected_at=st.none() | st.integers(0, 60).map(lambda seconds: START + timedelta(seconds=seconds)),
)
ANSWERED = Calls(
    campaign_id=1, flow="lembrete", from_number="+15005550006", direction="out", status="ended",
    carrier_status="completed", picked_up=True, answered_by="human", level="checked", key_pressed=True,
    disposition="promised", callback=False, met=False, missed=False, queued_callback=False, promised=True,
    payment_code=False, opted_out=False, wrong_person=False, dispute=False, already_paid=False, voicemail_left=False,
    currency="USD", count=2, timed=2, seconds=120, minutes=2, priced=2, micros=28_000,
)  # fmt: skip
TEXT = Texts(
    campaign_id=1, template="reminder", flow=None, from_number="+15005550006", direction="out", status="delivered",
    read_as=None, currency="USD", count=3, segments=3, priced=3, micros=23_700,
)  # fmt: skip


@given(calls=st.lists(CALLS, max_size=20), wishes=st.lists(WISHES, max_size=20))
def test_no_figure_exceeds_what_it_is_a_part_of(calls: list[Calls], wishes: list[Wish]) -> None:
    funnel = counting.call_funnel(calls)
    assert funnel["human"] + funnel["machine"] <= funnel["answered"]
    assert funnel["answered"] <= funnel["dialed"] + funnel["received"] <= sum(call.count for call in calls)
    shares = counting.call_rates(calls) | counting.wait_rates(wishes, START + timedelta(minutes=1))
    assert all(shares[name] is None or 0 <= shares[name] <= 1 for name in ("asr", "legal_drop", "queue_hangup"))


@given(call=CALLS)
def test_a_call_is_never_both_a_person_and_a_machine(call: Calls) -> None:
    assert not (counting.met_human(call) and counting.met_machine(call))


@given(calls=st.lists(CALLS, max_size=12))
def test_rows_of_a_comparison_add_up_to_the_whole(calls: list[Calls]) -> None:
    books = Books(calls, [], [], [])
    whole = comparing.together(books)
    for name in ("channel", "script", "caller_id", "campaign"):
        rows = comparing.compared(books)[name]
        for figure in ("dialed", "answered", "right_party", "promised"):
            assert sum(row[figure] for row in rows) == whole[figure]


def test_currencies_are_kept_apart() -> None:
    cost = costing.cost([ANSWERED, replace(ANSWERED, currency="EUR", micros=10_000)], [])
    assert cost["totals"] == {"EUR": 0.01, "USD": 0.028}
    assert (cost["currency"], cost["total"]) == (None, None)
    assert set(cost["per_result"].values()) == {None}


def test_calls_and_texts_of_one_currency_make_one_total_and_a_cost_of_each_result() -> None:
    cost = costing.cost([ANSWERED], [TEXT])
    assert (cost["currency"], cost["total"], cost["messages"], cost["segments"]) == ("USD", 0.0517, 3, 3)
    assert (cost["per_result"]["promised"], cost["unpriced"]) == (0.0259, 0)


def test_what_pays_for_itself_is_told_by_channel_and_script() -> None:
    books = Books(
        calls=[ANSWERED],
        texts=[TEXT, replace(TEXT, flow="lembrete", template="payment_link", count=1, priced=1, micros=8_000)],
        pledges=[Pledge(1, "lembrete", "+15005550006", "USD", promised=40_000, kept=10_000)],
        credits=[Credit(1, "sms", "reminder", "+15005550006", "USD", 2_370)],
    )
    call, sms = comparing.compared(books)["script"]
    assert (call["script"], call["cost"], call["promised_amount"]) == ("lembrete", {"USD": 0.036}, {"USD": 400.0})
    assert (call["kept_amount"], call["paid_amount"], call["returned"]) == ({"USD": 100.0}, {}, 0.0)
    assert (sms["script"], sms["paid_amount"], sms["returned"]) == ("reminder", {"USD": 23.7}, 1000.0)


def test_a_return_over_two_currencies_needs_a_rate() -> None:
    assert costing.returned({"USD": 2.0}, {"BRL": 100.0}, {}) is None
    assert costing.returned({"USD": 2.0}, {"BRL": 100.0}, {"USD": Decimal("5")}) == 10.0
    assert costing.returned({}, {"BRL": 100.0}, {}) is None


def test_hours_are_those_of_the_place_that_was_called() -> None:
    def calls(number: str, at: datetime, **more: object) -> Dialled:
        return Dialled(int(at.timestamp()) // 900, number, "ended", "completed", True, "checked", **more)  # type: ignore[arg-type]

    sunday_night_in_acre = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
    made = heat.heat_map(
        [
            calls("+5511999990000", START, count=3),
            calls("+5568999990000", sunday_night_in_acre),
            calls("+5511999990000", START, direction="in"),
            calls("+99912345678", START),
        ]
    )
    assert [(cell["weekday"], cell["hour"], cell["dialed"], cell["answered_share"]) for cell in made["cells"]] == [
        (1, 10, 3, 1.0),
        (7, 23, 1, 1.0),
    ]
    assert made["unplaced"] == 1
