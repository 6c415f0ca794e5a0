"""The commands of a campaign manager: check, plan, clone, edit, caller IDs."""

from __future__ import annotations

import json

import pytest

from tests.toque.test_cli import Shell, loaded, shell

__all__ = ["loaded", "shell"]


@pytest.fixture
def drafted(loaded: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("TOQUE_CALLER_IDS", "+551130000000")
    loaded.json(
        "campaign", "create", "a", "--list", "nov", "--flow", "lembrete", "--retry", "gentle", "--set", "gap=60"
    )
    return loaded


def test_every_field_of_the_plan_can_be_set_and_is_shown(drafted: Shell) -> None:
    changes = ("order=largest", "hours=mon-fri 09:00-18:00", "only=broken-promise", "caller-id=+551130000001")
    made = drafted.json("campaign", "edit", "a", "--set", *changes)
    assert made["plan"]["person_gap_minutes"] == 60
    assert made["plan"]["retry"] == "gentle"
    assert made["plan"]["caller_ids"] == ["+551130000001"]
    assert (made["plan"]["only"], made["contacts"]) == ("broken_promise", {})


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("order=up", "balanced, oldest"),
        ("retry=hard", "gentle"),
        ("speed=9", "attempts_per_day"),
        ("weight", "FIELD=VALUE"),
    ],
)
def test_a_setting_that_cannot_be_says_what_can(drafted: Shell, setting: str, said: str) -> None:
    code, message = drafted.refused("campaign", "edit", "a", "--set", setting)
    assert code == 2
    assert said in message


def test_a_check_counts_people_and_makes_a_draft_checked(drafted: Shell) -> None:
    found = drafted.json("campaign", "check", "a")
    assert found["status"] == drafted.json("campaign", "status", "a")["status"] == "checked"
    assert found["contacts"] == found["now"] + found["later"] == 1
    assert found["to_render"] > 0
    assert "people: " in drafted.run("campaign", "check", "a")[1]


def test_a_campaign_without_a_number_to_show_is_not_checked(loaded: Shell) -> None:
    loaded.json("campaign", "create", "a", "--list", "nov", "--flow", "lembrete")
    code, out, _ = loaded.run("campaign", "check", "a", "--json")
    found = json.loads(out)
    assert (code, found["status"], found["clean"]) == (1, "draft", False)
    assert [one["code"] for one in found["findings"] if one["stops"]] == ["NO_CALLER_ID", "NOBODY"]


def test_the_plan_is_one_object_and_masks_the_number(drafted: Shell) -> None:
    made = drafted.json("campaign", "plan", "a")
    (one,) = made["contacts"]
    assert (one["key"], one["number"]) == ("loja:c-1", "+55 11 •••• 0101")
    assert made["summary"]["contacts"] == 1
    assert drafted.json("campaign", "plan", "a", "--rule", "opt_out")["contacts"] == []
    assert "loja:c-1" in drafted.run("campaign", "plan", "a")[1]


def test_a_clone_stands_beside_the_first(drafted: Shell) -> None:
    assert drafted.json("campaign", "clone", "a", "b")["plan"]["retry"] == "gentle"
    assert [one["name"] for one in drafted.json("campaign", "status")] == ["a", "b"]


def test_numbers_come_rest_and_go(drafted: Shell) -> None:
    made = drafted.json("caller-id", "add", "+551130000001", "--cap", "5", "--label", "two")
    assert [(one["number"], one["status"], one["daily_cap"]) for one in made] == [
        ("+551130000000", "active", None),
        ("+551130000001", "active", 5),
    ]
    assert drafted.json("caller-id", "add", "+551130000001", "--rest")[1]["status"] == "resting"
    assert drafted.json("caller-id", "remove", "+551130000000")[0]["status"] == "retired"
    assert drafted.refused("caller-id", "remove", "+551130000009")[0] == 1
    assert drafted.refused("caller-id", "add", "12")[0] == 2
    found = json.loads(drafted.run("campaign", "check", "a", "--json")[1])
    assert "NO_CALLER_ID" in {one["code"] for one in found["findings"]}, "a resting number is for nobody new"
