"""What must hold of the gate whatever the facts: hours in every zone, more against never helps, `until` is exact."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialer.rules.facts import (
    NO_LIMITS,
    Consented,
    Contacted,
    Content,
    Designated,
    Facts,
    Meters,
    Noticed,
    Permitted,
    Proposed,
    Suppressed,
    Zone,
)
from dialer.rules.gate import Allow, Deny, decide, digest
from dialer.rules.packs import load_packs

PACKS = load_packs()
NOON = datetime(2026, 10, 6, 16, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ZONES = (
    "America/New_York", "America/Los_Angeles", "America/Phoenix", "America/St_Johns", "America/Sao_Paulo",
    "America/Noronha", "America/Rio_Branco", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Europe/London",
    "Africa/Casablanca", "Pacific/Honolulu",
)  # fmt: skip
PLACES = (
    ("US", ()), ("US", ("US-MA", "US-NY")), ("BR", ("BR-SP",)), ("BR", ("BR-RJ", "BR-CE")), ("BR", ()), ("GB", ()),
    ("CA", ("CA-ON",)), ("CA", ("CA-QC", "CA-ON")), ("CA", ()), ("FR", ()),
)  # fmt: skip
WINDOWS = {  # of the widest day: nothing outside may ever be allowed
    "US": (8, 21), "BR": (8, 20), "GB": (8, 21), "CA": (7, 21), "FR": (8, 20),
}  # fmt: skip
WORDS = Content(text="Please call Robin Smith at 555-555-0123.")

zones = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True)
instants = st.datetimes(
    datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2031-12-31"), timezones=st.just(UTC)
).map(lambda at: at.replace(microsecond=0))
contacts = st.builds(
    Contacted,
    at=st.integers(0, 60 * 24 * 35).map(lambda minutes: NOON - timedelta(minutes=minutes)),
    channel=st.sampled_from(["phone", "sms", "email"]),
    direction=st.sampled_from(["out", "out", "in"]),
    outcome=st.sampled_from(["no_answer", "busy", "voicemail", "voicemail_named_debts", "abandoned", "sent"]),
    number=st.sampled_from([None, "home1", "work1"]),
    debts=st.sampled_from([(), ("a",), ("b",), ("a", "b")]),
    mode=st.sampled_from([None, "prerecorded", "live_agent_manual"]),
)
designations = st.builds(
    Designated,
    days=st.sampled_from([(), (0,), (1, 3), (5, 6), (0, 1, 2, 3, 4)]),
    from_minute=st.sampled_from([None, 0, 9 * 60, 15 * 60, 22 * 60]),
    to_minute=st.sampled_from([None, 8 * 60, 17 * 60, 24 * 60]),
    until=st.sampled_from([None, date(2026, 10, 6), date(2026, 10, 20)]),
)
against = st.one_of(
    st.builds(lambda one: {"history": (one,)}, contacts),
    st.builds(lambda one: {"designations": (one,)}, designations),
    st.builds(
        lambda kind, debts: {"suppressions": (Suppressed(kind, debts=debts),)},
        st.sampled_from(["opt_out", "lawyer", "cease", "dispute", "wrong_person", "do_not_call"]),
        st.sampled_from([(), ("a",), ("c",)]),
    ),
    st.builds(lambda zone: {"zones": (Zone(zone, "more"),)}, st.sampled_from(ZONES)),
    st.sampled_from([{"notices": (Noticed(date(2026, 10, 3)),)}, {"regions": ("US-MA",)}, {"regions": ("BR-RJ",)}]),
    st.just({"permits": (Permitted("tcpa", revoked_at=NOON - timedelta(days=1)),)}),
)


def proposal(country: str, at: datetime = NOON, **more: object) -> Proposed:
    made = Proposed(at, "p", "home1", country, mode="live_agent", debts=("a",), ring_seconds=None, limits=NO_LIMITS)
    return replace(made, content=WORDS, **more)  # type: ignore[arg-type]


def known(*names: str) -> tuple[Zone, ...]:
    return tuple(Zone(name, "test") for name in names)


def ask(facts: Facts, proposed: Proposed) -> Allow | Deny:
    return decide(facts, proposed, PACKS, proposed.at)


@settings(max_examples=100)
@given(st.sampled_from(PLACES), zones, instants)
@example(("US", ()), ["America/New_York"], datetime(2026, 3, 8, 12, 0, tzinfo=UTC))
@example(("US", ()), ["America/New_York", "Australia/Lord_Howe"], datetime(2028, 2, 29, 1, 30, tzinfo=UTC))
def test_nobody_is_called_outside_the_hours_of_any_candidate_zone(
    place: tuple[str, tuple[str, ...]], names: list[str], at: datetime
) -> None:
    country, regions = place
    word = ask(Facts(zones=known(*names), regions=regions), proposal(country, at))
    opens, closes = WINDOWS[country]
    if isinstance(word, Allow):
        assert all(opens <= at.astimezone(ZoneInfo(name)).hour < closes for name in names)
    elif word.until is not None:
        _is_exact(Facts(zones=known(*names), regions=regions), proposal(country, at), word)


@settings(max_examples=80)
@given(st.sampled_from(["US", "BR", "GB", "CA"]), st.lists(against, max_size=5), against)
def test_more_facts_against_never_turn_a_refusal_into_leave(
    country: str, told: list[dict[str, tuple[object, ...]]], further: dict[str, tuple[object, ...]]
) -> None:
    facts = Facts(zones=known("America/Sao_Paulo", "America/New_York"), regions=(f"{country}-SP",))
    for mode in ("live_agent", "prerecorded"):
        for one in told:
            facts = _with(facts, one)
        asked = replace(proposal(country), mode=mode)
        assert isinstance(ask(_with(facts, further), asked), Deny) or isinstance(ask(facts, asked), Allow)


@settings(max_examples=80)
@given(
    st.sampled_from(["US", "BR", "GB", "CA"]),
    st.lists(contacts, max_size=14),
    st.lists(designations, max_size=3),
    zones,
)
def test_until_is_the_first_instant_at_which_the_rule_lets_go(
    country: str, history: list[Contacted], named: list[Designated], names: list[str]
) -> None:
    facts = Facts(history=tuple(history), designations=tuple(named), zones=known(*names), regions=("CA-ON",))
    for shown in (facts, replace(facts, designations=()), replace(facts, history=())):
        word = ask(shown, proposal(country))
        if isinstance(word, Deny) and word.until is not None:
            _is_exact(shown, proposal(country), word)


@pytest.mark.parametrize(
    ("country", "zone", "opens", "closes"),
    [
        (
            "US",
            "America/New_York",
            "2026-03-08T08:00:00-04:00",
            "2026-03-08T21:00:00-04:00",
        ),  # forward
        ("US", "America/New_York", "2026-11-01T08:00:00-05:00", "2026-11-01T21:00:00-05:00"),  # and back
        ("US", "Pacific/Honolulu", "2028-02-29T08:00:00-10:00", "2028-02-29T21:00:00-10:00"),
        ("BR", "America/Sao_Paulo", "2028-02-29T09:00:00-03:00", "2028-02-29T18:00:00-03:00"),
        ("CA", "America/St_Johns", "2026-03-09T09:00:00-02:30", "2026-03-09T18:00:00-02:30"),
    ],
)
def test_window_edges_hold_to_the_second(country: str, zone: str, opens: str, closes: str) -> None:
    first, end = datetime.fromisoformat(opens), datetime.fromisoformat(closes)
    allowed = [
        isinstance(ask(Facts(zones=known(zone)), proposal(country, at)), Allow)
        for at in (first - SECOND, first, end - SECOND, end)
    ]
    assert allowed == [False, True, True, False]


@given(contacts, st.sampled_from(ZONES))
def test_a_digest_is_of_the_values_and_of_nothing_else(contact: Contacted, zone: str) -> None:
    facts = Facts(history=(contact,), zones=known("America/New_York"))
    elsewhere = replace(contact, at=contact.at.astimezone(ZoneInfo(zone)))
    same = digest(replace(facts, history=(elsewhere,)), proposal("US"), "us@1")
    assert same == digest(facts, proposal("US"), "us@1")
    assert len(same) == 32
    assert same != digest(facts, proposal("US"), "us@2")
    assert same != digest(replace(facts, history=(contact, contact)), proposal("US"), "us@1")


def test_every_rule_that_fails_is_kept_in_order() -> None:
    night = datetime(2026, 10, 7, 3, 0, tzinfo=UTC)
    facts = Facts(
        zones=known("America/New_York"),
        suppressions=(Suppressed("lawyer"), Suppressed("opt_out")),
        history=(Contacted(night - timedelta(days=1), "phone", "in", "conversation", debts=("a",)),),
    )
    asked = proposal("US", night, mode="prerecorded", meters=Meters(live_answers_30d=100, abandoned_30d=9))
    word = ask(facts, asked)
    assert isinstance(word, Deny)
    assert (word.rule, *word.also) == (
        "US_REGF_ATTORNEY", "OPT_OUT", "US_TCPA_NO_CONSENT", "US_REGF_TIME", "US_REGF_POST_CONVERSATION",
        "US_ABANDON_RATE",
    )  # fmt: skip


def test_a_bar_of_one_creditor_is_about_their_debts_only() -> None:
    facts = Facts(zones=known("America/New_York"), suppressions=(Suppressed("opt_out", debts=("a",)),))
    assert isinstance(ask(facts, proposal("US")), Deny)
    assert isinstance(ask(facts, proposal("US", debts=("b",))), Allow)
    assert isinstance(ask(facts, proposal("US", debts=("b", "a"))), Deny)


def test_a_reply_is_given_once_by_the_same_medium() -> None:
    asked = Contacted(NOON - timedelta(minutes=9), "sms", "in", "message")
    facts = Facts(zones=known("America/New_York"), designations=(Designated(),), history=(asked,))
    reply = proposal("US", mode="reply", channel="sms")
    assert isinstance(ask(facts, reply), Allow)
    assert isinstance(ask(facts, replace(reply, channel="email")), Deny)
    answered = Contacted(NOON - timedelta(minutes=5), "sms", "out", "sent")
    assert isinstance(ask(replace(facts, history=(asked, answered)), reply), Deny)


def test_consent_is_what_may_turn_a_refusal_into_leave() -> None:
    talk = Contacted(NOON - timedelta(days=2), "phone", "out", "conversation", debts=("a",))
    facts = Facts(zones=known("America/New_York"), history=(talk,))
    assert isinstance(ask(facts, proposal("US")), Deny)
    assert isinstance(ask(replace(facts, consents=(Consented(talk.at),)), proposal("US")), Allow)


def _with(facts: Facts, more: dict[str, tuple[object, ...]]) -> Facts:
    return replace(facts, **{name: getattr(facts, name) + added for name, added in more.items()})


def _is_exact(facts: Facts, proposed: Proposed, word: Deny) -> None:
    """The rule fails a second before `until`, and not at it."""
    assert word.until is not None
    assert word.until > proposed.at
    assert word.rule not in _failing(ask(facts, replace(proposed, at=word.until)))
    assert word.rule in _failing(ask(facts, replace(proposed, at=word.until - SECOND)))


def _failing(word: Allow | Deny) -> tuple[str, ...]:
    return (word.rule, *word.also) if isinstance(word, Deny) else ()
