"""`toque law`: packs in force, rules with their sources, differences, and what they mean for a campaign."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from tests.toque.test_campaign_commands import drafted
from tests.toque.test_cli import Shell, loaded, shell

__all__ = ["drafted", "loaded", "shell"]

BR = (files("dialer.rules") / "jurisdictions" / "br.yaml").read_text("utf-8")
FEWER = BR.replace("limit: 3", "limit: 2", 1)


def own(shell: Shell, text: str) -> None:
    folder = shell.folder / "law"
    folder.mkdir(exist_ok=True)
    (folder / "br.yaml").write_text(text, "utf-8")


@pytest.fixture
def lawful(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("TOQUE_LAW_DIR", str(shell.folder / "law"))
    return shell


def test_every_pack_is_listed_with_its_places_and_its_last_check(shell: Shell) -> None:
    rows = {row["country"]: row for row in shell.json("law", "list")}
    assert {"US", "BR", "FR"} <= rows.keys()
    assert {"BR-SP", "BR-RJ"} <= set(rows["BR"]["places"])
    assert all(row["rules"] > 0 and row["last_checked"] and row["from"] == "shipped" for row in rows.values())
    assert "br@" in shell.run("law", "list")[1]


def test_a_place_has_the_rules_of_its_country_and_its_own(shell: Shell) -> None:
    codes = {row["code"]: row for row in shell.json("law", "show", "us-ma")}
    assert {"US_REGF_7IN7", "US_MA_2IN7"} <= codes.keys()
    assert codes["US_MA_2IN7"]["citation"].startswith("940 CMR")
    assert codes["US_REGF_7IN7"]["asks"]["limit"] == 7
    assert {row["code"] for row in shell.json("law", "show", "US", "--place", "US-MA")} == {"US_MA_2IN7"}
    (one,) = shell.json("law", "show", "US", "--rule", "us_regf_time")
    assert one["asks"]["open"] == "mon-sun 08:00-21:00"
    assert "12 CFR" in shell.run("law", "show", "US")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ZZ",), "no pack for ZZ"),
        (("US-XX",), "US-MA"),
        (("US", "--rule", "NONE"), "US_REGF_7IN7"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(shell: Shell, words: tuple[str, ...], said: str) -> None:
    assert said in shell.refused("law", "show", *words)[1]


def test_a_changed_file_is_told_rule_by_rule(shell: Shell) -> None:
    found = shell.json("law", "diff", shell.write("mine.yaml", FEWER))
    (one,) = found["rules"]
    assert (one["kind"], one["code"], one["changes"]) == ("changed", "BR_HOUSE_DAY", ["limit: 3 → 2"])
    same = shell.json("law", "diff", shell.write("a.yaml", BR), shell.write("b.yaml", BR))
    assert same["rules"] == []
    assert "limit: 3 → 2" in shell.run("law", "diff", shell.write("mine.yaml", FEWER))[1]


def test_rules_that_one_file_lacks_are_added_and_removed(shell: Shell) -> None:
    renamed = shell.write("b.yaml", BR.replace("BR_HOUSE_DAY", "BR_HOUSE_DAILY"))
    kinds = [
        (one["kind"], one["code"]) for one in shell.json("law", "diff", shell.write("a.yaml", BR), renamed)["rules"]
    ]
    assert kinds == [("added", "BR_HOUSE_DAILY"), ("removed", "BR_HOUSE_DAY")]


def test_a_broken_file_is_named_with_its_fault(shell: Shell) -> None:
    said = shell.refused("law", "diff", shell.write("mine.yaml", BR.replace("limit: 3", "limit: many", 1)))[1]
    assert "mine.yaml" in said
    assert "limit" in said


def test_own_files_come_before_the_shipped_ones_and_a_broken_one_fails_the_list(lawful: Shell) -> None:
    own(lawful, FEWER)
    rows = {row["country"]: row for row in lawful.json("law", "list")}
    assert (rows["BR"]["from"], rows["US"]["from"]) == ("your own file", "shipped")
    own(lawful, "country: BR\nrules: 7")
    code, out, _ = lawful.run("law", "list")
    assert code == 1
    assert "br.yaml" in out
    assert "br.yaml" in lawful.refused("law", "show", "BR")[1]


def test_what_a_change_would_do_to_a_campaign_is_counted(drafted: Shell) -> None:
    closed = BR.replace("BR-SP:", "BR-XX:", 1).replace("mon-fri 08:00-20:00, sat 08:00-14:00", "mon 08:00-08:10")
    found = drafted.json("law", "diff", drafted.write("mine.yaml", closed), "--campaign", "a")["campaign"]
    assert found["contacts"] == 1
    assert sum(found["moves"].values()) + found["same"] == 1
    assert "1 people" in drafted.run("law", "diff", drafted.write("mine.yaml", closed), "--campaign", "a")[1]


def case(expected: str, code: str, hour: int) -> str:
    ts = f"2026-03-03T{hour:02}:00:00-05:00"
    proposed = {
        "ts": ts,
        "channel": "phone",
        "mode": "live_agent_manual",
        "debts": ["D"],
        "person": "P",
        "number": "N",
    }
    facts = {"consumer": {"tz_candidates": ["America/New_York"]}, "proposed": proposed | {"collector": "K"}}
    named = {"id": f"at-{hour}", "jurisdiction": "US", "expected": expected, "reason_code": code, "source": "ours"}
    return json.dumps(named | {"facts": facts})


def test_the_cases_that_ship_with_the_packs_come_out_as_they_should(shell: Shell) -> None:
    found = shell.json("law", "test")
    assert found["cases"] > 50
    assert found["wrong"] == []


def test_own_cases_are_tried_and_the_wrong_one_is_named(shell: Shell) -> None:
    good = [case("allow", "OK", 12), case("block", "US_REGF_TIME", 22)]
    folder = shell.folder / "cases"
    folder.mkdir()
    (folder / "own.ndjson").write_text("\n".join(good) + "\n", "utf-8")
    assert shell.json("law", "test", str(folder)) == {"cases": 2, "wrong": []}
    (folder / "own.ndjson").write_text("\n".join([*good, case("block", "US_REGF_7IN7", 22)]), "utf-8")
    code, out, _ = shell.run("law", "test", str(folder), "--json")
    (wrong,) = json.loads(out)["wrong"]
    assert (code, wrong["id"], wrong["expected"], wrong["got"]) == (1, "at-22", "US_REGF_7IN7", "US_REGF_TIME")
    (folder / "own.ndjson").write_text(good[0] + "\nnot json\n", "utf-8")
    assert "own.ndjson, line 2" in shell.refused("law", "test", str(folder))[1]


def test_a_changed_pack_fails_the_cases_that_it_contradicts(lawful: Shell) -> None:
    folder = lawful.folder / "law"
    folder.mkdir()
    shipped = (files("dialer.rules") / "jurisdictions" / "us.yaml").read_text("utf-8")
    (folder / "us.yaml").write_text(shipped.replace("08:00-21:00", "08:00-11:00"), "utf-8")
    (lawful.folder / "own.ndjson").write_text(case("allow", "OK", 12), "utf-8")
    assert lawful.run("law", "test", str(lawful.folder))[0] == 1
