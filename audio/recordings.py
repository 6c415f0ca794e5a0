"""An operator's own recordings: a folder of WAV files, and a YAML list of the words that each of them says.

First in every chain, so that a recorded sentence always wins. Reads files; records nothing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import soundfile
import yaml

from audio import words
from audio.sound import Sound

INDEX = "words.yaml"


class RecordingsEngine:
    """`{folder}/{language}/words.yaml` maps file names to the sentence each says."""

    name = "recordings"

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, dict[str, Path]] = {}
        self._revision: dict[str, str] = {}
        for index in sorted(folder.glob(f"*/{INDEX}")):
            self._read(index)

    def _read(self, index: Path) -> None:
        named = yaml.safe_load(index.read_text(encoding="utf-8")) or {}
        if not isinstance(named, dict):
            raise ValueError(f'{index} must map file names to words, such as `hello.wav: "Hello!"`.')
        files = {words.key(str(text)): index.parent / str(name) for name, text in named.items()}
        missing = sorted(path.name for path in files.values() if not path.is_file())
        if missing:
            raise ValueError(f"{index} names files that are not there: {', '.join(missing)}. Add or remove them.")
        stamps = [(key, path.stat().st_size, path.stat().st_mtime_ns) for key, path in sorted(files.items())]
        language = index.parent.name
        self._files[language] = files
        self._revision[language] = hashlib.sha256(repr(stamps).encode()).hexdigest()[:12]

    def files(self, language: str) -> dict[str, Path]:
        """The recordings of a language: the key of the words that each says -> its file."""
        return dict(self._files.get(language, {}))

    def identity(self, language: str) -> str:
        """What the cache key must change with."""
        return f"recordings/{self._revision.get(language, 'none')}"

    def can(self, language: str, *, private: bool) -> bool:
        """Whether anything is recorded in the language."""
        return language in self._files

    def speak(self, text: str, language: str) -> Sound | None:
        """The recording of exactly these words, mixed down to mono, or None."""
        path = self._files.get(language, {}).get(words.key(text))
        if path is None:
            return None
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return Sound(samples.mean(axis=1), int(rate))
