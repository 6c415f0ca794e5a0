import io
from pathlib import Path

import pytest
import requests
import soundfile
from gtts import gTTSError

from audio.google import GttsEngine
from audio.prompts import PromptStore
from tests.audio.voices import Hummer, Said, files, hum

ASKED: list[str] = []


class GivesSpeech:
    """Stands in for gtts.gTTS and hands out a real MP3."""

    def __init__(self, text: str, **options: object) -> None:
        ASKED.append(text)
        self.options = options

    def write_to_fp(self, file: io.BytesIO) -> None:
        assert self.options["timeout"]
        soundfile.write(file, hum(1.0, 24_000).samples, 24_000, format="MP3", subtype="MPEG_LAYER_III")


class Blocked(GivesSpeech):
    def write_to_fp(self, file: io.BytesIO) -> None:
        file.write(b"half")
        raise gTTSError("429 (Too Many Requests) from TTS API")


class Hangs(GivesSpeech):
    def write_to_fp(self, file: io.BytesIO) -> None:
        raise requests.ReadTimeout("read timed out")


class Garbage(GivesSpeech):
    def write_to_fp(self, file: io.BytesIO) -> None:
        file.write(b"<html>")


@pytest.fixture(autouse=True)
def _forget() -> None:
    ASKED.clear()


def test_a_fixed_phrase_is_fetched_and_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gtts.gTTS", GivesSpeech)
    heard = GttsEngine().speak("Olá!", "pt-BR")
    assert heard is not None
    assert heard.rate == 24_000
    assert heard.seconds == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("fault", [Blocked, Hangs, Garbage])
def test_any_failure_lets_the_next_engine_speak(monkeypatch: pytest.MonkeyPatch, fault: type) -> None:
    monkeypatch.setattr("gtts.gTTS", fault)
    assert GttsEngine().speak("Olá!", "pt-BR") is None


@pytest.mark.parametrize("fault", [Blocked, Hangs, Garbage])
async def test_a_failure_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type) -> None:
    monkeypatch.setattr("gtts.gTTS", fault)
    store = PromptStore(tmp_path, [GttsEngine()])
    assert (await store.render_many([("pt-BR", [Said("Olá!")])])).failed == 1
    assert files(tmp_path) == []


async def test_personal_words_never_go_to_google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gtts.gTTS", GivesSpeech)
    store = PromptStore(tmp_path, [GttsEngine(), Hummer()])
    kinds = ["name", "amount", "date", "number", "digits"]
    await store.render("pt-BR", [Said("Olá!"), *(Said(f"segredo {kind}", kind) for kind in kinds)])
    assert ASKED == ["Olá!"]
