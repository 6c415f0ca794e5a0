"""The two sounds of a prompt: the file that the carrier gets, and the studio's voice without a telephone.

The first is made by the product's own prompt store and engines, from an empty folder; the second is kept under a
work folder, since it takes most of a second of processor time for each second of speech.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from audio import speech, wave_file, words
from audio.kokoro import RATE, SENTENCE_GAP_SECONDS, KokoroEngine
from audio.prompts import PromptStore
from audio.sound import Samples, Sound
from audio.waveform import RATE as TELEPHONE_RATE
from audio.waveform import to_telephone
from dialer.settings import Settings
from ivr_flows.turn import Speech


@dataclass(frozen=True, slots=True)
class Heard:
    """The telephone file of a prompt as sound, and the engines that spoke it ("pack", "pack+espeak")."""

    sound: Sound
    voice: str


class Telephone:
    """Prompts as they go to the carrier: 8 kHz µ-law out of the shipped packs."""

    def __init__(self, home: Path) -> None:
        chosen = Settings.model_fields["speech_engines"].default
        self._prompts = PromptStore(home, speech.chain(chosen, home=home))

    async def sound(self, said: Speech) -> Heard:
        """The bytes of the file, decoded."""
        prompt = await self._prompts.render(said.language, said.parts)
        raw = self._prompts.open(prompt.hash)
        assert raw is not None, "a prompt that was just rendered has its file"
        file = wave_file.read(raw)
        return Heard(file.sound(), file.info.voice)


def narrowed(sound: Sound) -> Sound:
    """A sound at 8 kHz µ-law, as it is: what the telephone alone takes away, without pieces, joins and Opus."""
    pcm = wave_file.pcm16(to_telephone(sound).samples)
    return Sound(wave_file.decoded(wave_file.encoded(pcm)).astype("f4") / 32768, TELEPHONE_RATE)


class Studio:
    """The same words by the voice of the packs: whole sentences, 24 kHz, neither cut, joined nor coded.

    The folder is the one that packs are rendered in: what was spoken for them is not spoken again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._engine = folder, KokoroEngine(threads=1)

    def sound(self, said: Speech) -> Sound:
        """Sentence by sentence, as the engine itself would speak them, with its own pause between."""
        gap = np.zeros(int(SENTENCE_GAP_SECONDS * RATE), "f4")
        spoken = [self._sentence(each, said.language) for each in words.sentences(words.line(said.parts))]
        return Sound(np.concatenate([each for one in spoken for each in (one, gap)][:-1]), RATE)

    def _sentence(self, sentence: str, language: str) -> Samples:
        digest = hashlib.sha256(f"{self._engine.identity(language)}|{sentence}".encode()).hexdigest()[:20]
        path = self._folder / language / f"{digest}.flac"
        if not path.exists():
            spoken = self._engine.speak(sentence, language)
            assert spoken is not None, f"the studio has no voice for {language}"
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{os.getpid()}.part")
            soundfile.write(fresh, spoken.samples, spoken.rate, format="FLAC", subtype="PCM_16")
            fresh.replace(path)
        samples, _ = soundfile.read(path, dtype="float32")
        return np.asarray(samples)
