"""Sound cut into frames of 20 ms and put together again: 8 kHz, mono, 16-bit. Pure."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np
import soxr

from audio import wave_file
from audio.sound import Sound
from local_carrier.lines.outlet import FRAME_BYTES, FRAME_SAMPLES, RATE, Outlet

MOST_BEHIND = 25  # frames, half a second: who is further behind hears the newest, not the oldest
FULL_SCALE = 32767


def frames_of(sound: Sound) -> list[bytes]:
    """The frames of a sound at any rate; the last is filled up with silence."""
    samples = np.asarray(sound.samples, np.float64)
    if sound.rate != RATE:
        samples = soxr.resample(samples, sound.rate, RATE, quality="HQ")
    data = wave_file.pcm16(samples).astype("<i2").tobytes()
    cut = [data[at : at + FRAME_BYTES] for at in range(0, len(data), FRAME_BYTES)]
    return [frame.ljust(FRAME_BYTES, b"\0") for frame in cut]


def frames_in(raw: bytes) -> list[bytes]:
    """The frames of a WAV file. Raises ValueError for a format that the telephone does not play."""
    return frames_of(wave_file.read(raw).sound())


def level(frame: bytes) -> float:
    """How loud a frame is: root mean square against full scale, 0 to 1."""
    samples: Any = np.frombuffer(frame, "<i2").astype(np.float64)
    return math.sqrt(float(np.mean(samples**2))) / FULL_SCALE if len(samples) else 0.0


def mixed(frames: Iterable[bytes]) -> bytes:
    """Frames heard at once, held at full scale."""
    total = np.zeros(FRAME_SAMPLES, np.int32)
    for frame in frames:
        total += np.frombuffer(frame, "<i2")
    return bytes(np.clip(total, -FULL_SCALE, FULL_SCALE).astype("<i2").tobytes())


class Mixer:
    """What one listener is to hear: files one after another, and everybody who speaks, at once."""

    def __init__(self) -> None:
        self._files: deque[bytes] = deque()
        self._voices: dict[Outlet, deque[bytes]] = {}

    def plays(self, frames: Iterable[bytes]) -> None:
        """Queue a file behind those that are being played."""
        self._files.extend(frames)

    def speaks(self, source: Outlet, frame: bytes) -> None:
        """Queue what somebody says."""
        self._voices.setdefault(source, deque(maxlen=MOST_BEHIND)).append(frame)

    def stops_files(self) -> None:
        """Play no more of the files that were queued."""
        self._files.clear()

    def forgets_voices(self) -> None:
        """Whoever spoke so far is heard no more."""
        self._voices.clear()

    def next(self) -> bytes | None:
        """The next frame; None while there is nothing to hear."""
        queues = [queue for queue in (self._files, *self._voices.values()) if queue]
        return mixed(queue.popleft() for queue in queues) if queues else None
