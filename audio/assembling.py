"""Pieces of speech set one after another, with pauses between them: copies of memory.

All pieces are 8 kHz telephone sound already. Nothing is decoded or synthesised here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from audio.sound import Sound
from audio.wave_file import SILENCE, pcm16
from audio.waveform import RATE


@dataclass(frozen=True, slots=True)
class Piece:
    """A sound, and the seconds of silence after it (0: the next one follows in the same breath)."""

    sound: Sound
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Take:
    """The same as µ-law bytes."""

    mulaw: bytes
    pause: float = 0.0


def joined(pieces: Iterable[Piece]) -> Sound:
    """One sound. The pause after the last piece is left out, so that keys are awaited at once."""
    parts: list[np.ndarray] = [np.zeros(0, np.int16)]
    for piece in pieces:
        parts += (pcm16(piece.sound.samples), np.zeros(_samples(piece.pause), np.int16))
    return Sound(np.concatenate(parts[:-1] or parts).astype(np.float32) / 32768, RATE)


def spliced(takes: Iterable[Take]) -> bytes:
    """The same of µ-law bytes."""
    parts: list[bytes] = []
    for take in takes:
        parts += (take.mulaw, SILENCE * _samples(take.pause))
    return b"".join(parts[:-1])


def _samples(pause: float) -> int:
    return round(pause * RATE)
