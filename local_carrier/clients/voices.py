"""The voices of simulated people: espeak-ng in one of several timbres, or tones where no voice is installed.

The prompts of a call have the voice of a pack; nobody here sounds like them. Speaking takes a thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools

import numpy as np

from audio import espeak
from audio.sound import Sound
from audio.waveform import to_telephone
from local_carrier.clients.frames import frames_of
from local_carrier.hearing import speech_seconds
from local_carrier.lines.outlet import RATE

TIMBRES = ("+f2", "+m3", "+f4", "+m1")  # variants of a voice that espeak-ng brings along
NOTE_SECONDS = 0.16
GAP_SECONDS = 0.06
NOTES = (196.0, 220.0, 247.0, 220.0)  # hertz; a hum that rises and falls
KEPT = 256  # utterances


class Voices:
    """Words to frames, each speaker in a timbre of their own; what was said before is kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], list[bytes]] = {}

    async def say(self, words: str, language: str, *, speaker: str) -> list[bytes]:
        """The words as frames; `speaker` (an address) decides the timbre."""
        timbre = TIMBRES[hashlib.sha256(speaker.encode()).digest()[0] % len(TIMBRES)]
        key = (words, language, timbre)
        if key not in self._kept:
            made = await asyncio.to_thread(_spoken, words, language, timbre)
            if len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = made
        return self._kept[key]


def _spoken(words: str, language: str, timbre: str) -> list[bytes]:
    voice = espeak.VOICES.get(language)
    if voice is None or not espeak.installed():
        return frames_of(hummed(words))
    return frames_of(to_telephone(espeak.library().speak(words, voice + timbre)))


def hummed(words: str) -> Sound:
    """A hum as long as the words would take: a note for each of a few syllables."""
    count = max(1, round(speech_seconds(words) / (NOTE_SECONDS + GAP_SECONDS)))
    at = np.arange(int(NOTE_SECONDS * RATE)) / RATE
    swell = np.sin(np.pi * at / NOTE_SECONDS)
    gap = np.zeros(int(GAP_SECONDS * RATE))
    hertz = itertools.islice(itertools.cycle(NOTES), count)
    notes = [0.1 * swell * np.sin(2 * np.pi * one * at) for one in hertz]
    return Sound(np.concatenate([piece for note in notes for piece in (note, gap)]).astype(np.float32), RATE)
