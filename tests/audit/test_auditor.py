"""The auditor finds what is wrong: every violation, sown one at a time into a lawful record, is found as such."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import toque.audit
from tests.audit.small_record import MONDAY_NOON, SmallRecord, lawful
from toque.audit import law
from toque.audit.auditor import audit, main, summary

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEXT_WEEK = MONDAY_NOON + 7 * DAY


def rules(small: SmallRecord) -> set[str]:
    return {one.rule for one in audit(*small.lines())}


def test_the_lawful_record_is_clean() -> None:
    assert audit(*lawful().lines()) == []


def _moved_to_night(small: SmallRecord) -> None:
    small.call(1, NEXT_WEEK + 10 * HOUR)  # 22:00 in New York


def _rings_over_the_end(small: SmallRecord) -> None:
    small.call(3, NEXT_WEEK + 6 * HOUR - timedelta(seconds=10))  # São Paulo closes at 20:00


def _too_early_where_they_live(small: SmallRecord) -> None:
    small.call(5, NEXT_WEEK - 3 * HOUR)  # 09:00 in New York, 06:00 at the number's place


def _sunday(small: SmallRecord) -> None:
    small.call(3, MONDAY_NOON + 6 * DAY)


def _holiday(small: SmallRecord) -> None:
    small.call(4, datetime(2026, 11, 11, 12, tzinfo=UTC))


def _summer_time_ended(small: SmallRecord) -> None:
    small.call(1, datetime(2026, 11, 2, 12, 30, tzinfo=UTC))  # 08:30 in summer time, 07:30 that Monday


def _eighth(small: SmallRecord) -> None:
    small.call(1, MONDAY_NOON + 6 * DAY + 2 * HOUR)


def _third_in_massachusetts(small: SmallRecord) -> None:
    small.call(2, MONDAY_NOON + 5 * DAY)


def _texts_count_in_massachusetts(small: SmallRecord) -> None:
    small.text(2, MONDAY_NOON + 8 * DAY, "Please call us")
    small.call(2, MONDAY_NOON + 9 * DAY)
    small.call(2, MONDAY_NOON + 10 * DAY)


def _fourth_of_a_day(small: SmallRecord) -> None:
    for hours in (-2, 0, 2, 4):
        small.call(3, NEXT_WEEK + hours * HOUR)


def _third_of_a_day(small: SmallRecord) -> None:
    for hours in (-6, -4, -2):
        small.call(4, NEXT_WEEK + hours * HOUR)


def _after_a_talk(small: SmallRecord) -> None:
    small.talk(5, MONDAY_NOON + 2 * DAY, ("pressed", "••••"), ("heard", "You have a balance"))
    small.call(5, MONDAY_NOON + 8 * DAY)


def _no_gap(small: SmallRecord) -> None:
    small.call(3, MONDAY_NOON + DAY + timedelta(minutes=59))


def _two_at_once(small: SmallRecord) -> None:
    small.call(3, NEXT_WEEK, seconds=7200)
    small.call(3, NEXT_WEEK + 1.5 * HOUR)


def _one_number_twice(small: SmallRecord) -> None:
    small.call(3, NEXT_WEEK, to="n4", seconds=30)
    small.call(4, NEXT_WEEK + timedelta(seconds=10))


def _opted_out(small: SmallRecord) -> None:
    small.bar("opt_out", NEXT_WEEK - HOUR, person=3, automated_only=True)
    small.call(3, NEXT_WEEK)


def _number_listed(small: SmallRecord) -> None:
    small.bar("do_not_call", NEXT_WEEK - HOUR, number="n3")
    small.call(3, NEXT_WEEK)


def _lawyer_by_hand(small: SmallRecord) -> None:
    small.bar("lawyer", NEXT_WEEK - HOUR, person=5)
    small.call(5, NEXT_WEEK, mode="live_agent_manual")


def _left_long_after_the_bar(small: SmallRecord) -> None:
    small.bar("opt_out", NEXT_WEEK + timedelta(seconds=1), person=3)
    small.call(3, NEXT_WEEK + timedelta(minutes=5), intent_at=NEXT_WEEK.isoformat())


def _settled(small: SmallRecord) -> None:
    next(one for one in small.record if one["type"] == "debt" and one["id"] == 3)["closed_at"] = (
        NEXT_WEEK - DAY
    ).isoformat()
    small.call(3, NEXT_WEEK)


def _called_after_stop(small: SmallRecord) -> None:
    small.text(3, NEXT_WEEK - DAY, "pare", incoming=True)
    small.call(3, NEXT_WEEK)


def _texted_after_stop(small: SmallRecord) -> None:
    small.text(5, NEXT_WEEK - DAY, "STOP", incoming=True)
    small.text(5, NEXT_WEEK, "Please call us")


def _texted_at_night(small: SmallRecord) -> None:
    small.text(3, NEXT_WEEK + 12 * HOUR, "Olá")


def _called_after_the_key(small: SmallRecord) -> None:
    small.call(3, NEXT_WEEK - 2 * HOUR, disposition="opted_out", status="completed")
    small.call(3, NEXT_WEEK)


def _while_paused(small: SmallRecord) -> None:
    small.happened("campaign_pause", NEXT_WEEK - HOUR, campaign="one")
    small.happened("campaign_resume", NEXT_WEEK + HOUR, campaign="one")
    small.call(3, NEXT_WEEK)


def _after_stop_of_the_campaign(small: SmallRecord) -> None:
    small.happened("campaign_stop", NEXT_WEEK - HOUR, campaign="one")
    small.call(3, NEXT_WEEK)


def _debt_before_the_check(small: SmallRecord) -> None:
    small.talk(3, NEXT_WEEK, ("heard", "Você tem uma pendência"), ("pressed", "•••"))


def _debt_to_whoever_failed(small: SmallRecord) -> None:
    small.talk(3, NEXT_WEEK, ("pressed", "•••"), ("heard", "mil reais"), level="claimed")


def _debt_on_a_machine(small: SmallRecord) -> None:
    small.talk(1, NEXT_WEEK + 2 * DAY, ("pressed", "•••"), ("taped", "about your debt"))


def _recorded_in_secret(small: SmallRecord) -> None:
    small.call(3, NEXT_WEEK, recorded=True)


def _nobody_decided(small: SmallRecord) -> None:
    small.record.remove(small.call(3, NEXT_WEEK)["allowed"])


def _not_on_record(small: SmallRecord) -> None:
    made = small.call(3, NEXT_WEEK)
    small.record.remove(made["attempt"])


def _named_as_inconvenient(small: SmallRecord) -> None:
    small.record.append(
        {
            "type": "designation", "person_id": 3, "days": [0], "from_minute": 13 * 60, "to_minute": 15 * 60,
            "until": None, "place": None, "created_at": (NEXT_WEEK - DAY).isoformat(), "ended_at": None,
        }
    )  # fmt: skip
    small.call(3, NEXT_WEEK)


def _consent_revoked(small: SmallRecord) -> None:
    next(one for one in small.record if one["type"] == "consent" and one["person_id"] == 5)["revoked_at"] = (
        "2026-11-01"
    )


SOWN: list[tuple[Callable[[SmallRecord], None], str]] = [
    (_moved_to_night, "HOURS"), (_rings_over_the_end, "HOURS"), (_too_early_where_they_live, "HOURS"),
    (_sunday, "HOURS"), (_holiday, "HOURS"), (_summer_time_ended, "HOURS"), (_texted_at_night, "HOURS"),
    (_eighth, "US_REGF_7IN7"), (_third_in_massachusetts, "US_MA_2IN7"),
    (_texts_count_in_massachusetts, "US_MA_2IN7"), (_fourth_of_a_day, "BR_HOUSE_DAY"),
    (_third_of_a_day, "FR_HOUSE_DAY"), (_after_a_talk, "US_REGF_POST_CONVERSATION"), (_no_gap, "PERSON_GAP"),
    (_two_at_once, "TWO_AT_ONCE"), (_one_number_twice, "TWO_AT_ONCE"), (_opted_out, "BAR"), (_number_listed, "BAR"),
    (_lawyer_by_hand, "BAR"), (_left_long_after_the_bar, "BAR"), (_settled, "NOTHING_DUE"),
    (_called_after_stop, "OPT_OUT"), (_texted_after_stop, "OPT_OUT"), (_called_after_the_key, "OPT_OUT"),
    (_while_paused, "RESTING"), (_after_stop_of_the_campaign, "RESTING"), (_debt_before_the_check, "DISCLOSED"),
    (_debt_to_whoever_failed, "DISCLOSED"), (_debt_on_a_machine, "DISCLOSED"),
    (_recorded_in_secret, "RECORDING_NOTICE"), (_nobody_decided, "UNDECIDED"), (_not_on_record, "UNRECORDED"),
    (_named_as_inconvenient, "INCONVENIENT"), (_consent_revoked, "US_TCPA_NO_CONSENT"),
]  # fmt: skip


@pytest.mark.parametrize(("sow", "rule"), SOWN, ids=[sow.__name__.strip("_") for sow, _ in SOWN])
def test_a_sown_violation_is_found_and_nothing_else(sow: Callable[[SmallRecord], None], rule: str) -> None:
    small = lawful()
    sow(small)
    assert rules(small) == {rule}


def test_an_agent_may_call_after_an_opt_out_of_automated_calls() -> None:
    small = lawful()
    small.bar("opt_out", NEXT_WEEK - HOUR, person=3, automated_only=True)
    small.call(3, NEXT_WEEK, mode="live_agent_manual")
    assert rules(small) == set()


def test_a_line_of_an_agents_own_application_is_not_a_call_to_anybody() -> None:
    small = lawful()
    unknown = {"sid": "CA-agent", "status": "completed"}
    leg = small.carrier[0] | unknown
    small.carrier.append(leg | {"to": "client:agent_1"})
    assert rules(small) == set()
    small.carrier.append(leg)
    assert rules(small) == {"UNRECORDED"}


def test_a_request_to_be_called_lifts_the_quiet_week_until_the_next_talk() -> None:
    small = lawful()
    asked = small.talk(5, MONDAY_NOON + 2 * DAY, ("pressed", "••••"), ("heard", "You have a balance"))
    asked["attempt"]["callback_at"] = (MONDAY_NOON + 3 * DAY).isoformat()
    small.call(5, MONDAY_NOON + 3 * DAY)
    assert rules(small) == set()
    small.talk(5, MONDAY_NOON + 4 * DAY, ("pressed", "••••"), ("heard", "You have a balance"))
    small.call(5, MONDAY_NOON + 5 * DAY)
    assert rules(small) == {"US_REGF_POST_CONVERSATION"}


@pytest.mark.parametrize(("year", "day"), [(2024, "03-31"), (2026, "04-05"), (2038, "04-25"), (2285, "03-22")])
def test_easter(year: int, day: str) -> None:
    assert law.easter(year) == date.fromisoformat(f"{year}-{day}")


def test_what_it_says_names_person_instant_and_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = lawful()
    _moved_to_night(small)
    for name, lines in zip(("record", "carrier"), small.lines(), strict=True):
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    assert main([str(tmp_path / "record"), str(tmp_path / "carrier")]) == 1
    assert "person 1, 2026-11-17 03:00:00Z, HOURS" in capsys.readouterr().out
    assert main([]) == 2
    assert summary([]) == "no violation"


def test_the_auditor_knows_nothing_of_what_it_judges() -> None:
    allowed = set(sys.stdlib_module_names) | {"toque"}
    for path in Path(toque.audit.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] in allowed, f"{path.name} imports {name}"
                assert not name.startswith("toque") or name.startswith("toque.audit"), f"{path.name} imports {name}"
