"""Why, and calls by hand, on the command line."""

from __future__ import annotations

from tests.toque.test_cli import Shell, loaded, shell

__all__ = ["loaded", "shell"]


def test_why_tells_a_manager_what_holds_a_person_back(loaded: Shell) -> None:
    key = "loja:c-1"
    loaded.json("dnc", "add", "--person", key, "--all")
    told = loaded.json("why", key)
    (by_hand,) = told["standings"]
    assert (by_hand["campaign"], by_hand["rule"], by_hand["next_at"]) == ("by hand", "OPT_OUT", None)
    code, out, _ = loaded.run("why", key)
    assert code == 0
    assert "OPT_OUT" in out
    assert "no end is known" in out
    assert "Ana" not in out


def test_an_agent_looks_before_the_call_and_is_told_the_rule_when_it_is_refused(loaded: Shell) -> None:
    key = "loja:c-1"
    loaded.json("agent", "add", "Rita", "--via", "tel:+12125550100")
    loaded.json("dnc", "add", "--person", key, "--all")
    seen = loaded.json("agent", "case", "Rita", key)
    assert (seen["allowed"], seen["rule"], seen["debts"]) == (False, "OPT_OUT", 1)
    assert "offline" in loaded.refused("agent", "call", "Rita", key)[1]
    assert "no outcome" in loaded.refused("agent", "outcome", "Rita", "sung")[1]
    assert "no call by hand" in loaded.refused("agent", "outcome", "Rita", "talked")[1]
    assert "no person" in loaded.refused("why", "loja:nobody")[1]
