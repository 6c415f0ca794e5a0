"""`toque campaign report` and `toque recording`: what they print and write, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.toque.test_cli import Shell, loaded, once, shell

__all__ = ["loaded", "shell"]  # fixtures


@pytest.fixture
def campaigns(loaded: Shell, kept: Path) -> Shell:
    """Two campaigns over one list."""

    def make() -> None:
        for name in ("primeira", "segunda"):
            loaded.json("campaign", "create", name, "--list", "nov", "--flow", "lembrete")

    return once(loaded, kept, "campaigns", make)


def test_several_campaigns_are_reported_together(campaigns: Shell) -> None:
    one, both = campaigns.json("campaign", "report", "primeira"), campaigns.json("campaign", "report", "--all")
    assert (both["campaign"], both["cost"]["totals"], one["calls"]) == ("primeira, segunda", {}, [])
    code, out, _ = campaigns.run("campaign", "report", "primeira", "segunda", "--rate", "usd=5.4")
    assert code == 0
    assert "primeira, segunda" in out


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_report_is_written_into_a_file(campaigns: Shell, kind: str) -> None:
    file = campaigns.folder / f"out.{kind}"
    code, _, err = campaigns.run("campaign", "report", "primeira", "--out", str(file))
    assert (code, file.stat().st_size > 0) == (0, True)
    assert "0 calls and texts written" in " ".join(err.split())


def test_the_old_way_to_keep_the_json_works(campaigns: Shell, tmp_path: Path) -> None:
    campaigns.run("campaign", "report", "primeira", "--report", str(tmp_path / "r.json"))
    assert json.loads((tmp_path / "r.json").read_text())["campaign"] == "primeira"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Name the campaigns"),
        (("primeira", "--all"), "Name the campaigns"),
        (("primeira", "--out", "r.pdf"), ".xlsx"),
        (("primeira", "--rate", "USD"), "USD=5.40"),
        (("primeira", "--rate", "USD=-1"), "USD=5.40"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_way_out(campaigns: Shell, words: tuple[str, ...], says: str) -> None:
    code, err = campaigns.refused("campaign", "report", *words)
    assert code == 2
    assert says in err


@pytest.mark.parametrize(
    "words",
    [("recording", "list", "--person"), ("recording", "list", "--campaign"), ("message", "list", "--person")],
)
def test_a_name_that_is_mistyped_is_not_taken_for_one_with_nothing_to_show(
    campaigns: Shell, words: tuple[str, ...]
) -> None:
    code, err = campaigns.refused(*words, "loja:nobody")
    assert (code, f'There is no {words[-1][2:]} "loja:nobody"' in err) == (1, True)


def test_recordings_that_are_not_there(campaigns: Shell) -> None:
    assert campaigns.json("recording", "list") == []
    assert "TOQUE_RECORD" in campaigns.run("recording", "list")[1]
    code, err = campaigns.refused("recording", "copy", "7", "--out", "x.wav", "--reason", "asked for")
    assert (code, "toque recording list" in err) == (1, True)
    assert not (campaigns.folder / "x.wav").exists()
