"""`toque gate check`: a case a line in, a decision a line out."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from toque.cli import main

CASE: dict[str, Any] = {
    "id": "c1",
    "jurisdiction": "BR-SP",
    "facts": {
        "consumer": {"tz_candidates": ["America/Sao_Paulo"]},
        "proposed": {"ts": "2026-10-06T20:00:00-03:00", "mode": "live_agent", "debts": ["d1"]},
    },
}
KEYS = ["id", "decision", "until", "rule", "reason", "citation", "advisories", "counts", "pack", "ignored"]


class Asked:
    """What the command printed, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["gate", "check", *arguments])
        printed = capsys.readouterr()
        self.code, self.errors = ended.value.code, printed.err
        self.answers = [json.loads(line) for line in printed.out.splitlines()]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOQUE_HOME", str(tmp_path))


def test_each_line_is_answered_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = {**CASE["facts"], "weather": 1, "consumer": {**CASE["facts"]["consumer"], "mood": "good"}}
    allowed = {**facts, "proposed": {**facts["proposed"], "ts": "2026-10-06T19:59:59-03:00"}}
    cases = tmp_path / "cases.ndjson"
    cases.write_text("\n".join(map(json.dumps, [{**CASE, "facts": facts}, {**CASE, "facts": allowed, "colour": 0}])))
    asked = Asked(capsys, [str(cases)])
    blocked, free = asked.answers
    assert (asked.code, asked.errors) == (0, "")
    assert list(blocked) == KEYS
    assert (blocked["decision"], blocked["rule"], blocked["pack"]) == ("block", "BR_HOURS", "br@2026.1")
    assert blocked["until"] == "2026-10-07T11:00:00+00:00"
    assert "15.426/2014" in blocked["citation"]
    assert (free["decision"], free["rule"], free["until"], free["counts"]) == ("allow", None, None, {"d1": 0})
    assert sorted(free["ignored"]) == ["colour", "facts.consumer.mood", "facts.weather"]
    assert [path.name for path in tmp_path.iterdir()] == ["cases.ndjson"]


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_answered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    naive = {"facts": {"proposed": {"ts": "2026-10-06T20:00:00"}}}
    strange = {"facts": {"proposed": {"ts": "2026-10-06T20:00:00Z", "channel": "pigeon"}}}
    lines = ["{", json.dumps(naive), "", json.dumps(strange), "[]", json.dumps({"facts": {}}), json.dumps(CASE)]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))
    asked = Asked(capsys, [])
    assert asked.code == 1
    assert [answer["id"] for answer in asked.answers] == ["c1"]
    said = asked.errors.splitlines()
    assert [line.split(":")[0] for line in said] == ["line 1", "line 2", "line 4", "line 5", "line 6"]
    assert "no offset" in said[1]
    assert "phone" in said[2]
    assert "facts.proposed.ts is missing" in said[4]


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    asked = Asked(capsys, [str(tmp_path / "nowhere")])
    assert asked.code != 0
    assert "cannot be read" in asked.errors
