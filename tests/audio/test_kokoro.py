import sys
from pathlib import Path

import numpy as np
import pytest

from audio import kokoro
from audio.kokoro import KokoroEngine


class Network:
    """Stands in for the model: a tenth of a second of sound for each phoneme, and what it was fed."""

    def __init__(self) -> None:
        self.fed: list[dict[str, np.ndarray]] = []

    def run(self, _outputs: None, fed: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.fed.append(fed)
        return [np.full(2400 * (fed["tokens"].size - 2), 0.1, np.float32)]


@pytest.fixture
def engine() -> KokoroEngine:
    made = KokoroEngine(speed=0.9)
    made.__dict__["_session"] = Network()
    return made


def test_each_sentence_is_spoken_by_itself_with_the_style_of_its_length(engine: KokoroEngine) -> None:
    heard = engine.speak("Olá! Aqui é Ana.", "pt-BR")
    network: Network = engine.__dict__["_session"]
    assert heard is not None
    assert len(network.fed) == 2
    lengths = [fed["tokens"].size - 2 for fed in network.fed]
    assert heard.seconds == pytest.approx(sum(lengths) / 10 + kokoro.SENTENCE_GAP_SECONDS)
    for fed, length in zip(network.fed, lengths, strict=True):
        assert fed["tokens"][0, 0] == fed["tokens"][0, -1] == 0
        assert fed["style"].shape == (1, 256)
        assert np.array_equal(fed["style"][0], engine._style("pf_dora")[length])
        assert fed["speed"] == pytest.approx([0.9])


def test_tied_sounds_become_one_letter_of_the_models_alphabet(engine: KokoroEngine) -> None:
    engine.speak("two days", "en-US")
    alphabet = engine._alphabet
    fed = engine.__dict__["_session"].fed[0]["tokens"][0]
    assert alphabet["A"] in fed  # the diphthong of "days"
    assert alphabet["e"] not in fed


def test_a_language_without_a_voice_is_left_to_others(engine: KokoroEngine) -> None:
    assert engine.speak("hallo", "de-DE") is None
    assert not engine.can("de-DE", private=False)


def test_a_damaged_model_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "part.bin").write_bytes(b"not a model")
    monkeypatch.setattr("audio.kokoro.importlib.resources.files", lambda _name: tmp_path)
    monkeypatch.setitem(sys.modules, "onnxruntime", object())
    with pytest.raises(RuntimeError, match="damaged"):
        KokoroEngine().speak("Olá", "pt-BR")
