from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import wave_file, waveform
from audio.packs.index import Pack, covering
from audio.packs.pack import PackEngine, sound
from audio.packs.render import pack
from audio.pauses import CLAUSE_PAUSE, FIGURE_PAUSE, GROUP_PAUSE, SENTENCE_PAUSE
from audio.prompts import PromptStore
from tests.audio.voices import Hummer, Said, hum

LINES = {"olá": 0.4, "duzentos": 0.5, "e trinta reais": 0.7, "e": 0.2, "trinta": 0.4, "trinta reais": 0.6}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small rendered pack, of hummed lines."""
    studio, target = tmp_path_factory.mktemp("studio"), tmp_path_factory.mktemp("packs")
    spoken = {}
    for number, (key, seconds) in enumerate(LINES.items()):
        spoken[key] = studio / f"{number}.flac"
        sound = hum(seconds, 24_000)
        soundfile.write(spoken[key], np.pad(sound.samples, 8000), sound.rate)
    pack("pt-BR", spoken, target)
    return target


def test_a_packed_line_comes_back_levelled_and_as_long_as_it_was(folder: Path) -> None:
    loaded = Pack.load(folder / "pt-BR.json")
    for key, seconds in LINES.items():
        piece = sound(loaded, key)
        assert piece.seconds == pytest.approx(seconds, abs=0.06)
        assert waveform.speech_level(piece.samples) == pytest.approx(-26, abs=1)


def test_the_fewest_pieces_win(folder: Path) -> None:
    loaded = Pack.load(folder / "pt-BR.json")
    assert loaded.cover(("duzentos", "e", "trinta", "reais")) == ["duzentos", "e trinta reais"]
    assert loaded.cover(("olá", "trinta")) == ["olá", "trinta"]
    assert loaded.cover(("duzentos", "dólares")) is None
    assert loaded.cover(()) == []


def test_an_engine_says_what_it_has_and_nothing_else(folder: Path) -> None:
    engine = PackEngine(folder)
    heard = engine.speak("Duzentos e trinta reais.", "pt-BR")
    assert heard is not None
    assert heard.seconds == pytest.approx(1.2, abs=0.15)
    assert engine.speak("Olá, Ana!", "pt-BR") is None
    assert engine.speak("...", "pt-BR") is None
    assert engine.speak("hello", "xx") is None
    assert not engine.can("xx", private=False)


def test_sentences_and_clauses_are_set_apart(folder: Path) -> None:
    engine = PackEngine(folder)
    run, clauses, sentences = (engine.speak(text, "pt-BR") for text in ("olá e", "olá, e", "Olá! E"))
    assert run is not None
    assert clauses is not None
    assert sentences is not None
    assert clauses.seconds == pytest.approx(run.seconds + 0.18, abs=0.01)
    assert sentences.seconds == pytest.approx(run.seconds + 0.35, abs=0.01)


def test_a_number_that_is_read_out_gets_room_around_each_figure_and_more_between_its_groups() -> None:
    lines = {key: (0, 800) for key in ("um", "dois", "dois reais")}
    pack = Pack(Path("none"), "", 8000, lines, longest=2, figures=frozenset({"um", "dois"}))
    assert covering(pack, "um dois, um") == [
        ("um", FIGURE_PAUSE),
        ("dois", GROUP_PAUSE),
        ("um", SENTENCE_PAUSE),
    ]
    assert covering(pack, "um, dois reais") == [("um", CLAUSE_PAUSE), ("dois reais", SENTENCE_PAUSE)]


async def test_a_missing_word_is_left_to_the_next_engine(folder: Path, tmp_path: Path) -> None:
    store = PromptStore(tmp_path, [PackEngine(folder), Hummer("next")])
    prompt = await store.render("pt-BR", [Said("Olá!"), Said("Zuleica", "name")])
    assert wave_file.read(store.open(prompt.hash) or b"").info.voice == "pack+next"


def test_a_new_pack_is_a_new_voice(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "pt-BR.json"
    other.write_text((folder / "pt-BR.json").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert PackEngine(folder).identity("pt-BR") != PackEngine(tmp_path).identity("pt-BR")


@pytest.mark.parametrize("text", ["", "[]", '{"lines": {"olá": 3}}'])
def test_a_broken_index_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "pt-BR.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"pt-BR\.json is not the index"):
        PackEngine(tmp_path)


def test_the_languages_of_the_demo_are_shipped() -> None:
    assert {"pt-BR", "en-US", "fr-FR"} <= set(PackEngine().languages)
