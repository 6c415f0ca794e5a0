"""`toque flow list|show|save|publish|versions|diff`: what they print, and with which exit code they end."""

from __future__ import annotations

import pytest

from tests.dialer.flows.own_flow import FIRST, SAID, THREAT, prove_here, saying
from tests.toque.test_cli import Shell, shell

__all__ = ["shell"]


@pytest.fixture(autouse=True)
def _proofs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_here(monkeypatch)


def save(shell: Shell, text: str, *more: str) -> tuple[str, ...]:
    return ("flow", "save", shell.write("natal.yaml", text), "--name", "natal", "--why", "December", *more)


def test_a_flow_is_saved_published_shown_and_compared(shell: Shell) -> None:
    assert shell.json(*save(shell, FIRST))["number"] == 1
    code, out, _ = shell.run(*save(shell, saying("Boas festas.")))
    assert (code, "toque flow publish natal 2" in out) == (0, True)
    done = shell.json("flow", "publish", "natal", "2", "--pack", "br,us")
    assert done == {"number": 2, "places": ["BR", "US"], "back_to": None}
    rows = {one["name"]: one for one in shell.json("flow", "list")}
    assert (rows["own/natal"]["newest"], rows["own/natal"]["in_force"], "lembrete" in rows) == (2, 2, True)
    assert "Boas festas." in shell.json("flow", "show", "own/natal")["text"]
    assert SAID in shell.run("flow", "show", "own/natal@1")[1]
    told = shell.json("flow", "diff", "own/natal", "1", "2")
    assert [one.split(",")[0] for one in told["changes"]] == ["greeting says in pt-BR"]
    code, out, _ = shell.run("flow", "diff", "natal", "1", "2")
    assert f'-         - "{SAID}"' in out
    assert shell.json("flow", "publish", "natal", "1")["back_to"] == 1
    assert [one["number"] for one in shell.json("flow", "versions", "natal")] == [3, 2, 1]
    assert "operator" in shell.run("flow", "versions", "natal")[1]
    assert shell.json("flow", "check", "own/natal@2", "--pack", "br")["flows"] == ["own/natal@2"]
    assert "flowchart TD" in shell.json("flow", "draw", "own/natal", "--as", "mermaid")["drawing"]


def test_what_cannot_be_done_says_why_and_ends_with_its_code(shell: Shell) -> None:
    shell.json(*save(shell, saying(THREAT)))
    for words, code, message in (
        (("flow", "publish", "natal", "1"), 1, "is not proven and stays a draft. F12"),
        (("flow", "publish", "natal", "7"), 1, "There is no version 7"),
        (("flow", "publish", "natal", "1", "--pack", "XX"), 2, "no pack for XX"),
        (("flow", "versions", "nobody"), 2, "There is no flow own/nobody"),
        (("flow", "show", "own/natal"), 2, "No version of this flow is published"),
        (("flow", "show", "own/natal@x"), 2, "names no version"),
        (("flow", "save", "nowhere.yaml", "--name", "natal", "--why", "x"), 2, "cannot be read"),
        (save(shell, FIRST, "--over", "0"), 1, "was saved meanwhile"),
        (save(shell, saying(THREAT)), 1, "Nothing is changed"),
    ):
        ended, told = shell.refused(*words)
        assert (ended, message in told) == (code, True), (words, told)


def test_fragments_beside_the_file_are_saved_with_it(shell: Shell) -> None:
    (shell.folder / "fragments").mkdir()
    shell.write("fragments/mine.yaml", "nodes:\n  extra: {kind: hangup, disposition: completed}\n")
    shell.json(*save(shell, FIRST.replace("[machine,", "[mine, machine,")))
    (shell.folder / "fragments" / "mine.yaml").unlink()
    assert "extra" in shell.json("flow", "draw", "own/natal@1", "--as", "mermaid")["drawing"]
