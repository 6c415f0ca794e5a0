"""Decided cases, many of them worked examples of the official interpretations, through the gate from outside."""

import json
from pathlib import Path
from typing import Any

import pytest

from dialer.rules.asking.answer import answer
from dialer.rules.asking.question import read_question
from dialer.rules.packs import load_packs

CASES = [
    json.loads(line)
    for path in sorted((Path(__file__).parent / "cases").glob("*.ndjson"))
    for line in path.read_text("utf-8").splitlines()
]
CODES = """
    US_REGF_7IN7 US_REGF_POST_CONVERSATION US_REGF_TIME US_REGF_INCONVENIENT US_REGF_ATTORNEY
    US_REGF_WORKPLACE US_REGF_CEASE US_REGF_MEDIUM_OPTOUT US_REGF_DISPUTE_PENDING US_REGF_THIRD_PARTY
    US_REGF_NOT_LCM US_MA_2IN7 US_NYC_3IN7 US_TCPA_NO_CONSENT US_TCPA_3IN30 US_TCPA_REVOKED US_TCPA_REASSIGNED
    US_RING_TOO_SHORT US_ABANDON_RATE BR_HOURS BR_SP_NAO_ME_LIGUE BR_SP_RECORDING_NOTICE
    BR_RJ_RECORDING_NOTICE BR_CDC_THIRD_PARTY BR_CDC_42A BR_CDC_43_NOTICE BR_ANATEL_SHORT_CALLS BR_ANATEL_AUTH
    UK_72H UK_AMD_24H UK_ACR UK_RING UK_CONC_REQUEST CA_ON_HOURS CA_ON_3IN7 CA_ON_NOTICE CA_QC_HOURS
    CA_QC_PRERECORDED PLACE_UNKNOWN NO_PACK OPT_OUT WRONG_PERSON WITHDRAWN PERSON_GAP
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_decision_and_code_are_those_of_the_source(case: dict[str, Any]) -> None:
    said = answer(read_question(case), load_packs())
    assert said.decision == case["expected"], said
    assert said.rule == (case["reason_code"] if case["expected"] == "block" else None)
    facts = case["facts"]
    counted = facts.get("expected_counts", {})
    assert {debt: said.counts[debt] for debt in counted} == counted
    if "expected_advisory" in facts:
        assert facts["expected_advisory"] in said.advisories
    if case["reason_code"] == "OK_CONSENT":
        assert "CONSENT" in said.advisories


def test_each_case_names_its_source_and_is_told_once() -> None:
    assert all(case["source"] for case in CASES)
    assert len({case["id"] for case in CASES}) == len(CASES)


def test_every_code_is_reached_by_some_case() -> None:
    assert {case["reason_code"] for case in CASES} >= set(CODES.split())
