"""How a simulated person hears a `<Play>`: fetch the file as the carrier does, read its words from the metadata."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx

from local_carrier.lines.line import Sound

SECONDS_PER_WORD = 0.35
UNKNOWN_AUDIO_SECONDS = 5.0
KEPT_BYTES = 32 * 1024 * 1024


class NotAudio(ValueError):
    """An answer that is no audio the carrier can play (12300)."""


def speech_seconds(words: str) -> float:
    """Return how long a voice needs for these words, about 170 words a minute."""
    return max(0.5, len(words.split()) * SECONDS_PER_WORD)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield RIFF chunks as (id, content); stops at the first that is cut short."""
    at = 0
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def read_wav(data: bytes) -> Sound:
    """Return a WAV file's words (INFO/ICMT), language (INFO/ILNG) and seconds (data bytes by the format's rate)."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise NotAudio("the file does not begin with a RIFF/WAVE header")
    bytes_per_second, length, info = 0, 0, {}
    for name, content in chunks(data[12:]):
        if name == b"fmt " and len(content) >= 12:
            bytes_per_second = struct.unpack_from("<I", content, 8)[0]
        elif name == b"data":
            length = len(content)
        elif name == b"LIST" and content[:4] == b"INFO":
            info = {key: text.rstrip(b"\0").decode("utf-8", "replace") for key, text in chunks(content[4:])}
    if not bytes_per_second:
        raise NotAudio("the WAV file has no format chunk")
    return Sound(info.get(b"ICMT", ""), info.get(b"ILNG", ""), length / bytes_per_second)


@dataclass(slots=True)
class _Kept:
    sound: Sound
    etag: str | None
    fresh: bool


class Media:
    """Fetches audio by GET and keeps it as Twilio's cache does: by ETag, asked again only when told to."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._kept: dict[str, _Kept] = {}
        self._files: dict[str, bytes] = {}
        self._bytes = 0

    def raw(self, url: str) -> bytes:
        """Return a file that was fetched, for a recording; nothing when it is no longer at hand."""
        return self._files.get(url, b"")

    def _keep(self, url: str, content: bytes) -> None:
        self._bytes += len(content) - len(self._files.pop(url, b""))
        self._files[url] = content
        while self._bytes > KEPT_BYTES and len(self._files) > 1:
            self._bytes -= len(self._files.pop(next(iter(self._files))))

    async def fetch(self, url: str) -> Sound:
        """Return the sound at this address; httpx.HTTPError or NotAudio when there is none."""
        kept = self._kept.get(url)
        if kept is not None and kept.fresh:
            return kept.sound
        headers = {"If-None-Match": kept.etag} if kept is not None and kept.etag else {}
        response = await self._http.get(url, headers=headers, follow_redirects=True, timeout=15.0)
        if response.status_code == 304 and kept is not None:
            return kept.sound
        response.raise_for_status()
        sound = replace(self._read(response), url=url)
        if response.content[:4] == b"RIFF":
            self._keep(url, response.content)
        control = response.headers.get("cache-control", "")
        fresh = "no-cache" not in control and "no-store" not in control
        self._kept[url] = _Kept(sound, response.headers.get("etag"), fresh and bool(control))
        return sound

    @staticmethod
    def _read(response: httpx.Response) -> Sound:
        kind = response.headers.get("content-type", "").split(";")[0]
        if not kind.startswith("audio/"):
            raise NotAudio(f"content type {kind or '(none)'} is not audio")
        if response.content[:4] == b"RIFF":
            return read_wav(response.content)
        return Sound("", "", UNKNOWN_AUDIO_SECONDS)
