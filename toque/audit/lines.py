"""When, and one at a time: lawful hours in every candidate zone, one call per person and number, a decision each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from toque.audit import law
from toque.audit.evidence import Call, Evidence, Line, Person
from toque.audit.findings import Violation

NOBODY = 0
AGENT = "client:"  # such a line ends in an agent's own application, and is no telephone


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every call and text at a wrong time, beside another, or that nobody decided."""
    for call in evidence.calls:
        person = evidence.people[call.person]
        yield from _hours(person, [call.begun, call.last_ring], call.sid, "")
        yield from _designated(evidence, person, call)
        if not _was_decided(evidence, call):
            yield Violation(call.person, call.begun, "UNDECIDED", "no leave of the gate is on record", call.sid)
    for text in evidence.texts:
        if not text.incoming and not text.answers and text.person in evidence.people:
            yield from _hours(evidence.people[text.person], [text.at], text.sid, "text, ")
    for leg in evidence.strangers:
        at = datetime.fromisoformat(leg["created_at"])
        if leg["direction"] != "inbound" and leg["started_at"] is not None and not leg["to"].startswith(AGENT):
            yield Violation(NOBODY, at, "UNRECORDED", "the carrier made a call that is not on record", leg["sid"])
    yield from _together(evidence.calls, lambda call: str(call.person), "person")
    yield from _together(evidence.calls, lambda call: call.number, "number")


def _hours(person: Person, instants: list[datetime], subject: str, what: str) -> Iterator[Violation]:
    areas = person.areas_at(instants[0])
    zones = law.zones(person.country, person.state, areas)
    places = law.states(person.country, person.state, areas)
    if not zones:
        yield Violation(person.id, instants[0], "PLACE_UNKNOWN", f"{what}nothing tells where they are", subject)
    for zone in zones:
        for at in instants:
            if why := law.closed_because(person.country, places, zone, at):
                yield Violation(person.id, at, "HOURS", what + why, subject)
                return


def _designated(evidence: Evidence, person: Person, call: Call) -> Iterator[Violation]:
    for row in evidence.designations:
        if row["person_id"] != person.id or not row["created_at"] or row["place"]:
            continue
        known = datetime.fromisoformat(row["created_at"]) < call.intended
        ended = row["ended_at"] is not None and datetime.fromisoformat(row["ended_at"]) <= call.intended
        zones = law.zones(person.country, person.state, person.areas_at(call.begun))
        if known and not ended and any(_covers(row, call.begun.astimezone(ZoneInfo(zone))) for zone in zones):
            yield Violation(person.id, call.begun, "INCONVENIENT", "the person named this time", call.sid)


def _covers(row: Line, local: datetime) -> bool:
    """Whether a designation covers a local time; a window over midnight belongs to the day on which it begins."""
    begins, ends = row["from_minute"], row["to_minute"]
    minute, day = local.hour * 60 + local.minute, local.date()
    if begins is not None and ends is not None and begins > ends:
        if minute < ends:
            day, minute = day - timedelta(days=1), minute + 24 * 60
        ends += 24 * 60
    if (row["days"] and day.weekday() not in row["days"]) or (
        row["until"] and day > date.fromisoformat(row["until"])
    ):
        return False
    return (begins is None or begins <= minute) and (ends is None or minute < ends)


def _was_decided(evidence: Evidence, call: Call) -> bool:
    attempt = evidence.attempts_by_sid.get(call.sid)
    return attempt is not None and attempt["id"] in evidence.decided


def _together(calls: list[Call], whose: Callable[[Call], str], what: str) -> Iterator[Violation]:
    """Two calls at once to one person, or to one number."""
    mine: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        mine[whose(call)].append(call)
    for those in mine.values():
        for one, other in pairwise(those):
            if one.ended is None or other.begun < one.ended:
                yield Violation(other.person, other.begun, "TWO_AT_ONCE", f"two calls to one {what}", other.sid)
