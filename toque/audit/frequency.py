"""How often: counts on calendar days at the person's place, the week after a conversation, our own gaps and caps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from toque.audit import law
from toque.audit.evidence import Call, Evidence, Person, Text
from toque.audit.findings import Violation

NOT_CONNECTED = frozenset({"busy", "failed"})  # 12 CFR 1006.14(b)(3)(ii)
NOT_IN_SERVICE = frozenset({"announcement", "invalid_number"})
GAPS = {"default": 240, "gentle": 1200, "intensive": 90, "once": 240}  # minutes between two attempts
ASKED_FOR = timedelta(hours=12)  # how long a wish to be called at a time excuses from our own gaps
TOLD = frozenset({"checked", "confirmed"})  # levels of identity at which the debt is spoken of
CONSENT_DAYS = 7  # 12 CFR 1006.14(b)(3)(i)


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every call too many."""
    calls: dict[int, list[Call]] = defaultdict(list)
    incoming: dict[int, list[Call]] = defaultdict(list)
    texts: dict[int, list[Text]] = defaultdict(list)
    for call in evidence.calls:
        calls[call.person].append(call)
    for call in evidence.incoming:
        incoming[call.person].append(call)
    for text in evidence.texts:
        if not text.incoming and not text.answers:
            texts[text.person].append(text)
    for person_id, mine in calls.items():
        person = evidence.people[person_id]
        yield from _caps(person, mine, texts[person_id], incoming[person_id])
        yield from _quiet(person, mine, incoming[person_id])
        yield from _own_limits(evidence, mine)


def counts(call: Call) -> bool:
    """Whether a call counts: it rang, or something answered."""
    return call.status not in NOT_CONNECTED and call.disposition not in NOT_IN_SERVICE


def is_conversation(call: Call) -> bool:
    """Whether the debtor talked with us about a debt: they passed the check, and so heard of it."""
    return call.level in TOLD and call.answered is not None


def _caps(person: Person, calls: list[Call], texts: list[Text], incoming: list[Call]) -> Iterator[Violation]:
    for cap in law.CAPS.get(person.country, ()):
        if cap.state and cap.state != person.state:
            continue
        for at, call in enumerate(calls):
            if not counts(call) or (person.country == "US" and _asked_for(call, [*calls[:at], *incoming])):
                continue
            debts = call.counted if cap.per_debt else ("",)
            for debt in debts:
                moments = [one.begun for one in calls[: at + 1] if counts(one) and (not debt or debt in one.counted)]
                moments += [one.at for one in texts if cap.texts and one.at < call.begun]
                if (found := _most(person, moments, call.begun, cap.days)) > cap.limit:
                    words = f"contact number {found} in {cap.days} days"
                    yield Violation(person.id, call.begun, cap.rule, words, call.sid)
                    break


def _most(person: Person, moments: list[datetime], at: datetime, days: int) -> int:
    """How many fall on the last `days` days, in the zone where they are most."""
    return max(
        (
            sum(0 <= (_day(at, zone) - _day(one, zone)).days < days for one in moments)
            for zone in law.zones(person.country, person.state, person.areas_at(at))
        ),
        default=len(moments),
    )


def _quiet(person: Person, calls: list[Call], incoming: list[Call]) -> Iterator[Violation]:
    days = law.QUIET_DAYS.get(person.country)
    if days is None:
        return
    talks = [one for one in [*calls, *incoming] if is_conversation(one)]
    for at, call in enumerate(calls):
        for talk in talks:
            about = not set(call.debts).isdisjoint(talk.debts) or not talk.debts
            if talk.begun >= call.begun or not about or _asked_for(call, [*calls[:at], *incoming]):
                continue
            zones = law.zones(person.country, person.state, person.areas_at(call.begun))
            if any((_day(call.begun, zone) - _day(talk.begun, zone)).days < days for zone in zones):
                words = f"the debtor talked with us at {talk.begun:%Y-%m-%d %H:%M}Z"
                yield Violation(person.id, call.begun, "US_REGF_POST_CONVERSATION", words, call.sid)
                break


def _asked_for(call: Call, before: list[Call]) -> bool:
    """Whether the person asked us to call, in the seven days before and with no conversation since."""
    earlier = sorted((one for one in before if one.begun < call.begun), key=lambda one: one.begun)
    for at, one in enumerate(earlier):
        recent = call.begun - one.begun < timedelta(days=CONSENT_DAYS)
        if one.wished and one.level != "none" and recent and not any(map(is_conversation, earlier[at + 1 :])):
            return True
    return False


def _own_limits(evidence: Evidence, calls: list[Call]) -> Iterator[Violation]:
    for at, call in enumerate(calls):
        plan = evidence.campaigns[call.campaign]["plan"]
        if not plan or call.mode != "prerecorded" or _wished(call, calls[:at]):
            continue
        minutes = plan["person_gap_minutes"] if plan["person_gap_minutes"] is not None else GAPS[plan["retry"]]
        for earlier in calls[:at]:
            if call.intended - earlier.intended < timedelta(minutes=minutes):
                words = f"{call.intended - earlier.intended} after the attempt before"
                yield Violation(call.person, call.begun, "PERSON_GAP", words, call.sid)
                break
        if sum(one.campaign == call.campaign for one in calls[: at + 1]) > plan["attempts_total"]:
            yield Violation(call.person, call.begun, "CAMPAIGN_TOTAL", "one attempt too many", call.sid)


def _wished(call: Call, before: list[Call]) -> bool:
    """Whether somebody who answered before asked to be called at about this time."""
    return any(one.wished and one.wished <= call.intended < one.wished + ASKED_FOR for one in before)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
