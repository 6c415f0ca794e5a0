"""Pieces of speech set one after another, with pauses between them.

All pieces are 8 kHz telephone sound already; pydub joins them. Nothing is synthesised here.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from audio.sound import Samples, Sound
from audio.wave_file import pcm16
from audio.waveform import RATE

with warnings.catch_warnings():  # pydub warns at import when there is no ffmpeg; only PCM is joined here
    warnings.simplefilter("ignore")
    from pydub import AudioSegment


@dataclass(frozen=True, slots=True)
class Piece:
    """A sound, and the seconds of silence after it (0: the next one follows in the same breath)."""

    sound: Sound
    pause: float = 0.0


def joined(pieces: Iterable[Piece]) -> Sound:
    """One sound. The pause after the last piece is left out, so that keys are awaited at once."""
    whole = AudioSegment.empty()
    pause = 0.0
    for piece in pieces:
        if pause:
            whole += AudioSegment.silent(duration=round(pause * 1000), frame_rate=RATE)
        whole = _appended(whole, _segment(piece.sound.samples))
        pause = piece.pause
    return Sound(np.frombuffer(whole.raw_data, "<i2").astype(np.float32) / 32768, RATE)


def _appended(whole: Any, piece: Any) -> Any:
    return whole.append(piece, crossfade=0) if len(whole) else piece


def _segment(samples: Samples) -> Any:
    return AudioSegment(data=pcm16(samples).tobytes(), sample_width=2, frame_rate=RATE, channels=1)
