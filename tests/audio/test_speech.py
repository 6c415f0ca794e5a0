import logging
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import espeak, speech
from audio.recordings import RecordingsEngine
from tests.audio.voices import Hummer, hum


def test_the_first_engine_that_can_speaks() -> None:
    first, second = Hummer("first", dumb=("Olá",)), Hummer("second")
    assert speech.speak([first, second], "Olá", "pt-BR", private=False)[1] == "second"
    assert speech.speak([first, second], "Oi", "pt-BR", private=False)[1] == "first"


def test_private_words_pass_by_an_engine_that_is_not_local() -> None:
    remote, local = Hummer("remote", local=False), Hummer("local")
    assert speech.speak([remote, local], "Ana", "pt-BR", private=True)[1] == "local"
    assert remote.asked == []


def test_what_nobody_can_say_is_named_unless_it_is_private() -> None:
    mute = Hummer("mute", dumb=("Ana", "Olá"))
    with pytest.raises(speech.SpeechError, match=r"'Olá' in pt-BR; asked: mute"):
        speech.speak([mute], "Olá", "pt-BR", private=False)
    with pytest.raises(speech.SpeechError) as fault:
        speech.speak([mute], "Ana", "pt-BR", private=True)
    assert "Ana" not in str(fault.value)
    assert "TOQUE_SPEECH_ENGINES" in str(fault.value)


def test_a_chain_is_what_the_setting_names_after_own_recordings(tmp_path: Path) -> None:
    engines = speech.chain(["pack", "espeak", "gtts"], home=tmp_path)
    assert [engine.name for engine in engines] == ["recordings", "pack", "espeak", "gtts"]


def test_an_unknown_engine_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"festival.*pack, kokoro, espeak, gtts"):
        speech.chain(["pack", "festival"], home=tmp_path)


def test_an_engine_that_is_not_installed_is_left_out_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("audio.espeak.installed", lambda: False)
    with caplog.at_level(logging.WARNING):
        engines = speech.chain(["espeak"], home=tmp_path)
    assert [engine.name for engine in engines] == ["recordings"]
    assert "toque[voices]" in caplog.text


def test_the_identity_changes_with_any_engine_of_the_chain() -> None:
    one = speech.identity([Hummer("a"), Hummer("b")], "pt-BR")
    assert one != speech.identity([Hummer("a"), Hummer("b", revision="2")], "pt-BR")
    assert one != speech.identity([Hummer("b"), Hummer("a")], "pt-BR")


@pytest.mark.parametrize("language", ["pt-BR", "en-US", "fr-FR", "es"])
def test_espeak_speaks_every_language_at_once_from_many_threads(language: str) -> None:
    engine = espeak.EspeakEngine()
    heard = engine.speak("um, dois, três", language)
    assert heard is not None
    assert heard.seconds > 0.5
    assert float(np.abs(heard.samples).max()) > 0.05
    assert engine.speak("hello", "tlh") is None


def test_phonemes_keep_the_punctuation_that_carries_the_melody() -> None:
    ipa = espeak.library().phonemes("Hello, who is it?", "en-us")
    assert ipa.endswith("?")
    assert "," in ipa
    assert "o^ʊ" in ipa


def test_an_unknown_espeak_voice_is_named() -> None:
    with pytest.raises(ValueError, match="no voice 'nobody'"):
        espeak.library().speak("x", "nobody")


def _record(folder: Path, index: str) -> None:
    (folder / "pt-BR").mkdir(parents=True)
    soundfile.write(folder / "pt-BR" / "hello.wav", np.stack([hum(0.5, 44_100).samples] * 2, 1), 44_100)
    (folder / "pt-BR" / "words.yaml").write_text(index, encoding="utf-8")


def test_a_recording_is_played_for_its_words_and_no_others(tmp_path: Path) -> None:
    _record(tmp_path, 'hello.wav: "Olá! Aqui é"')
    engine = RecordingsEngine(tmp_path)
    heard = engine.speak("olá aqui é", "pt-BR")
    assert heard is not None
    assert (heard.rate, heard.samples.ndim) == (44_100, 1)
    assert engine.speak("Olá", "pt-BR") is None
    assert not engine.can("en-US", private=False)


def test_a_changed_recording_changes_the_identity(tmp_path: Path) -> None:
    _record(tmp_path, "hello.wav: Olá!")
    before = RecordingsEngine(tmp_path).identity("pt-BR")
    soundfile.write(tmp_path / "pt-BR" / "hello.wav", hum(0.7).samples, 16_000)
    assert RecordingsEngine(tmp_path).identity("pt-BR") != before


@pytest.mark.parametrize(("index", "message"), [("absent.wav: Olá!", "not there: absent.wav"), ("- x", "must map")])
def test_a_wrong_list_of_recordings_is_refused(tmp_path: Path, index: str, message: str) -> None:
    _record(tmp_path, index)
    with pytest.raises(ValueError, match=message):
        RecordingsEngine(tmp_path)
