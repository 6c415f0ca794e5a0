"""Every alert stands on figures that a scrape has, and has its paragraph in the runbook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from dialer.clock import real_ms
from dialer.monitoring import UNKNOWN_UPTO, Reason
from dialer.store import beats, meters
from dialer.store.database import Database
from dialer.store.meters import counted_for
from tests.conftest import KEYRING
from tests.dialer.records import CALLER_ID, NOON, accepts, campaign_of, operation_on
from toque.metrics import scraped

ROOT = Path(__file__).parents[2]
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
RUNBOOK = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


async def _scrape(database: Database, **changes: Any) -> str:
    return (await scraped(operation_on(database, accepts, **changes))).decode()


async def test_every_figure_of_a_rule_is_in_a_scrape_and_none_is_without_a_rule(database: Database) -> None:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        whose = counted_for(rows.campaign, "BR", CALLER_ID)
        await meters.add(session, rows.tenant, NOON.date(), {(one, "calls"): 1 for one in whose})
        await beats.renew(session, "one", at=real_ms())
    lines = await _scrape(database)
    shown = set(re.findall(r"^(toque_\w+)(?:\{| )", lines, re.MULTILINE))
    named = {name for rule in RULES for name in re.findall(r"toque_\w+", rule["expr"])}
    assert named <= shown
    assert shown - named == {"toque_limit_share", "toque_callers_waiting"}  # for looking at, not for alarm
    assert "nan" not in lines.replace("toque_counters_drifting NaN", "").lower()
    assert CALLER_ID not in lines


async def test_without_a_database_a_scrape_says_so(tmp_path: Path) -> None:
    gone = Database(f"sqlite+aiosqlite:///{tmp_path}", KEYRING)
    assert "toque_database_answers 0.0" in await _scrape(gone)
    await gone.close()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_has_its_paragraph_and_says_what_it_means(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in ("page", "ticket")
    _, _, after = RUNBOOK.partition(f"\n### {rule['alert']}\n")
    paragraph = after.partition("\n#")[0]
    assert all(word in paragraph for word in ("**Means**", "**Look at**", "**Do**"))


def test_no_paragraph_is_left_over_and_rules_know_every_reason() -> None:
    assert re.findall(r"^### (Toque\w+)$", RUNBOOK, re.MULTILINE) == [rule["alert"] for rule in RULES]
    assert _chosen("reason") == set(get_args(Reason)) - {"nothing_due"}
    assert _chosen("age") <= {*UNKNOWN_UPTO, "longer"}


def _chosen(label: str) -> set[str]:
    groups = [group for rule in RULES for group in re.findall(rf'{label}=~"([^"]+)"', rule["expr"])]
    return {one for group in groups for one in group.split("|")}
