"""What comes out of one leg: frames of its sound, and the words of what it says. Passes on; keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

RATE = 8000  # samples a second, as on the telephone (ITU-T G.711)
FRAME_SECONDS = 0.02  # what telephony packs into one packet (RFC 3551, section 4.2)
FRAME_SAMPLES = 160
FRAME_BYTES = 2 * FRAME_SAMPLES  # 16-bit little-endian PCM, mono


class Ear(Protocol):
    """Whoever hears a leg. Neither may wait: all others of the bridge hear after it."""

    def hears(self, source: Outlet, frame: bytes) -> None:
        """Take in one frame."""

    def reads(self, words: str, language: str) -> None:
        """Take in the words of what is being said."""


class Outlet:
    """One leg's mouth. `real`: somebody really speaks there, in real time."""

    def __init__(self) -> None:
        self.real = False
        self._ears: list[Ear] = []

    @contextmanager
    def heard_by(self, ear: Ear) -> Iterator[None]:
        """Let this ear hear the leg for the length of the block."""
        self._ears.append(ear)
        try:
            yield
        finally:
            self._ears.remove(ear)

    def speak(self, frame: bytes) -> None:
        """Give one frame to everybody who hears."""
        for ear in tuple(self._ears):
            ear.hears(self, frame)

    def say(self, words: str, language: str) -> None:
        """Give the words of what is being said."""
        for ear in tuple(self._ears):
            ear.reads(words, language)
