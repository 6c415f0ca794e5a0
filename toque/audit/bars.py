"""Nobody is called who must not be: bars on record, and what people themselves said to the carrier's face."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from toque.audit.evidence import Bar, Call, Evidence, Text
from toque.audit.findings import Violation

AUTOMATED = frozenset({"prerecorded", "voicemail_drop", "predictive", "text"})
RECORDED_VOICE = frozenset({"prerecorded", "voicemail_drop"})
CONSENTS = frozenset({"tcpa", "calls", "contact"})
ON_ITS_WAY = timedelta(seconds=60)  # what had left when a bar was put down, and was then taken back
STOP = re.compile(r"^\s*(stop|pare|parar|sair|arret|stop calling me)\s*[.!]?\s*$", re.IGNORECASE)
START = re.compile(r"^\s*(start|voltar|yes|sim|unstop)\s*[.!]?\s*$", re.IGNORECASE)
ALWAYS = frozenset({"lawyer", "cease", "insolvency", "deceased", "withdrawn", "dispute"})


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every call and text against a bar, about nothing due, or while its campaign rested."""
    by_person: dict[int, list[Bar]] = defaultdict(list)
    by_number: dict[str, list[Bar]] = defaultdict(list)
    for bar in evidence.bars:
        if bar.person is not None:
            by_person[bar.person].append(bar)
        elif bar.number is not None:
            by_number[bar.number].append(bar)
    for call in evidence.calls:
        bars = by_person[call.person] + by_number[call.number]
        yield from _against_bars(call, bars)
        yield from _nothing_due(evidence, call)
    for text in evidence.texts:
        if not text.incoming and not text.answers:
            yield from _text_against_bars(text, by_person[text.person] + by_number[text.number])
    yield from _after_stop(evidence)
    yield from _after_the_key(evidence)
    yield from _while_resting(evidence)
    yield from _without_consent(evidence)


def _against_bars(call: Call, bars: list[Bar]) -> Iterator[Violation]:
    for bar in bars:
        if bar.channel not in (None, "phone") or (bar.automated_only and call.mode not in AUTOMATED):
            continue
        if bar.person is not None and bar.number not in (None, call.number):
            continue
        late = bar.holds(call.begun) and call.begun > bar.since + ON_ITS_WAY
        if bar.holds(call.intended) or late:
            words = f"{bar.kind} since {bar.since:%Y-%m-%d %H:%M:%S}Z"
            yield Violation(call.person, call.begun, "BAR", words, call.sid)


def _text_against_bars(text: Text, bars: list[Bar]) -> Iterator[Violation]:
    for bar in bars:
        mine = bar.channel == "sms" or (bar.channel is None and bar.kind in ALWAYS)
        if mine and bar.number in (None, text.number) and bar.holds(text.at - ON_ITS_WAY):
            words = f"text, {bar.kind} since {bar.since:%Y-%m-%d %H:%M:%S}Z"
            yield Violation(text.person, text.at, "BAR", words, text.sid)


def _nothing_due(evidence: Evidence, call: Call) -> Iterator[Violation]:
    """None of the debts of the call was open any more when it was decided."""
    closed = [evidence.debts[one]["closed_at"] for one in call.debts if one in evidence.debts]
    moments = [datetime.fromisoformat(one) for one in closed if one is not None]
    if closed and len(moments) == len(closed) and call.intended > max(moments):
        yield Violation(call.person, call.begun, "NOTHING_DUE", "every debt of the call was settled", call.sid)


def _after_stop(evidence: Evidence) -> Iterator[Violation]:
    """STOP by text ends texts and automated calls to that number, until START."""
    said: dict[str, list[Text]] = defaultdict(list)
    for text in evidence.texts:
        if text.incoming and (STOP.match(text.body) or START.match(text.body)):
            said[text.number].append(text)
    for call in evidence.calls:
        stops = [one for one in said[call.number] if STOP.match(one.body) and one.at < call.intended]
        if stops and call.mode in AUTOMATED:
            words = f"STOP by text at {stops[0].at:%Y-%m-%d %H:%M:%S}Z"
            yield Violation(call.person, call.begun, "OPT_OUT", words, call.sid)
    for text in evidence.texts:
        last = max((one for one in said[text.number] if one.at < text.at - ON_ITS_WAY), key=_at, default=None)
        if not text.incoming and not text.answers and last is not None and STOP.match(last.body):
            words = f"text after STOP at {last.at:%Y-%m-%d %H:%M:%S}Z"
            yield Violation(text.person, text.at, "OPT_OUT", words, text.sid)


def _at(text: Text) -> datetime:
    return text.at


def _after_the_key(evidence: Evidence) -> Iterator[Violation]:
    """Who was told that no such call will come any more (the key 9) gets none on that number."""
    since: dict[tuple[int, str], datetime] = {}
    for call in evidence.calls:
        before = since.get((call.person, call.number))
        if before is not None and call.intended > before and call.mode in AUTOMATED:
            words = f"the key was pressed at {before:%Y-%m-%d %H:%M:%S}Z"
            yield Violation(call.person, call.begun, "OPT_OUT", words, call.sid)
        if call.disposition == "opted_out":
            pressed = [one.at for one in call.said if one.what == "pressed"]
            since.setdefault((call.person, call.number), max(pressed, default=call.begun))


def _while_resting(evidence: Evidence) -> Iterator[Violation]:
    """No intent of a campaign between a pause (or stop) and the moment at which it was resumed."""
    rests: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for row in evidence.interactions:
        name, at = row["detail"].get("campaign"), datetime.fromisoformat(row["at"])
        if row["kind"] in ("campaign_pause", "campaign_stop"):
            rests[name].append((at, None))
        elif row["kind"] == "campaign_resume" and rests[name]:
            rests[name][-1] = (rests[name][-1][0], at)
    names = {key: row["name"] for key, row in evidence.campaigns.items()}
    for call in evidence.calls:
        for begins, ends in rests[names[call.campaign]]:
            if call.mode in AUTOMATED and begins < call.intended and (ends is None or call.intended < ends):
                words = f"the campaign rested since {begins:%Y-%m-%d %H:%M:%S}Z"
                yield Violation(call.person, call.begun, "RESTING", words, call.sid)


def _without_consent(evidence: Evidence) -> Iterator[Violation]:
    """47 CFR 64.1200(a)(1): no prerecorded voice to US numbers without consent (a line may always be a mobile)."""
    consented = {row["person_id"] for row in evidence.consents if row["kind"] in CONSENTS and not row["revoked_at"]}
    for call in evidence.calls:
        american = evidence.people[call.person].country == "US"
        if american and call.mode in RECORDED_VOICE and call.person not in consented:
            yield Violation(call.person, call.begun, "US_TCPA_NO_CONSENT", "no consent is on record", call.sid)
