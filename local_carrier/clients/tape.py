"""What was really said on one side of a talk, laid down at the times it was said, for recordings. Keeps no words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np

from audio import wave_file
from audio.sound import Sound
from local_carrier.lines.outlet import FRAME_SAMPLES, RATE, Outlet

GAP_SECONDS = 0.1  # frames that come this much late or less belong together: it was the way, not a pause


LONGEST_SECONDS = 900  # 14 MB; what is said later in one talk is not kept


class Tape:
    """Runs from now on; hears any number of outlets."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()
        self._laid: list[tuple[int, bytes]] = []
        self._ends: dict[Outlet, int] = {}

    def of(self, outlets: Sequence[Outlet]) -> ExitStack:
        """Hear these outlets for the length of a block."""
        stack = ExitStack()
        for outlet in outlets:
            stack.enter_context(outlet.heard_by(self))
        return stack

    def hears(self, source: Outlet, frame: bytes) -> None:
        """Lay a frame down behind the one before, or where it belongs after a pause."""
        now = round((asyncio.get_running_loop().time() - self._began) * RATE)
        end = self._ends.get(source, 0)
        if end > LONGEST_SECONDS * RATE:
            return
        at = end if end and now - end < GAP_SECONDS * RATE else max(end, now)
        self._laid.append((at, frame))
        self._ends[source] = at + FRAME_SAMPLES

    def reads(self, words: str, language: str) -> None:
        """Words are kept elsewhere."""

    def wav(self) -> bytes:
        """Everything so far as a WAV file, without samples when nobody was heard."""
        total = np.zeros(max(self._ends.values(), default=0), np.float32)
        for at, frame in self._laid:
            total[at : at + FRAME_SAMPLES] += np.frombuffer(frame, "<i2").astype(np.float32) / 32768
        return wave_file.write(Sound(total, RATE), wave_file.Info("", ""))
