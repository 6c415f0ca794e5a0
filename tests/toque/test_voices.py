import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from audio.packs import lexicon
from dialer.calling import FLOW as BY_HAND
from dialer.speaking import APOLOGIES
from ivr_flows import loading
from ivr_flows.phrases import phrases
from tests.audio.voices import hum
from tests.toque.test_cli import Shell, shell
from toque.voices import gather

__all__ = ["shell"]

HAND = "language: {}\nnumbers: []\nwords: []\ndates: []\nnames: []\nphrases:\n- Velha frase.\n"


def test_every_phrase_of_the_library_reaches_the_data_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "FOLDER", tmp_path)
    for language in ("pt-BR", "xx-XX"):
        (tmp_path / f"{language}.yaml").write_text(HAND.format(language), encoding="utf-8")
    assert [path.stem for path in gather()] == ["pt-BR"]
    text = (tmp_path / "pt-BR.yaml").read_text(encoding="utf-8")
    for name in (*loading.library(), BY_HAND):
        assert all(phrase.split(":")[0] in text for phrase in phrases(loading.load(name), "pt-BR"))
    assert APOLOGIES["pt-BR"] in text
    assert "Velha frase" not in text
    assert "Velha frase" in (tmp_path / "xx-XX.yaml").read_text(encoding="utf-8")


def lacking(shell: Shell, *words: str) -> list[dict[str, Any]]:
    """What the check says is missing; it must end with exit code 1."""
    code, out, _ = shell.run("prompts", "check", *words, "--json")
    assert code == 1
    found: list[dict[str, Any]] = json.loads(out)
    return found


def recording(shell: Shell, language: str, **words: str) -> None:
    """Puts recordings under TOQUE_HOME, each of its words."""
    folder = shell.folder / "var" / "recordings" / language
    folder.mkdir(parents=True, exist_ok=True)
    for name in words:
        soundfile.write(folder / f"{name}.wav", hum(0.3).samples, 16_000)
    named = "".join(f'{name}.wav: "{said}"\n' for name, said in words.items())
    (folder / "words.yaml").write_text(named, encoding="utf-8")


def test_what_an_operator_has_not_recorded_of_a_flow_is_listed(shell: Shell) -> None:
    recording(shell, "pt-BR", hello="olá", bye="Até logo!", typo="Até lgo!")
    (found,) = lacking(shell, "lembrete", "--language", "pt-BR")
    assert found["language"] == "pt-BR"
    assert found["recorded"] == 2
    assert "Aqui é" in found["missing"]
    assert not {"Olá!", "Até logo!"} & set(found["missing"])
    assert found["unused"] == ["typo.wav"]
    said = shell.run("prompts", "check", "lembrete", "--language", "pt-BR")[1]
    assert "pt-BR: 2 sentences are recorded" in said
    assert "missing: Aqui é" in said
    assert "not a sentence of this flow: typo.wav" in said


def test_a_flow_that_is_recorded_whole_lacks_nothing(shell: Shell) -> None:
    (found,) = lacking(shell, "by-hand/ligacao-manual", "--language", "pt-BR")
    recording(shell, "pt-BR", **{f"n{at}": said for at, said in enumerate(found["missing"])})
    (found,) = shell.json("prompts", "check", "by-hand/ligacao-manual", "--language", "pt-BR")
    assert (found["missing"], found["unused"]) == ([], [])
    others = lacking(shell, "by-hand/ligacao-manual")
    assert {one["language"] for one in others} > {"pt-BR"}


def test_a_language_that_the_flow_does_not_speak_and_a_broken_list_are_refused(shell: Shell) -> None:
    assert "does not speak xx-XX" in shell.refused("prompts", "check", "lembrete", "--language", "xx-XX")[1]
    recording(shell, "pt-BR", hello="olá")
    (shell.folder / "var" / "recordings" / "pt-BR" / "hello.wav").unlink()
    assert "hello.wav" in shell.refused("prompts", "check", "lembrete")[1]
