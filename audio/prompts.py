"""Prompts: the parts of an utterance become one file, found by the hash of its words.

`find` is for the voice turn: memory and one `stat`, never synthesis. `render` is for before the call. Sentences,
names and amounts are cached apart and joined, so that a list costs its names and its amounts, not its sentences.
"""

from __future__ import annotations

import asyncio
import os
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from audio import music, speech, wave_file, words
from audio.assembling import Take, spliced
from audio.cache import AudioCache
from audio.pauses import pause_between
from audio.sound import Sound
from audio.waveform import RATE, to_telephone
from audio.words import PartLike

_REMEMBERED = 50_000  # prompts in memory, about 300 bytes each
_SPOKEN_LATELY = 500  # segments in memory, about 15 kilobytes each
_AT_ONCE = 2  # syntheses side by side: they are processor time
_PIECE_PAD_SECONDS = 0.02

_Key = tuple[str | tuple[str, str], ...]
_Spoken = tuple[bytes, str]  # µ-law bytes, and who says it


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered utterance: the name of its file, its length, its words."""

    hash: str
    seconds: float
    words: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words that is spoken and cached by itself, and the silence after it."""

    text: str
    kind: str
    pause: float


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of rendering many: how many there are, how many could not be said, and the first reason."""

    prompts: int
    failed: int
    reason: str = ""


class PromptStore:
    """The prompts of one installation. Any number of processes may share the folder `{home}/audio`."""

    def __init__(self, home: Path, engines: Sequence[speech.Engine], *, secret: bytes = b"") -> None:
        self._cache = AudioCache(home, secret=secret)
        self._engines = tuple(engines)
        self._identities: dict[str, str] = {}
        self._known: dict[_Key, tuple[Prompt, str]] = {}  # with the file's path
        self._spoken_lately: dict[tuple[str, Segment], _Spoken] = {}
        self._under_way: dict[str, asyncio.Task[Prompt]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._one_by_one = [threading.Lock() for _ in range(256)]  # by the first byte of a segment's hash

    def hash_of(self, language: str, parts: Sequence[PartLike]) -> str:
        """The name that the utterance's file has, or would have."""
        if language not in self._identities:
            self._identities[language] = speech.identity(self._engines, language)
        return self._cache.hash_of(self._identities[language], language, parts)

    def find(self, language: str, parts: Sequence[PartLike]) -> Prompt | None:
        """The prompt if its file is there: one `stat` when it was met before, else one small read."""
        key: _Key = (language, *((part.kind, part.text) for part in parts))
        known = self._known.get(key)
        if known is not None and os.path.exists(known[1]):
            return known[0]
        digest = self.hash_of(language, parts)
        seconds = self._seconds(digest)
        return None if seconds is None else self._remember(key, Prompt(digest, seconds, words.line(parts)))

    async def render(self, language: str, parts: Sequence[PartLike]) -> Prompt:
        """The prompt, made if need be; the same one asked for twice at once is made once.

        Raises SpeechError when no engine can say a part: the caller then leaves the words to the carrier.
        """
        digest = self.hash_of(language, parts)
        if found := self.find(language, parts):
            return found
        if digest not in self._under_way:
            task = asyncio.create_task(self._make(digest, language, tuple(parts)))
            task.add_done_callback(lambda done: self._finish(digest, done))
            self._under_way[digest] = task
        return await asyncio.shield(self._under_way[digest])

    async def render_many(
        self,
        items: Iterable[tuple[str, Sequence[PartLike]]],
        progress: Callable[[int, int], None] | None = None,
    ) -> Rendered:
        """Render all items (language, parts), a few at a time; `progress` gets (done, total) after each.

        What cannot be said is counted, and the others go on.
        """
        distinct = {self.hash_of(language, parts): (language, parts) for language, parts in items}
        waiting = iter(distinct.values())
        reasons: list[str] = []
        done = 0

        async def work() -> None:
            nonlocal done
            for language, parts in waiting:
                try:
                    await self.render(language, parts)
                except speech.SpeechError as fault:
                    reasons.append(str(fault))
                done += 1
                if progress:
                    progress(done, len(distinct))

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
        return Rendered(len(distinct) - len(reasons), len(reasons), reasons[0] if reasons else "")

    async def music(self) -> Prompt:
        """Music on hold, computed at its first use (about a tenth of a second)."""
        piece = Segment(music.WORDS, "music", 0.0)
        digest = self._cache.hash_of(f"music/{music.VERSION}", "zxx", [piece])
        if (seconds := self._seconds(digest)) is None:
            sound = await asyncio.to_thread(music.hold_music)
            seconds = sound.seconds
            await asyncio.to_thread(self._keep, digest, sound, wave_file.Info(music.WORDS, "zxx", "toque"))
        return Prompt(digest, seconds, music.WORDS)

    def path(self, digest: str) -> Path | None:
        """The file of a hash, for the media route; None when there is none. Raises ValueError for a non-hash."""
        path = self._cache.path(digest)
        return path if path.is_file() else None

    def open(self, digest: str) -> bytes | None:
        """The bytes of that file: audio/wav, 8 kHz mono µ-law, words as metadata."""
        return self._cache.open(digest)

    def _remember(self, key: _Key, prompt: Prompt) -> Prompt:
        if len(self._known) >= _REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[key] = (prompt, str(self._cache.path(prompt.hash)))
        return prompt

    def _finish(self, digest: str, task: asyncio.Task[Prompt]) -> None:
        self._under_way.pop(digest, None)
        if not task.cancelled():
            task.exception()  # looked at here, so that it is not reported when the one who asked has left

    def _seconds(self, digest: str) -> float | None:
        """The length by the file's header, or None when there is no whole file."""
        try:
            with self._cache.path(digest).open("rb") as file:
                head = file.read(wave_file.HEADER_BYTES)
        except FileNotFoundError:
            return None
        if len(head) < wave_file.HEADER_BYTES or head[50:54] != b"data":
            return None
        return float(struct.unpack_from("<I", head, 54)[0] / RATE)

    async def _make(self, digest: str, language: str, parts: tuple[PartLike, ...]) -> Prompt:
        async with self._slots:
            return await asyncio.to_thread(self._assemble, digest, language, parts)

    def _assemble(self, digest: str, language: str, parts: tuple[PartLike, ...]) -> Prompt:
        raw, seconds = self.assembled(language, parts)
        self._cache.keep(digest, raw)
        return Prompt(digest, seconds, words.line(parts))

    def assembled(self, language: str, parts: Sequence[PartLike]) -> tuple[bytes, float]:
        """An utterance's file and its seconds, from segments that are kept or are spoken now. Raises SpeechError."""
        takes, voices = [], dict[str, None]()
        for segment in segments(parts):
            mulaw, voice = self._segment(segment, language)
            takes.append(Take(mulaw, segment.pause))
            voices[voice] = None
        if not takes:
            raise speech.SpeechError("An utterance without a word cannot be rendered; leave it out of the turn.")
        whole = spliced(takes)
        info = wave_file.Info(words.line(parts), language, "+".join(voices))
        return wave_file.write_raw(whole, info), len(whole) / RATE

    def _segment(self, segment: Segment, language: str) -> _Spoken:
        """A segment's telephone sound: remembered, or from its own file, or from an engine."""
        key = (language, segment)
        found = self._spoken_lately.pop(key, None) or self._kept_or_spoken(segment, language)
        self._spoken_lately[key] = found  # the last to go
        if len(self._spoken_lately) > _SPOKEN_LATELY:
            self._spoken_lately.pop(next(iter(self._spoken_lately)), None)
        return found

    def _kept_or_spoken(self, segment: Segment, language: str) -> _Spoken:
        digest = self.hash_of(language, [Segment(segment.text, f"segment/{segment.kind}", 0.0)])
        with self._one_by_one[int(digest[:2], 16)]:
            if raw := self._cache.open(digest):
                kept = wave_file.read(raw)
                return kept.mulaw, kept.info.voice
            return self._spoken(digest, segment, language)

    def _spoken(self, digest: str, segment: Segment, language: str) -> _Spoken:
        private = segment.kind != "phrase"
        spoken, voice = speech.speak(self._engines, segment.text, language, private=private)
        sound = to_telephone(spoken, pad=_PIECE_PAD_SECONDS)
        self._keep(digest, sound, wave_file.Info(segment.text, language, voice))
        return wave_file.encoded(wave_file.pcm16(sound.samples)), voice

    def _keep(self, digest: str, sound: Sound, info: wave_file.Info) -> None:
        self._cache.keep(digest, wave_file.write(sound, info))


def segments(parts: Sequence[PartLike]) -> list[Segment]:
    """Cut parts into what is spoken by itself: sentences of phrases; a name, an amount, a date as a whole."""
    cuts = [(text, part.kind) for part in parts for text in _cut(part.text, part.kind)]
    following = (*cuts[1:], ("", ""))
    found = (_segment_of(text, kind, after) for (text, kind), after in zip(cuts, following, strict=False))
    return [segment for segment in found if segment]


@lru_cache(maxsize=2048)
def _cut(text: str, kind: str) -> tuple[str, ...]:
    return tuple(words.sentences(text)) if kind == "phrase" else (text,)


@lru_cache(maxsize=4096)
def _segment_of(text: str, kind: str, following: tuple[str, str]) -> Segment | None:
    after, its_kind = following
    pause = pause_between(text, after, figures=its_kind == "digits")
    return Segment(text.strip(), kind, pause) if words.tokens(text) else None
