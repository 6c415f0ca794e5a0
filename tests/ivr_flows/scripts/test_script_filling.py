"""Words are written as the debtor's language writes them; strays are refused; fragments lend what is used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ivr_flows.errors import FlowInvalid
from ivr_flows.scripts.loading import load, parse
from ivr_flows.scripts.script import ScriptStray, Step
from ivr_flows.turn import Money
from tests.ivr_flows.scripts.test_script_checking import WHOLE

KNOWN = {"amount_total": Money(123456, "BRL"), "creditor_name": "Loja Aurora", "due_date": date(2026, 11, 5)}


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("pt-BR", "Notei que R$ 1.234,56, de Loja Aurora, ainda aparece em aberto. O vencimento foi em 05/11/2026."),
        ("en-US", "I noticed that R$1,234.56 for Loja Aurora is still open. It was due on 11/05/2026."),
        ("fr-FR", "J'ai remarqué qu'il reste 1 234,56 R$ à régler pour Loja Aurora. L'échéance était le 05/11/2026."),
    ],
)
def test_amounts_and_dates_are_written_for_the_eye(language: str, written: str) -> None:
    script = load("esqueceu-de-pagar")
    assert script.filled(script.step("matter"), language, KNOWN).startswith(written)


def test_a_line_without_its_value_is_left_out_and_strange_names_are_not_looked_at() -> None:
    script = load("esqueceu-de-pagar")
    filled = script.filled(script.step("matter"), "en-US", KNOWN | {"due_date": None, "shoe_size": 43})
    assert "It was due on" not in filled
    assert filled.startswith("I noticed that")


def test_what_a_script_cannot_do_without_is_told() -> None:
    lacking = load("esqueceu-de-pagar").lacking(KNOWN)
    assert set(lacking) == {"caller_name", "agent_name", "full_name", "first_name"}


def test_another_region_is_spoken_to_in_its_tongue() -> None:
    script = load("empresa")
    assert [script.tongue(each) for each in ("fr-CA", "en-US", "pt-PT", "de-DE")] == [
        "fr-FR",
        "en-US",
        "pt-BR",
        "pt-BR",
    ]


def test_keys_lead_on_and_strays_are_refused() -> None:
    script = load("ja-pagou")
    assert script.first(known=False).name == "greet"
    assert script.first(known=True).name == "greet_known"
    assert script.follow("matter", "1").name == "paid_when"
    assert script.follow("matter", "9").name == "stopped"
    with pytest.raises(ScriptStray, match="Key '5' leads nowhere from step 'matter'"):
        script.follow("matter", "5")
    with pytest.raises(ScriptStray, match="no step 'elsewhere'"):
        script.step("elsewhere")
    with pytest.raises(ScriptStray):
        script.at("elsewhere")


def test_branches_come_by_their_keys_with_those_that_are_there_anywhere() -> None:
    script = load("ja-pagou")
    assert [branch.key for branch in script.branches(script.step("matter"))] == ["1", "2", "3", "4", "7", "8", "9"]
    assert [branch.key for branch in script.branches(script.step("special"))] == ["1", "2", "3", "4", "5"]


def test_a_fragment_beside_the_script_lends_only_what_is_led_to(tmp_path: Path) -> None:
    (tmp_path / "fragments").mkdir()
    (tmp_path / "fragments" / "extra.yaml").write_text(
        "variables:\n  contract: {type: text, privacy: debt}\n"
        "labels:\n  more: {pt-BR: Mais, en-US: More}\n"
        'steps:\n  lent:\n    say: {pt-BR: "Oi.", en-US: "Hi."}\n    keys: {"1": {label: more, to: left}}\n'
        '  idle:\n    say: {pt-BR: "{contract}", en-US: "{contract}"}\n    keys: {"1": {label: more, to: left}}\n',
        encoding="utf-8",
    )
    text = WHOLE.replace("fits: [{}]", "fits: [{}]\ninclude: [extra]").replace("to: left}", "to: lent}")
    script = parse(text, str(tmp_path / "own.yaml"))
    assert "lent" in script.steps
    assert "idle" not in script.steps
    assert "contract" not in script.variables
    assert isinstance(script.at("lent"), Step)
    assert script.step("lent").branches[0].label["en-US"] == "More"


def test_the_revision_follows_the_fragments(tmp_path: Path) -> None:
    (tmp_path / "fragments").mkdir()
    fragment = tmp_path / "fragments" / "extra.yaml"
    text = WHOLE.replace("fits: [{}]", "fits: [{}]\ninclude: [extra]")
    revisions = []
    for label in ("Mais", "Outro"):
        fragment.write_text(f"labels:\n  more: {{pt-BR: {label}, en-US: More}}\n", encoding="utf-8")
        revisions.append(parse(text, str(tmp_path / "own.yaml")).revision)
    assert revisions[0] != revisions[1]


def test_a_script_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(FlowInvalid, match="give a path or one of aguarda-aprovacao"):
        load("nothing-of-the-kind")
