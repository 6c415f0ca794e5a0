"""Some days of the simulated month in the ordinary suite: their record is clean, and what is spoilt in it shows.

The whole month is `make audit`.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.audit.month import Figures, Order, live_through
from tests.made_once import made_once
from toque.audit.auditor import audit, audit_files, summary

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Lived:
    """Days that were lived through: figures, and the two files as rows."""

    figures: Figures
    record: Rows
    carrier: Rows


@pytest.fixture(scope="module")
def lived(sqlite_template: Path, folder_of_the_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    def live(kept: Path) -> None:
        home = tmp_path_factory.mktemp("audit")
        shutil.copy(sqlite_template, home / "toque.sqlite3")
        kept.write_bytes(pickle.dumps(_live(Order(people=12, days=1, seed=3, beat=600), home)))

    days: Lived = pickle.loads(made_once(folder_of_the_run / "days lived through", live).read_bytes())
    return days


def _live(order: Order, home: Path) -> Lived:
    figures = asyncio.run(live_through(order, database_url=f"sqlite+aiosqlite:///{home}/toque.sqlite3", home=home))
    assert (found := audit_files(home / "record.jsonl", home / "carrier.jsonl")) == [], summary(found)
    files = (home / "record.jsonl", home / "carrier.jsonl")
    record, carrier = ([json.loads(line) for line in path.read_text("utf-8").splitlines()] for path in files)
    return Lived(figures, record, carrier)


def test_some_days_are_lived_through_without_a_violation(lived: Lived) -> None:
    assert lived.figures.calls >= 8
    assert sum(lived.figures.denied.values()) > 0, "nothing was ever refused: nothing was tried"
    told = json.loads(json.dumps(lived.figures.as_dict()))
    assert told["calls"] == lived.figures.calls
    assert told["denied"] == lived.figures.denied, "what is printed is what was counted"
    assert len({row["country"] for row in lived.record if row["type"] == "person"}) >= 2


def test_the_record_that_leaves_names_nobody(lived: Lived) -> None:
    told = "\n".join(json.dumps(row, ensure_ascii=False) for row in lived.record)
    assert "Pessoa" not in told
    assert "+55119" not in told
    assert "+1212555" not in told


def _at_night(record: Rows, carrier: Rows) -> str:
    leg = _last_call(carrier)
    _shift(leg, timedelta(hours=12))
    return "HOURS"


def _opted_out_before(record: Rows, carrier: Rows) -> str:
    leg = _last_call(carrier)
    attempt = next(row for row in record if row["type"] == "attempt" and row["sid"] == leg["sid"])
    before = datetime.fromisoformat(attempt["intent_at"]) - timedelta(minutes=1)
    record.append(
        {
            "type": "bar", "person_id": attempt["person_id"], "number": None, "kind": "opt_out", "channel": None,
            "automated_only": False, "since": before.isoformat(), "until": None,
        }
    )  # fmt: skip
    return "BAR"


def _decision_lost(record: Rows, carrier: Rows) -> str:
    record[:] = [row for row in record if row.get("kind") != "call_allowed"]
    return "UNDECIDED"


def _call_hidden(record: Rows, carrier: Rows) -> str:
    sid = _last_call(carrier)["sid"]
    record[:] = [row for row in record if row.get("sid") != sid]
    return "UNRECORDED"


def _same_call_twice(record: Rows, carrier: Rows) -> str:
    carrier.append(dict(_last_call(carrier)))
    return "TWO_AT_ONCE"


def _debt_told_at_once(record: Rows, carrier: Rows) -> str:
    leg = _last_call(carrier)
    leg["entries"].insert(0, {"at": leg["started_at"], "what": "heard", "words": "Você tem uma dívida"})
    return "DISCLOSED"


@pytest.mark.parametrize(
    "spoil",
    [_at_night, _opted_out_before, _decision_lost, _call_hidden, _same_call_twice, _debt_told_at_once],
    ids=lambda one: one.__name__.strip("_"),
)
def test_what_is_spoilt_in_a_real_record_is_found(lived: Lived, spoil: Callable[[Rows, Rows], str]) -> None:
    record, carrier = (json.loads(json.dumps(rows)) for rows in (lived.record, lived.carrier))
    rule = spoil(record, carrier)
    found = audit((json.dumps(row) for row in record), (json.dumps(row) for row in carrier))
    assert rule in {one.rule for one in found}


@pytest.mark.soak
def test_a_week_of_more_people_is_lived_through_without_a_violation(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "toque.sqlite3")
    figures = _live(Order(people=60, days=5, seed=5), tmp_path).figures
    assert figures.calls > 100
    assert figures.calls_by_hand > 0


def _last_call(carrier: Rows) -> dict[str, Any]:
    legs = [row for row in carrier if row["type"] == "leg" and row["direction"] == "outbound-api"]
    return [leg for leg in legs if not leg["to"].startswith("client:")][-1]


def _shift(leg: dict[str, Any], by: timedelta) -> None:
    for name in ("created_at", "started_at", "answered_at", "ended_at"):
        if leg[name] is not None:
            leg[name] = (datetime.fromisoformat(leg[name]) + by).isoformat()
