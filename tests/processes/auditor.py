"""Reads the carrier's ledger and the exported record, nothing else, and says what does not fit together.

Each statement says how much it looked at and every violation in words; instants are the carrier's.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.processes.evidence import (
    LIVE,
    Evidence,
    Row,
    at,
    every_turn_was_answered,
    pressed,
    seconds,
    tokens,
)
from toque.audit import evidence as lawful
from toque.audit import lines

DOT = "•"
JITTER = 0.10  # of the cap, for the way from a grant to the carrier; and one call more
RING = timedelta(seconds=30)  # as ordered: a carrier that has no time to end it rings on, and that is not ours
LATE = timedelta(minutes=6)  # of business time: what was due so long before dialling ended has been forgotten


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one statement. `looked_at`: how many calls (contacts, orders) it is about."""

    statement: str
    looked_at: int
    violations: tuple[str, ...]


ON_ITS_WAY = timedelta(seconds=10)  # of real time, from an intent to the carrier, with all tries

Check = Callable[[Evidence], Iterator[str]]


def judge(found: Evidence) -> list[Verdict]:
    """All statements; a sound run violates none."""
    return [Verdict(name, size(found), tuple(check(found))) for name, (size, check) in STATEMENTS.items()]


def _one_call_an_attempt(found: Evidence) -> Iterator[str]:
    """The token of an attempt is in the callbacks of one leg only; there are not more calls than attempts."""
    used: dict[str, set[str]] = defaultdict(set)
    for leg in found.legs:
        for token in tokens(leg):
            used[token].add(leg["sid"])
    yield from (f"one attempt was called as {sorted(sids)}" for sids in used.values() if len(sids) > 1)
    made, meant = Counter(leg["to"] for leg in found.legs), Counter(one["number"] for one in found.attempts)
    for number, calls in made.items():
        if calls > meant[number]:
            yield f"number {number[:8]}… was called {calls} times for {meant[number]} attempts"


def _one_at_a_time(found: Evidence) -> Iterator[str]:
    """No two live calls to one number, nor to one person over all campaigns and numbers."""
    ours = found.by_sid
    together: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for leg in found.legs:
        together["number", leg["to"]].append(leg)
        if leg["sid"] in ours:
            together["person", str(ours[leg["sid"]]["person_id"])].append(leg)
    for (what, _), legs in together.items():
        for sooner, later in itertools.pairwise(sorted(legs, key=lambda leg: at(leg["created_at"]))):
            if not sooner["ended_at"] or at(later["created_at"]) < at(sooner["ended_at"]):
                yield f"one {what} on two live calls: {sooner['sid']} and {later['sid']}"


def _nobody_forgotten(found: Evidence) -> Iterator[str]:
    """Every contact is done, or waits for a time to come, or it is said what holds it back."""
    now = _end_of_dialling(found)
    dialling = {one["id"] for one in found.record["campaign"] if one["status"] in ("running", "paused")}
    tried = Counter((one["campaign_id"], one["person_id"]) for one in found.attempts)
    for one in found.record["contact"]:
        if one["status"] not in ("done", "waiting"):
            yield f"contact {one['id']} was left as {one['status']}"
        elif one["status"] == "waiting" and one["campaign_id"] in dialling and not one["blocked_rule"]:
            never = not tried[one["campaign_id"], one["person_id"]]
            if at(one["due_at"]) < now - LATE:
                when = "at all" if never else "again"
                yield f"contact {one['id']} was due at {one['due_at']} and was not tried {when}"
            elif never and at(one["due_at"]) > now + LATE:  # whose turn was about to come is not forgotten
                yield f"contact {one['id']} was never tried, and nobody said why"


def _end_of_dialling(found: Evidence) -> datetime:
    """When the campaigns were paused for the last time; without that, the moment of the record."""
    pauses = [at(one["at"]) for one in found.record["interaction"] if one["kind"] == "campaign_pause"]
    return max(pauses, default=at(found.record["header"][0]["at"]))


def _none_after_an_opt_out(found: Evidence) -> Iterator[str]:
    """Ordered from outside: none arrives after the order returned. By key: none after that call.

    What was intended before may be on its way to the carrier: then it bears the wish to take it back.
    """
    ours = found.by_sid
    since = {number: one.since for one in found.opt_outs for number in one.numbers}
    for leg in found.legs:
        mine = ours.get(leg["sid"], {})
        if mine.get("disposition") == "opted_out" and leg["ended_at"]:
            since.setdefault(leg["to"], at(leg["ended_at"]))
    for leg in found.legs:
        if leg["to"] not in since or at(leg["created_at"]) <= since[leg["to"]]:
            continue
        late = at(leg["created_at"]) - since[leg["to"]]
        taken_back = ours.get(leg["sid"], {}).get("cancel_asked") == "opted_out"
        if not taken_back or late > ON_ITS_WAY * found.speed:
            yield f"{leg['sid']} was made at {leg['created_at']}, after the opt-out of {since[leg['to']].isoformat()}"


def _none_after_a_pause(found: Evidence) -> Iterator[str]:
    """None of a campaign arrives between the return of its pause and the order to go on."""
    names = {one["id"]: one["name"] for one in found.record["campaign"]}
    ours = found.by_sid
    for leg in found.legs:
        campaign = names.get(ours.get(leg["sid"], {}).get("campaign_id"))
        for rest in found.rests:
            made = at(leg["created_at"])
            if rest.campaign == campaign and rest.since < made and (rest.until is None or made < rest.until):
                yield f"{leg['sid']} was made at {leg['created_at']}, while {campaign} rested"


def _none_outside_hours(found: Evidence) -> Iterator[str]:
    """By the tables of the law's own auditor: hours in every zone where somebody may be, a leave for each call."""
    record = (json.dumps(row) for rows in found.record.values() for row in rows)
    evidence = lawful.read(record, (json.dumps(_as_ordered(found, leg)) for leg in found.legs))
    rules = ("HOURS", "PLACE_UNKNOWN", "UNDECIDED", "INCONVENIENT")
    yield from (str(one) for one in lines.check(evidence) if one.rule in rules)


def _as_ordered(found: Evidence, leg: Row) -> Row:
    """The leg without what a busy machine has added: the way from the intent to the carrier, the longer ring."""
    mine = found.by_sid.get(leg["sid"])
    if mine is None or not leg["started_at"]:
        return leg
    made, intended = at(leg["created_at"]), at(mine["intent_at"])
    begun = max(min(made, intended), made - ON_ITS_WAY * found.speed)
    last_ring = min(at(leg["answered_at"] or leg["ended_at"] or leg["started_at"]), begun + RING)
    answered = last_ring.isoformat() if leg["answered_at"] else None
    ended = leg["ended_at"] if leg["answered_at"] else last_ring.isoformat()
    return leg | {"started_at": begun.isoformat(), "answered_at": answered, "ended_at": ended}


def _never_granted_too_fast(found: Evidence) -> Iterator[str]:
    """Grants in any sliding second, to the microsecond: the cap."""
    for burst in _bursts(sorted(one / 1e6 for one in found.grants), lambda _: found.cap):
        yield f"{len(burst)} grants within a second (cap {found.cap:g})"


def _never_arrived_too_fast(found: Evidence) -> Iterator[str]:
    """Arrivals in any real second: the cap, a tenth of it, and one; more only by how long they travelled."""
    ours = found.by_sid
    legs = sorted(found.legs, key=lambda leg: at(leg["created_at"]))
    times = [at(leg["created_at"]).timestamp() / found.speed for leg in legs]
    travelled = {
        time: time - at(ours[leg["sid"]]["intent_at"]).timestamp() / found.speed
        for time, leg in zip(times, legs, strict=True)
        if leg["sid"] in ours
    }

    def most(burst: Sequence[float]) -> float:
        ways = [travelled[one] for one in burst if one in travelled]
        longest = min(ON_ITS_WAY.total_seconds(), max(0.0, *ways)) if ways else 0.0
        return found.cap * (1 + JITTER) * (1 + longest) + 1

    for burst in _bursts(times, most):
        business = datetime.fromtimestamp(burst[-1] * found.speed, UTC)
        yield f"{len(burst)} calls within a second, up to {business:%H:%M:%S}Z (cap {found.cap:g})"


def _bursts(times: Sequence[float], most: Callable[[Sequence[float]], float]) -> Iterator[Sequence[float]]:
    """What lies within a second and is more than it may be; each is told once."""
    first = 0
    for last, now in enumerate(times):
        while times[first] <= now - 1:
            first += 1
        burst = times[first : last + 1]
        if len(burst) > most(burst):
            yield burst
            first = last


def _the_same_on_both_sides(found: Evidence) -> Iterator[str]:
    """Every attempt is final; status, length and keys are those of the carrier; neither knows a call alone."""
    for one in found.attempts:
        if one["status"] in LIVE or not one["closed_at"] or not one["disposition"]:
            yield f"attempt {one['id']} is not final: {one['status']}, {one['carrier_status']}, {one['disposition']}"
    ours, keys = found.by_sid, _keys_on_record(found)
    for leg in found.legs:
        mine = ours.pop(leg["sid"], None)
        if mine is None:
            yield f"the carrier made {leg['sid']} ({leg['status']}), and nobody here knows it"
            continue
        for what, here, there in (
            ("status", mine["carrier_status"], leg["status"]),
            ("number", mine["number"], leg["to"]),
            ("length", mine["seconds"] or 0, seconds(leg)),
        ):
            if here != there:
                yield f"{leg['sid']}: {what} is {here} here and {there} at the carrier"
        yield from _other_keys(leg, keys.get(mine["id"], ""))
    yield from (f"attempt {one['id']} names {sid}, which the carrier never made" for sid, one in ours.items())


def _keys_on_record(found: Evidence) -> dict[int, str]:
    keys: dict[int, str] = defaultdict(str)
    for turn in sorted(found.record["turn"], key=lambda one: (one["attempt_id"], one["n"])):
        keys[turn["attempt_id"]] += turn["keys"] or ""
    return keys


def _other_keys(leg: Row, here: str) -> Iterator[str]:
    """Dots fit any key. Keys whose question was never answered are the carrier's alone, at the end."""
    there = pressed(leg).replace("#", "")
    here = here.replace("#", "")
    lost = not every_turn_was_answered(leg) and len(here) < len(there)
    fits = all(DOT in (one, other) or one == other for one, other in zip(here, there, strict=False))
    if not fits or (len(here) != len(there) and not lost):
        yield f"{leg['sid']}: keys are {here!r} here and {there!r} at the carrier"


STATEMENTS: dict[str, tuple[Callable[[Evidence], int], Check]] = {
    "one call for one attempt": (lambda found: len(found.legs), _one_call_an_attempt),
    "one live call to a number, and to a person": (lambda found: len(found.legs), _one_at_a_time),
    "nobody forgotten": (lambda found: len(found.record["contact"]), _nobody_forgotten),
    "none after an opt-out": (lambda found: _opt_outs(found), _none_after_an_opt_out),
    "none after pause returned": (lambda found: len(found.rests), _none_after_a_pause),
    "none outside hours": (lambda found: len(found.legs), _none_outside_hours),
    "never granted above the cap": (lambda found: len(found.grants), _never_granted_too_fast),
    "never arrived above the cap": (lambda found: len(found.legs), _never_arrived_too_fast),
    "the same on both sides": (lambda found: len(found.attempts), _the_same_on_both_sides),
}


def _opt_outs(found: Evidence) -> int:
    by_key = sum(one["disposition"] == "opted_out" for one in found.attempts)
    return by_key + len(found.opt_outs)
