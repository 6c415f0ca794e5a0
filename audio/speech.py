"""Engines in a chain: the first that can say a text says it.

The chain blocks while it speaks; whoever awaits uses a thread. It knows no file and no cache.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from audio import espeak, kokoro
from audio.google import GttsEngine
from audio.packs.pack import PackEngine
from audio.recordings import RecordingsEngine
from audio.sound import Sound

_log = logging.getLogger(__name__)


class SpeechError(Exception):
    """No engine of the chain could say a text. The message holds no personal words."""


class Engine(Protocol):
    """Something that turns words into sound."""

    @property
    def name(self) -> str:
        """Its name in settings and in the files it makes."""

    def identity(self, language: str) -> str:
        """Engine, voice and revision: a different text whenever the same words would sound different."""

    def can(self, language: str, *, private: bool) -> bool:
        """Whether to ask it at all: the language, and words that only concern one person."""

    def speak(self, text: str, language: str) -> Sound | None:
        """The words spoken, at any rate and level; None when it cannot say them."""


def speak(engines: Sequence[Engine], text: str, language: str, *, private: bool) -> tuple[Sound, str]:
    """The words by the first engine that can, and its name. Raises SpeechError when none can."""
    for engine in engines:
        if engine.can(language, private=private) and (sound := engine.speak(text, language)) is not None:
            return sound, engine.name
    what = f"{len(text)} characters of a person's own words" if private else repr(text)
    raise SpeechError(
        f"Nothing can say {what} in {language}; asked: {', '.join(e.name for e in engines) or 'no engine'}."
        " Install toque[voices], or name another engine in TOQUE_SPEECH_ENGINES."
    )


def identity(engines: Iterable[Engine], language: str) -> str:
    """What a cached file depends on besides its words."""
    return "+".join(engine.identity(language) for engine in engines)


def chain(names: Sequence[str], *, home: Path) -> tuple[Engine, ...]:
    """The engines of a setting, in order, after the operator's own recordings under `{home}/recordings`.

    One whose packages are not installed is left out with a warning. Raises ValueError for an unknown name.
    """
    unknown = [name for name in names if name not in _MAKERS]
    if unknown:
        raise ValueError(f"Unknown speech engine {', '.join(unknown)}. Choose among {', '.join(_MAKERS)}.")
    made = (_MAKERS[name](home) for name in names)
    return (RecordingsEngine(home / "recordings"), *(engine for engine in made if engine is not None))


def _if_installed(name: str, extra: str, installed: bool, make: Callable[[], Engine]) -> Engine | None:
    if installed:
        return make()
    _log.warning("Speech engine %s is not installed and is left out. Run: pip install 'toque[%s]'", name, extra)
    return None


_MAKERS: dict[str, Callable[[Path], Engine | None]] = {
    "pack": lambda home: PackEngine(home / "packs"),
    "kokoro": lambda home: _if_installed("kokoro", "studio", kokoro.installed(), kokoro.KokoroEngine),
    "espeak": lambda home: _if_installed("espeak", "voices", espeak.installed(), espeak.EspeakEngine),
    "gtts": lambda home: GttsEngine(),
}
