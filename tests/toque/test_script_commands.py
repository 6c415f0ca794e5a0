"""`toque script`: the library is sound, a fault ends with exit code 1 and its place, and a tree shows every step."""

from __future__ import annotations

import json

from ivr_flows.scripts.loading import LIBRARY, library, load
from tests.toque.test_cli import Shell, shell

__all__ = ["shell"]

OWN = (LIBRARY / "ja-pagou.yaml").read_text("utf-8")


def test_the_library_is_sound(shell: Shell) -> None:
    code, out, _err = shell.run("script", "check")
    assert code == 0
    assert out.split() == [word for name in library() for word in ("✓", name)]


def test_a_fault_is_told_with_its_file_line_and_step(shell: Shell) -> None:
    path = shell.write("own.yaml", OWN.replace("I just need two details", "Or we call the police"))
    code, out, _err = shell.run("script", "check", path)
    assert code == 1
    assert f'{path}:13: matter en-US: It says "police", which nobody may be told.' in out


def test_faults_as_json(shell: Shell) -> None:
    path = shell.write("own.yaml", OWN.replace("to: paid_when", "to: nowhere", 1))
    code, out, _err = shell.run("script", "check", path, "ja-pagou", "--json")
    assert code == 1
    found = json.loads(out)
    assert found["scripts"] == [path, "ja-pagou"]
    [fault] = found["faults"]
    assert "leads to 'nowhere'" in fault["message"]
    assert fault["file"] == path


def test_a_script_that_says_no_disclosure_is_refused(shell: Shell) -> None:
    text = OWN.replace("start: greet\n", "start: own\n").replace("steps:\n", "steps:\n" + _OWN_OPENING, 1)
    code, out, _err = shell.run("script", "check", shell.write("own.yaml", text))
    assert code == 1
    assert "before the disclosures that the law asks for (debt collector" in out


_OWN_OPENING = """  own:
    say: {pt-BR: "Oi.", en-US: "Hi.", fr-FR: "Bonjour."}
    keys: {"1": {label: it_is_me, to: matter, confirms: true}}

"""


def test_the_tree_shows_every_step_once_with_its_words(shell: Shell) -> None:
    code, out, _err = shell.run("script", "show", "ultima-etapa", "--language", "fr-FR")
    assert code == 0
    assert "14 · Dernière étape (75 jours) (ultima-etapa, fr-FR)" in out
    for name in load("ultima-etapa").steps:
        assert len([line for line in out.splitlines() if f" {name} [" in line]) == 1, name
    assert "(identity confirmed)" in out


def test_a_script_as_data_has_the_words_of_one_language(shell: Shell) -> None:
    found = shell.json("script", "show", "ja-pagou", "--language", "en-US")
    assert found["number"] == "7"
    assert found["steps"]["matter"]["say"][0]["text"].startswith("Thank you for letting us know")
    assert [one["key"] for one in found["steps"]["matter"]["branches"]] == ["1", "2", "3", "4", "7", "8", "9"]
    assert found["ends"]["paid_found"]["requires"] == ["paid_on", "paid_method"]


def test_a_script_is_drawn_in_its_own_languages_only(shell: Shell) -> None:
    code, message = shell.refused("script", "show", "ja-pagou", "--language", "de-DE")
    assert code == 2
    assert "ja-pagou is not written in de-DE: choose pt-BR, en-US, fr-FR" in message
    code, message = shell.refused("script", "show", "no-such-script")
    assert code != 0
    assert "The script cannot be read" in message
