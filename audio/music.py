"""Music on hold: a calm piece of our own, computed, so that nobody's rights are in it.

Four soft chords, broken into slow notes over a held bass; it ends where it begins and may be looped.
"""

from __future__ import annotations

import numpy as np

from audio.sound import Samples, Sound
from audio.waveform import RATE, band_limited, levelled

WORDS = "(music)"
VERSION = 1
LEVEL_DBOV = -30.0  # under speech, so that an announcement stands out
_BAR_SECONDS, _NOTES_PER_BAR = 2.5, 8
_CHORDS = (  # semitones from A3 (220 Hz): I–vi–IV–V in D, voiced low enough for a telephone
    (5, 9, 12, 17),
    (2, 5, 9, 14),
    (-2, 5, 10, 14),
    (0, 4, 7, 12),
)
_PATTERN = (0, 1, 2, 3, 2, 1, 2, 1)


def hold_music() -> Sound:
    """20 seconds at 8 kHz, about −30 dBov."""
    bars = 2 * len(_CHORDS)
    note, length = _BAR_SECONDS / _NOTES_PER_BAR, int(bars * _BAR_SECONDS * RATE)
    whole = np.zeros(length)
    for bar in range(bars):
        chord = _CHORDS[bar % len(_CHORDS)]
        for step, voice in enumerate(_PATTERN):
            start = bar * _BAR_SECONDS + step * note
            _add(whole, start, _plucked(chord[voice], 3 * note))
        _add(whole, bar * _BAR_SECONDS, 0.5 * _plucked(chord[0] - 12, _BAR_SECONDS))
    return Sound(levelled(band_limited(whole), LEVEL_DBOV).astype(np.float32), RATE)


def _plucked(semitones: int, seconds: float) -> Samples:
    """A soft string: four harmonics that die away, the higher the sooner."""
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = 220.0 * 2 ** (semitones / 12)
    tone = sum(np.sin(2 * np.pi * pitch * n * time) * np.exp(-time * (1.2 + n)) / n**1.5 for n in (1, 2, 3, 4))
    return np.asarray(tone * np.minimum(1, time / 0.02) * np.minimum(1, (seconds - time) / 0.1))


def _add(whole: Samples, start_seconds: float, tone: Samples) -> None:
    """Mix a tone in; what runs over the end goes on at the beginning, so the loop has no seam."""
    at = (int(start_seconds * RATE) + np.arange(len(tone))) % len(whole)
    np.add.at(whole, at, tone)
