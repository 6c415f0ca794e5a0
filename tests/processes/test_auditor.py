"""The auditor of a soak sees what it is there to see: each kind of violation, sown into a small sound record."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.processes.auditor import judge
from tests.processes.evidence import Evidence, OptOut, Rest, read_record

NOON = datetime(2026, 11, 9, 15, 0, tzinfo=UTC)  # a Monday: 12:00 in São Paulo
Sow = Callable[[Evidence], Any]


def instant(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat()


def leg(n: int, person: int, begun: float, **changes: Any) -> dict[str, Any]:
    """A call of half a minute in which somebody pressed 1 and the keys of the check."""
    entries = [
        {"at": instant(begun), "what": "callback", "words": f"voice 200 http://x/voice/token-of-{n}/0"},
        {"at": instant(begun + 8), "what": "pressed", "words": "1"},
        {"at": instant(begun + 9), "what": "pressed", "words": "1980#"},
    ]
    times = {"created_at": begun, "started_at": begun, "answered_at": begun + 5, "ended_at": begun + 30.5}
    made = {
        "type": "leg", "sid": f"CA{n}", "to": f"n{person}", "from": "ours", "direction": "outbound-api",
        "status": "completed", "answered_by": None, "entries": entries,
    }  # fmt: skip
    return made | {name: instant(at) for name, at in times.items()} | changes


def attempt(n: int, person: int, begun: float, **changes: Any) -> list[dict[str, Any]]:
    """The rows of the same call in the record."""
    made = {
        "type": "attempt", "id": n, "person_id": person, "campaign_id": 1, "contact_id": person, "number_id": person,
        "number": f"n{person}", "direction": "out", "mode": "prerecorded", "status": "ended", "sid": f"CA{n}",
        "debts": [], "counted_debts": None, "intent_at": instant(begun - 1), "ended_at": instant(begun + 31),
        "closed_at": instant(begun + 31), "carrier_status": "completed", "seconds": 26, "level": "checked",
        "disposition": "promised", "callback_at": None, "recorded": False,
    }  # fmt: skip
    turns = [
        {"type": "turn", "attempt_id": n, "n": at, "heard": "Pressed", "keys": keys}
        for at, keys in enumerate((None, "1", "••••"))
    ]
    leave = {
        "type": "interaction", "person_id": person, "attempt_id": n, "kind": "call_allowed", "detail": {},
        "at": instant(begun - 1),
    }  # fmt: skip
    return [made | changes, *turns, leave]


def person(id_: int, **contact: Any) -> list[dict[str, Any]]:
    number = {"type": "number", "id": id_, "person_id": id_, "status": "usable", "area": "+5511", "number": f"n{id_}"}
    waits = {"type": "contact", "id": id_, "campaign_id": 1, "person_id": id_, "status": "done", "blocked_rule": None}
    return [
        {"type": "person", "id": id_, "country": "BR", "region": "SP"},
        number,
        waits | {"due_at": instant(0)} | contact,
    ]


def sound() -> Evidence:
    """Three people; the first two were called a second apart, the third waits for tomorrow behind a rule."""
    rows = [
        {"type": "header", "at": instant(3600)},
        {"type": "campaign", "id": 1, "name": "first", "status": "paused"},
        *person(1), *person(2), *person(3, status="waiting", due_at=instant(90_000), blocked_rule="PERSON_GAP"),
        *attempt(1, 1, 0), *attempt(2, 2, 20),
    ]  # fmt: skip
    tables = read_record([])
    for row in rows:
        tables[str(row["type"])].append(row)
    tables["attempt"].append(
        {"type": "attempt", "id": 9, "direction": "in", "sid": "CA9", "status": "live"} | dict.fromkeys(KEYS)
    )
    return Evidence(tables, [leg(1, 1, 0), leg(2, 2, 20)], cap=1.0, speed=20.0, grants=[1_000_000, 2_000_000])


KEYS = ("person_id", "number_id", "ended_at")


def test_a_sound_record_violates_nothing() -> None:
    found = judge(sound())
    assert [(one.statement, one.violations) for one in found if one.violations] == []
    assert len(found) == 9


def _again(found: Evidence, begun: float, **changes: Any) -> None:
    """The first person is called once more, on both sides."""
    found.legs.append(leg(3, 1, begun, **changes))
    rows = attempt(3, 1, begun)
    for row in rows:
        found.record[row["type"]].append(row)


def _contact(found: Evidence, n: int, **changes: Any) -> None:
    found.record["contact"][n] |= changes


def _attempt(found: Evidence, **changes: Any) -> None:
    found.record["attempt"][0] |= changes


SOWN: list[tuple[str, str, Sow]] = [
    (
        "one call for one attempt",
        "one attempt was called as ['CA1', 'CA3']",
        lambda found: _again(found, 100, entries=leg(1, 1, 0)["entries"]),
    ),
    (
        "one call for one attempt",
        "was called 2 times for 1 attempts",
        lambda found: found.legs.append(leg(3, 1, 100, entries=[])),
    ),
    ("one live call to a number, and to a person", "one number on two live calls", lambda found: _again(found, 20)),
    (
        "one live call to a number, and to a person",
        "one person on two live calls",
        lambda found: found.legs[1].update(created_at=instant(10)) or _attempt(found, person_id=2),
    ),
    ("nobody forgotten", "contact 1 was left as calling", lambda found: _contact(found, 0, status="calling")),
    (
        "nobody forgotten",
        "contact 3 was never tried, and nobody said why",
        lambda found: _contact(found, 2, blocked_rule=None),
    ),
    (
        "nobody forgotten",
        f"contact 1 was due at {instant(600)} and was not tried again",
        lambda found: _contact(found, 0, status="waiting", due_at=instant(600)),
    ),
    (
        "none after an opt-out",
        "after the opt-out of",
        lambda found: found.opt_outs.append(OptOut(frozenset({"n2"}), NOON + timedelta(seconds=19))),
    ),
    (
        "none after an opt-out",
        "CA3 was made at",
        lambda found: _again(found, 60) or _attempt(found, disposition="opted_out"),
    ),
    (
        "none after pause returned",
        "CA2 was made at",
        lambda found: found.rests.append(Rest("first", NOON + timedelta(seconds=10), NOON + timedelta(seconds=30))),
    ),
    (
        "none after pause returned",
        "while first rested",
        lambda found: found.rests.append(Rest("first", NOON + timedelta(seconds=10), None)),
    ),
    (
        "none outside hours",
        "HOURS",
        lambda found: _again(found, 9 * 3600),
    ),
    (
        "none outside hours",
        "UNDECIDED",
        lambda found: found.record["interaction"].clear(),
    ),
    (
        "never arrived above the cap",
        "3 calls within a second",
        lambda found: found.legs.extend(leg(n, 7, 20 + n / 10) for n in (11, 12)),
    ),
    (
        "never granted above the cap",
        "2 grants within a second",
        lambda found: found.grants.append(1_999_999),
    ),
    ("the same on both sides", "is not final: ringing", lambda found: _attempt(found, status="ringing")),
    ("the same on both sides", "is not final: ended", lambda found: _attempt(found, closed_at=None)),
    ("the same on both sides", "nobody here knows it", lambda found: _attempt(found, sid=None)),
    ("the same on both sides", "which the carrier never made", lambda found: found.legs.pop(0)),
    (
        "the same on both sides",
        "status is completed here and busy at the carrier",
        lambda found: found.legs[0].update(status="busy"),
    ),
    ("the same on both sides", "length is 25 here and 26", lambda found: _attempt(found, seconds=25)),
    ("the same on both sides", "number is n5 here and n1", lambda found: _attempt(found, number="n5")),
    (
        "the same on both sides",
        "keys are '2••••' here and '11980'",
        lambda found: found.record["turn"][1].update(keys="2"),
    ),
    (
        "the same on both sides",
        "keys are '1' here and '11980'",
        lambda found: found.record["turn"][2].update(keys=None),
    ),
]


@pytest.mark.parametrize(("statement", "words", "sow"), SOWN, ids=[words for _, words, _ in SOWN])
def test_each_kind_of_violation_is_found(statement: str, words: str, sow: Sow) -> None:
    found = deepcopy(sound())
    sow(found)
    (verdict,) = (one for one in judge(found) if one.statement == statement)
    assert any(words in violation for violation in verdict.violations), verdict


def test_a_call_that_was_on_its_way_when_the_person_opted_out_bears_the_wish_to_take_it_back() -> None:
    found = sound()
    found.opt_outs.append(OptOut(frozenset({"n2"}), NOON + timedelta(seconds=19)))
    found.record["attempt"][1]["cancel_asked"] = "opted_out"
    assert all(not one.violations for one in judge(found))
    found.opt_outs[0] = OptOut(frozenset({"n2"}), NOON - timedelta(seconds=200))
    assert any("after the opt-out" in violation for one in judge(found) for violation in one.violations)


def test_keys_whose_question_was_never_answered_are_the_carriers_alone() -> None:
    found = sound()
    found.record["turn"][2]["keys"] = None
    found.legs[0]["entries"].append(
        {"at": instant(10), "what": "callback", "words": "voice 11205 http://x/voice/t/1"}
    )
    assert all(not one.violations for one in judge(found))
