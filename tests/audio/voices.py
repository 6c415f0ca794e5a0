"""Made-up engines for the tests of this folder: fast, local, and talkative about what they were asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from audio.sound import Sound


@dataclass(frozen=True)
class Said:
    """A part as the dialer hands it over."""

    text: str
    kind: str = "phrase"


@dataclass
class Hummer:
    """Hums 60 ms for each character, at 16 kHz; says nothing of what stands in `dumb`."""

    name: str = "hummer"
    revision: str = "1"
    local: bool = True
    dumb: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def identity(self, language: str) -> str:
        return f"{self.name}/{self.revision}"

    def can(self, language: str, *, private: bool) -> bool:
        return self.local or not private

    def speak(self, text: str, language: str) -> Sound | None:
        self.asked.append(text)
        if text in self.dumb:
            return None
        return hum(0.06 * len(text))


def hum(seconds: float, rate: int = 16_000, loudness: float = 0.1) -> Sound:
    """A voice-like tone: 150 Hz and harmonics with a slow wobble."""
    time = np.arange(int(seconds * rate)) / rate
    tone = sum(np.sin(2 * np.pi * 150 * n * time) / n for n in range(1, 12))
    return Sound((loudness * tone * (1 + 0.5 * np.sin(2 * np.pi * 4 * time))).astype(np.float32), rate)


def files(folder: Path) -> list[Path]:
    """Every file under a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]
