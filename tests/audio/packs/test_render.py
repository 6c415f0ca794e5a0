import json
from pathlib import Path

import pytest
import soundfile

from audio.packs import lexicon, render
from audio.packs.index import Pack
from audio.packs.pack import PackEngine
from audio.sound import Sound
from tests.audio.voices import Hummer, files

HAND = "language: pt-BR\nnumbers: ['{1..3} reais']\nwords: ['e,']\ndates: []\nnames: [[Ana, Bruno]]\nphrases: []\n"
NOTHING_ELSE = "numbers: []\ndates: []\nnames: []\n"


@pytest.fixture
def voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hummer:
    """A hummed voice in place of the neural one, and a small data file."""
    hummer = Hummer()
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "pt-BR.yaml").write_text(HAND, encoding="utf-8")
    monkeypatch.setattr(lexicon, "FOLDER", tmp_path / "phrases")
    monkeypatch.setattr(render, "installed", lambda: True)
    monkeypatch.setattr(render, "KokoroEngine", lambda threads: hummer)
    return hummer


def test_lines_are_spoken_once_and_packed(tmp_path: Path, voice: Hummer, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "packs"
    render.main(["pt-BR", "--work", str(tmp_path / "studio"), "--to", str(target)])
    assert voice.asked == ["um reais", "dois reais", "três reais", "e,", "Ana", "Bruno"]
    assert "pt-BR.json" in capsys.readouterr().out
    assert PackEngine(target).covers("Ana e Bruno", "pt-BR")
    render.main(["pt-BR", "--work", str(tmp_path / "studio"), "--to", str(target)])
    assert len(voice.asked) == 6


def test_a_changed_phrase_costs_only_itself(tmp_path: Path, voice: Hummer) -> None:
    render.speak_all("pt-BR", tmp_path / "studio")
    lexicon.keep_phrases("pt-BR", ["Olá! Aqui é"])
    voice.asked.clear()
    render.speak_all("pt-BR", tmp_path / "studio")
    assert voice.asked == ["Olá!", "Aqui é,"]


def test_a_line_that_goes_on_is_spoken_before_other_words_and_cut_there(
    tmp_path: Path, voice: Hummer, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = (
        "followed_by: Camila.\nwords: ['e…', 'mais,']\nnumbers: []\ndates: []\nnames: []\nphrases: [Olá! Aqui é]\n"
    )
    (tmp_path / "phrases" / "pt-BR.yaml").write_text(going_on, encoding="utf-8")
    cut: list[tuple[int, int]] = []

    def half(whole: Sound, tail: Sound) -> Sound:
        cut.append((len(whole.samples), len(tail.samples)))
        return Sound(whole.samples[: len(whole.samples) // 2], whole.rate)

    monkeypatch.setattr(render, "without_tail", half)
    spoken = render.speak_all("pt-BR", tmp_path / "studio")
    assert voice.asked == ["Olá!", "Aqui é Camila.", "Camila.", "e Camila.", "mais,"]
    assert len(cut) == 2
    assert soundfile.info(spoken["aqui é"]).frames == cut[0][0] // 2


def test_other_words_after_a_line_make_another_piece(
    tmp_path: Path, voice: Hummer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "without_tail", lambda whole, _tail: whole)
    kept = []
    for tail in ("Camila.", "Paula."):
        going_on = f"followed_by: {tail}\nwords: ['e…']\nphrases: []\n" + NOTHING_ELSE
        (tmp_path / "phrases" / "pt-BR.yaml").write_text(going_on, encoding="utf-8")
        kept.append(render.speak_all("pt-BR", tmp_path / "studio")["e"])
    assert kept[0] != kept[1]


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, voice: Hummer) -> None:
    spoken = render.speak_all("pt-BR", tmp_path / "studio")
    spoken["ana"].unlink()
    voice.asked.clear()
    render.speak_all("pt-BR", tmp_path / "studio")
    assert voice.asked == ["Ana"]
    assert len(files(tmp_path / "studio")) == 6


def common_names(folder: Path, *names: str) -> None:
    """Writes a list of common names for the small data file."""
    (folder / "phrases" / "names").mkdir()
    (folder / "phrases" / "names" / "pt-BR.yaml").write_text(f"names: [[{', '.join(names)}]]\n", encoding="utf-8")


def test_a_name_is_found_with_or_without_its_accents(tmp_path: Path, voice: Hummer) -> None:
    common_names(tmp_path, "João", "Ana", "Antônio")
    render.main(["pt-BR", "--work", str(tmp_path / "studio"), "--to", str(tmp_path)])
    assert voice.asked[-2:] == ["João", "Antônio"]
    pack = Pack.load(tmp_path / "pt-BR.json")
    assert pack.lines["joao"] == pack.lines["joão"] != pack.lines["antonio"]
    assert PackEngine(tmp_path).covers("ANTONIO e Joao", "pt-BR")


def test_a_small_pack_takes_only_the_commonest_names(tmp_path: Path, voice: Hummer) -> None:
    common_names(tmp_path, "Maria", "Ana", "Zilda", "Bruno")
    render.main(["pt-BR", "--names", "2", "--work", str(tmp_path / "studio"), "--to", str(tmp_path)])
    assert "Zilda" not in voice.asked
    assert json.loads((tmp_path / "pt-BR.json").read_text(encoding="utf-8"))["first_names"] == 2
    assert PackEngine(tmp_path).covers("Maria e Bruno", "pt-BR")


def test_progress_is_told_every_fifty_lines(tmp_path: Path, voice: Hummer) -> None:
    told: list[str] = []
    lexicon.keep_phrases("pt-BR", [f"Frase {'a' * count}." for count in range(1, 60)])
    render.speak_all("pt-BR", tmp_path / "studio", told.append)
    assert told == ["pt-BR: 50 of 65 lines"]


def test_without_the_neural_voice_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "installed", lambda: False)
    with pytest.raises(RuntimeError, match=r"toque\[studio\]"):
        render.speak_all("pt-BR", tmp_path)
