"""Decided cases, many of them worked examples of the official interpretations, through the gate."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from dialer.rules.gate import (
    NO_LIMITS,
    Allow,
    Consented,
    Contacted,
    Deny,
    Facts,
    Proposed,
    Suppressed,
    Zone,
    decide,
)
from dialer.rules.packs import load_packs

CASES = [
    json.loads(line)
    for path in sorted((Path(__file__).parent / "cases").glob("*.ndjson"))
    for line in path.read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_decision_and_code_are_those_of_the_source(case: dict[str, Any]) -> None:
    decision = decide(*_read(case))
    if case["expected"] == "block":
        assert isinstance(decision, Deny)
        assert decision.rule == case["reason_code"]
    else:
        assert isinstance(decision, Allow), decision
        if case["reason_code"] == "OK_CONSENT":
            assert "CONSENT" in decision.advisories
        if case["reason_code"] == "OK_WARN_FREQ_CONCENTRATION":
            assert "FREQ_CONCENTRATION" in decision.advisories


def test_each_case_names_its_source() -> None:
    assert CASES
    assert all(case["source"] for case in CASES)


def _read(case: dict[str, Any]) -> tuple[Any, ...]:
    facts, proposed = case["facts"], case["facts"]["proposed"]
    consumer = facts.get("consumer", {})
    country, _, region = case["jurisdiction"].partition("-")
    at = datetime.fromisoformat(proposed["ts"])
    read = Facts(
        history=tuple(_contacted(entry) for entry in facts.get("history", []) if _same_key(entry, proposed)),
        suppressions=tuple(_bars(consumer)),
        zones=tuple(Zone(name, "case") for name in consumer.get("tz_candidates", [])),
        regions=(case["jurisdiction"],) if region else (),
        consents=tuple(_consented(entry) for entry in facts.get("consents", [])),
    )
    contact = Proposed(
        at=at,
        person=proposed["person"],
        number=proposed["number"],
        country=country,
        channel=proposed["channel"],
        mode=proposed["mode"],
        debts=tuple(proposed["debts"]),
        ring_seconds=proposed.get("ring_seconds", 0),
        limits=NO_LIMITS,
    )
    return read, contact, load_packs(), at


def _same_key(entry: dict[str, Any], proposed: dict[str, Any]) -> bool:
    """A history is that of one person with one collector; others' calls are not on it."""
    return all(entry.get(key) == proposed.get(key) for key in ("person", "collector"))


def _contacted(entry: dict[str, Any]) -> Contacted:
    talked = entry.get("conversation_debts")
    return Contacted(
        at=datetime.fromisoformat(entry["ts"]),
        channel=entry["channel"],
        direction=entry["direction"],
        outcome=entry["outcome"],
        number=entry["number"],
        debts=tuple(entry["counted_debts"]),
        conversation_debts=None if talked is None else tuple(talked),
    )


def _consented(entry: dict[str, Any]) -> Consented:
    return Consented(
        datetime.fromisoformat(entry["ts"]),
        tuple(entry.get("debts", ())),
        tuple(date.fromisoformat(day) for day in entry.get("valid_on", ())),
    )


def _bars(consumer: dict[str, Any]) -> list[Suppressed]:
    bars = []
    if consumer.get("attorney", {}).get("known"):
        bars.append(Suppressed("lawyer"))
    if consumer.get("cease_notice"):
        bars.append(Suppressed("cease"))
    return bars
