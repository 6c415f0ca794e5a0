"""Where audio files live: one file per distinct input, named by a keyed hash of it.

The name is safe in a URL and gives nothing away: with the installation's secret nobody can test whether a
name and an amount were ever spoken. Files appear whole (written apart, then renamed) and never change.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from audio.waveform import CHAIN_VERSION
from audio.words import PartLike

_HEX = frozenset("0123456789abcdef")
_HASH_CHARS = 32


class AudioCache:
    """`{home}/audio/{hash[:2]}/{hash}.wav`. Any number of processes may share it."""

    def __init__(self, home: Path, *, secret: bytes = b"") -> None:
        self.folder = home / "audio"
        self._key = hashlib.blake2b(secret, digest_size=32).digest() if secret else b""

    def hash_of(self, voice: str, language: str, parts: Sequence[PartLike]) -> str:
        """32 hex digits, the same in every process with the same secret."""
        inputs = [CHAIN_VERSION, voice, language, [(part.kind, part.text) for part in parts]]
        text = json.dumps(inputs, ensure_ascii=False, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=_HASH_CHARS // 2, key=self._key).hexdigest()

    def path(self, digest: str) -> Path:
        """Where a file is or would be. Raises ValueError for anything but a hash (a path, say)."""
        if len(digest) != _HASH_CHARS or not _HEX.issuperset(digest):
            raise ValueError("Not the hash of an audio file: 32 lower-case hex digits are asked for.")
        return self.folder / digest[:2] / f"{digest}.wav"

    def open(self, digest: str) -> bytes | None:
        """The file's bytes, or None when there is none."""
        try:
            return self.path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def keep(self, digest: str, raw: bytes) -> Path:
        """Write a file whole. A second writer of the same hash replaces it by the same bytes."""
        path = self.path(digest)
        fresh = path.with_name(f".{digest}.{secrets.token_hex(4)}")
        try:
            with _created(fresh) as file:
                file.write(raw)
            os.replace(fresh, path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        return path


def _created(path: Path) -> BinaryIO:
    """A new file; its folder is made when it is the first one there."""
    try:
        return path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")
