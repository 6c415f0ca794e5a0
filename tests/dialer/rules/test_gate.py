from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules import hours
from dialer.rules.checks import opening
from dialer.rules.checks.ground import ground_of
from dialer.rules.gate import (
    NO_LIMITS,
    Allow,
    Channel,
    Consented,
    Contacted,
    Deny,
    Facts,
    Limits,
    Mode,
    Proposed,
    Suppressed,
    SuppressionKind,
    Zone,
    decide,
)
from dialer.rules.hours import read_hours
from dialer.rules.packs import load_packs

PACKS = load_packs()
TUESDAY_NOON = datetime(2026, 10, 6, 15, 0, tzinfo=UTC)  # 12:00 in São Paulo, 11:00 in New York
SAO_PAULO = (Zone("America/Sao_Paulo", "test"),)
NEW_YORK = (Zone("America/New_York", "test"),)
BRAZILIAN = Facts(zones=SAO_PAULO, regions=("BR-SP",))
CALL = Proposed(TUESDAY_NOON, "p1", "+5511999990001", "BR", debts=("d1",))
US_CALL = replace(CALL, number="+12125550123", country="US", mode="live_agent", limits=NO_LIMITS)
KINDS = get_args(SuppressionKind)

bars = st.builds(
    Suppressed,
    kind=st.sampled_from(KINDS),
    number=st.sampled_from([None, "+5511999990001", "+5511999990002"]),
    channel=st.sampled_from([None, "phone", "sms"]),
    automated_only=st.booleans(),
    until=st.sampled_from([None, TUESDAY_NOON - timedelta(days=1), TUESDAY_NOON + timedelta(days=1)]),
)
contacts = st.builds(
    Contacted,
    at=st.integers(0, 60 * 24 * 20).map(lambda minutes: TUESDAY_NOON - timedelta(minutes=minutes)),
    channel=st.sampled_from(["phone", "sms"]),
    direction=st.just("out"),
    outcome=st.sampled_from(["no_answer", "busy", "conversation", "voicemail"]),
    debts=st.sampled_from([(), ("d1",), ("d2",)]),
)
places = st.sampled_from(
    [
        ("US", "America/New_York", ()),
        ("US", "America/Phoenix", ("US-MA",)),
        ("BR", "America/Sao_Paulo", ("BR-SP",)),
        ("BR", "America/Rio_Branco", ("BR-AC",)),
        ("BR", "America/Sao_Paulo", ("BR-RJ", "BR-ES")),
        ("BR", "America/Noronha", ()),
        ("FR", "Europe/Paris", ()),
    ]
)
instants = st.datetimes(
    datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2032-12-31"), timezones=st.just(UTC)
)


def ask(facts: Facts, proposed: Proposed = CALL) -> Allow | Deny:
    return decide(facts, proposed, PACKS, proposed.at)


def rule(facts: Facts, proposed: Proposed = CALL) -> str | None:
    decision = ask(facts, proposed)
    return decision.rule if isinstance(decision, Deny) else None


def test_a_lawful_call_is_allowed_under_a_named_pack() -> None:
    assert ask(BRAZILIAN) == Allow("br@2026.1")


def test_what_is_unknown_refuses() -> None:
    assert rule(BRAZILIAN, replace(CALL, country="PT")) == "NO_PACK"
    assert rule(replace(BRAZILIAN, zones=())) == "PLACE_UNKNOWN"
    assert rule(replace(BRAZILIAN, zones=(Zone("America/Atlantis", "test"),))) == "PLACE_UNKNOWN"


def test_a_zone_that_does_not_exist_refuses_however_much_is_on_record() -> None:
    often = tuple(Contacted(TUESDAY_NOON - timedelta(hours=ago), "phone", "out", "no_answer") for ago in range(1, 16))
    facts = replace(BRAZILIAN, history=often, consents=(Consented(TUESDAY_NOON - timedelta(days=1)),))
    for zones in ((Zone("America/Atlantis", "test"),), (*SAO_PAULO, Zone("America/Atlantis", "test"))):
        assert rule(replace(facts, zones=zones)) == "PLACE_UNKNOWN"


def test_a_changed_pack_decides_at_once_and_the_old_one_as_before() -> None:
    pack, early = PACKS.by_country["BR"], replace(CALL, at=datetime.fromisoformat("2026-10-06T09:30:00-03:00"))
    late = pack.hours.model_copy(update={"open": read_hours("mon-fri 10:00-11:00")})
    changed = replace(PACKS, by_country={"BR": pack.model_copy(update={"hours": late, "regions": {}})})
    words = [decide(BRAZILIAN, early, packs, early.at) for packs in (PACKS, changed, PACKS)]
    assert [isinstance(word, Allow) for word in words] == [True, False, True]


def test_what_is_remembered_between_decisions_is_bounded() -> None:
    remembered = (ground_of, hours._windows_of, hours._zone, hours.instant_at, opening._chosen)
    assert all(one.cache_info().maxsize is not None for one in remembered)


@pytest.mark.parametrize("naive", ["at", "now"])
def test_naive_times_are_refused(naive: str) -> None:
    bare = TUESDAY_NOON.replace(tzinfo=None)
    proposed = replace(CALL, at=bare) if naive == "at" else CALL
    with pytest.raises(ValueError, match="time zone"):
        decide(BRAZILIAN, proposed, PACKS, bare if naive == "now" else TUESDAY_NOON)


def test_a_proposal_for_a_past_moment_is_judged_now() -> None:
    night = TUESDAY_NOON + timedelta(hours=12)
    decision = decide(BRAZILIAN, CALL, PACKS, night)
    assert isinstance(decision, Deny)
    assert decision.rule == "BR_HOURS"


def test_the_ring_must_end_inside_the_window() -> None:
    at = datetime.fromisoformat("2026-10-06T19:59:30-03:00")
    assert rule(BRAZILIAN, replace(CALL, at=at, ring_seconds=29)) is None
    assert rule(BRAZILIAN, replace(CALL, at=at, ring_seconds=30)) == "BR_HOURS"


def test_a_state_unknown_gets_the_hours_that_every_state_allows() -> None:
    early = replace(CALL, at=datetime.fromisoformat("2026-10-06T08:30:00-03:00"))
    assert rule(BRAZILIAN, early) is None
    assert rule(replace(BRAZILIAN, regions=()), early) == "BR_HOURS"
    assert rule(replace(BRAZILIAN, regions=("BR-SP", "BR-RJ")), early) == "BR_HOURS"


def test_until_is_the_next_opening_in_every_place() -> None:
    facts = replace(BRAZILIAN, zones=(*SAO_PAULO, Zone("America/Rio_Branco", "test")), regions=("BR-SP", "BR-AC"))
    friday_night = replace(CALL, at=datetime.fromisoformat("2026-10-09T22:00:00-03:00"))
    decision = ask(facts, friday_night)
    assert isinstance(decision, Deny)
    assert decision.until == datetime.fromisoformat("2026-10-10T10:00:00-03:00")


def test_a_monday_holiday_moves_the_opening_to_tuesday() -> None:
    decision = ask(BRAZILIAN, replace(CALL, at=datetime.fromisoformat("2026-10-11T12:00:00-03:00")))
    assert isinstance(decision, Deny)
    assert decision.until == datetime.fromisoformat("2026-10-13T08:00:00-03:00")


@given(places, instants, st.integers(15, 60))
def test_never_allowed_outside_the_hours_of_the_place(
    place: tuple[str, str, tuple[str, ...]], at: datetime, ring: int
) -> None:
    country, zone, regions = place
    facts = Facts(zones=(Zone(zone, "test"),), regions=regions)
    call = replace(CALL, at=at, country=country, mode="live_agent", ring_seconds=ring)
    decision = ask(facts, call)
    local = at.astimezone(ZoneInfo(zone))
    last = (at + timedelta(seconds=ring)).astimezone(ZoneInfo(zone))
    if isinstance(decision, Allow):
        assert local.hour >= 8
        assert last.hour < (21 if country == "US" else 20)
        saturdays = regions in (("BR-SP",), ("BR-AC",)) or country == "FR"
        assert country == "US" or local.weekday() < (6 if saturdays else 5)
    elif decision.until:
        assert decision.until > at
        assert isinstance(ask(facts, replace(call, at=decision.until)), Allow)


@given(st.lists(bars, max_size=3), bars, st.sampled_from(get_args(Mode)), st.sampled_from(get_args(Channel)))
def test_a_further_bar_never_allows_what_was_denied(
    known: list[Suppressed], further: Suppressed, mode: Mode, channel: Channel
) -> None:
    proposed = replace(CALL, mode=mode, channel=channel)
    fewer = ask(replace(BRAZILIAN, suppressions=tuple(known)), proposed)
    more = ask(replace(BRAZILIAN, suppressions=(*known, further)), proposed)
    assert isinstance(fewer, Allow) or isinstance(more, Deny)


@given(st.lists(contacts, max_size=12), contacts)
def test_a_further_contact_of_ours_never_allows_what_was_denied(known: list[Contacted], further: Contacted) -> None:
    for facts, proposed in ((Facts(zones=NEW_YORK), US_CALL), (BRAZILIAN, CALL)):
        fewer = ask(replace(facts, history=tuple(known)), proposed)
        more = ask(replace(facts, history=(*known, further)), proposed)
        assert isinstance(fewer, Allow) or isinstance(more, Deny)


@given(st.lists(contacts, max_size=12))
def test_a_frequency_block_lifts_when_it_says(history: list[Contacted]) -> None:
    facts = Facts(zones=NEW_YORK, history=tuple(history))
    decision = ask(facts, US_CALL)
    if isinstance(decision, Deny) and decision.rule in ("US_REGF_7IN7", "US_REGF_POST_CONVERSATION"):
        assert decision.until is not None
        at_noon = decision.until + timedelta(hours=12)
        assert rule(facts, replace(US_CALL, at=at_noon)) != decision.rule
        assert rule(facts, replace(US_CALL, at=decision.until - timedelta(hours=6))) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_every_bar_blocks_calls_and_names_its_rule(kind: SuppressionKind) -> None:
    decision = ask(replace(BRAZILIAN, suppressions=(Suppressed(kind),)))
    assert isinstance(decision, Deny)
    assert decision.rule
    assert decision.citation


def test_scopes_of_suppression() -> None:
    other = Suppressed("wrong_person", number="+5511999990002")
    assert rule(replace(BRAZILIAN, suppressions=(other,))) is None
    automated = replace(BRAZILIAN, suppressions=(Suppressed("opt_out", automated_only=True),))
    assert rule(automated) == "OPT_OUT"
    assert rule(automated, replace(CALL, mode="live_agent")) is None
    texts = replace(BRAZILIAN, suppressions=(Suppressed("opt_out", channel="sms"),))
    assert rule(texts) is None
    assert rule(texts, replace(CALL, channel="sms", mode="text")) == "OPT_OUT"


def test_a_bar_in_time_says_when_it_lifts() -> None:
    until = TUESDAY_NOON + timedelta(days=3)
    decision = ask(replace(BRAZILIAN, suppressions=(Suppressed("promise", until=until),)))
    assert isinstance(decision, Deny)
    assert (decision.rule, decision.until) == ("PROMISED", until)


def test_hard_bars_come_before_opt_outs_and_hours() -> None:
    facts = replace(BRAZILIAN, suppressions=(Suppressed("opt_out"), Suppressed("deceased")))
    night = replace(CALL, at=TUESDAY_NOON + timedelta(hours=12))
    assert rule(facts, night) == "DECEASED"
    assert rule(replace(facts, live_attempt=True), night) == "LIVE_ATTEMPT"
    assert rule(replace(BRAZILIAN, debts_due=False), night) == "NOTHING_DUE"


def test_the_packs_own_codes_replace_the_house_codes() -> None:
    facts = Facts(zones=NEW_YORK, suppressions=(Suppressed("lawyer"),))
    assert rule(facts, US_CALL) == "US_REGF_ATTORNEY"
    assert rule(replace(BRAZILIAN, suppressions=(Suppressed("lawyer"),))) == "LAWYER"


def test_a_reply_needs_a_request_and_passes_hours_but_no_hard_bar() -> None:
    night = TUESDAY_NOON + timedelta(hours=12)
    reply = replace(CALL, at=night, channel="sms", mode="reply")
    assert rule(BRAZILIAN, reply) == "BR_HOURS"
    asked = replace(BRAZILIAN, live_attempt=True)
    assert rule(asked, reply) is None
    assert rule(replace(asked, suppressions=(Suppressed("opt_out", channel="phone"),)), reply) is None
    assert rule(replace(asked, suppressions=(Suppressed("deceased"),)), reply) == "DECEASED"


def call_at(hours_ago: float, *, campaign: str | None = None) -> Contacted:
    at = TUESDAY_NOON - timedelta(hours=hours_ago)
    return Contacted(at, "phone", "out", "no_answer", campaign=campaign)


def test_the_gap_counts_over_all_numbers_and_campaigns() -> None:
    decision = ask(replace(BRAZILIAN, history=(call_at(1, campaign="other"),)))
    assert isinstance(decision, Deny)
    assert (decision.rule, decision.until) == ("PERSON_GAP", TUESDAY_NOON + timedelta(hours=3))
    assert rule(replace(BRAZILIAN, history=(call_at(4),))) is None


def test_the_gap_counts_from_a_talk_that_the_person_began_too() -> None:
    talked = Contacted(TUESDAY_NOON - timedelta(hours=1), "phone", "in", "conversation")
    decision = ask(replace(BRAZILIAN, history=(talked,)))
    assert isinstance(decision, Deny)
    assert (decision.rule, decision.until) == ("PERSON_GAP", TUESDAY_NOON + timedelta(hours=3))
    assert rule(replace(BRAZILIAN, history=(replace(talked, outcome="answered_dropped"),))) is None


def test_campaign_limits_count_the_campaign_only() -> None:
    limits = Limits(timedelta(0), attempts_per_day=1, attempts_per_week=2, attempts_total=3)
    proposed = replace(CALL, campaign="c", limits=limits)
    own = [call_at(hours, campaign="c") for hours in (2, 26, 24 * 20)]
    assert rule(replace(BRAZILIAN, history=(call_at(2, campaign="other"),)), proposed) is None
    assert rule(replace(BRAZILIAN, history=(own[0],)), proposed) == "CAMPAIGN_DAY"
    assert rule(replace(BRAZILIAN, history=(own[1], own[1])), proposed) == "CAMPAIGN_WEEK"
    assert rule(replace(BRAZILIAN, history=tuple(own)), proposed) == "CAMPAIGN_TOTAL"
    decision = ask(replace(BRAZILIAN, history=(own[0],)), proposed)
    assert isinstance(decision, Deny)
    assert decision.until == datetime.fromisoformat("2026-10-07T00:00:00-03:00")


def test_campaign_hours_only_narrow() -> None:
    narrow = replace(CALL, limits=Limits(hours=read_hours("mon-fri 14:00-15:00")))
    decision = ask(BRAZILIAN, narrow)
    assert isinstance(decision, Deny)
    assert decision.rule == "CAMPAIGN_HOURS"
    assert decision.until == datetime.fromisoformat("2026-10-06T14:00:00-03:00")
    wide = replace(
        CALL, at=TUESDAY_NOON + timedelta(hours=12), limits=Limits(hours=read_hours("mon-sun 00:00-24:00"))
    )
    assert rule(BRAZILIAN, wide) == "BR_HOURS"


def test_a_request_to_be_called_lifts_the_frequency_rules_until_the_next_conversation() -> None:
    talk = Contacted(TUESDAY_NOON - timedelta(days=2), "phone", "out", "conversation", debts=("d1",))
    facts = Facts(zones=NEW_YORK, history=(talk,))
    assert rule(facts, US_CALL) == "US_REGF_POST_CONVERSATION"
    willing = replace(facts, consents=(Consented(talk.at, ("d1",)),))
    assert ask(willing, US_CALL) == Allow("us@2026.1", ("CONSENT",))
    assert rule(replace(facts, consents=(Consented(talk.at, ("d2",)),)), US_CALL) is not None
    assert rule(replace(facts, consents=(Consented(talk.at, ("d1",), revoked=True),)), US_CALL) is not None
    again = replace(talk, at=talk.at + timedelta(days=1))
    assert rule(replace(willing, history=(talk, again)), US_CALL) == "US_REGF_POST_CONVERSATION"


def test_massachusetts_is_stricter_and_counts_texts() -> None:
    text = Contacted(TUESDAY_NOON - timedelta(days=1), "sms", "out", "sent", debts=("d1",))
    facts = Facts(zones=NEW_YORK, regions=("US-MA",), history=(text, text))
    assert rule(facts, US_CALL) == "US_MA_2IN7"
    assert rule(replace(facts, regions=()), US_CALL) is None
