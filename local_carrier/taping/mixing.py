"""Events of a call to samples: files as they were played, tones of keys, a murmur where only words are known. Pure.

Tells which words a recording holds, so that a test can look for what must not be in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from audio import wave_file
from local_carrier.lines.line import AudibleKind, Sound, cut
from local_carrier.taping.tones import RATE, Samples, tone

MURMUR_HERTZ = {"played": 220.0, "speech": 140.0}


@dataclass(frozen=True, slots=True)
class Audible:
    """Something that was on the line: from when, for how many seconds; `raw` is the file that was played."""

    kind: AudibleKind
    at: datetime
    seconds: float
    sound: Sound
    raw: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class Span:
    """A stretch of a recording; a silent one is a pause that is kept as silence. `end` is None while it lasts."""

    start: datetime
    end: datetime | None = None
    silent: bool = False

    def seconds(self, now: datetime) -> float:
        """Return its length so far."""
        return ((self.end or now) - self.start).total_seconds()


def mixed(spans: Sequence[Span], events: Sequence[Audible], now: datetime, *, channels: int) -> list[Samples]:
    """Return one array a channel: everything together, or the far end and what it was played apart."""
    total = round(sum(span.seconds(now) for span in spans) * RATE)
    tracks = {kind: np.zeros(total, np.float32) for kind in ("there", "here")}
    offset = 0.0
    for span in spans:
        for event in events if not span.silent else ():
            _lay(tracks["here" if event.kind == "played" else "there"], event, span, (offset, now))
        offset += span.seconds(now)
    if channels == 2:
        return [tracks["there"], tracks["here"]]
    return [np.clip(tracks["there"] + tracks["here"], -1.0, 1.0)]


def words_of(spans: Sequence[Span], events: Sequence[Audible], now: datetime) -> str:
    """Return the words that were said to the far end while the recording ran, cut where it was paused."""
    heard = []
    for span in spans:
        for event in events if not span.silent else ():
            begin, end = _overlap(event, span, now)
            if event.kind == "played" and begin < end:
                heard.append(cut(event.sound, begin, end))
    return " ".join(words for words in heard if words)


def _overlap(event: Audible, span: Span, now: datetime) -> tuple[float, float]:
    begin = max(0.0, (span.start - event.at).total_seconds())
    return begin, min(event.seconds, ((span.end or now) - event.at).total_seconds())


def _lay(track: Samples, event: Audible, span: Span, place: tuple[float, datetime]) -> None:
    offset, now = place
    begin, end = _overlap(event, span, now)
    if begin >= end:
        return
    samples = _samples(event)[round(begin * RATE) : round(end * RATE)]
    at = round((offset + max(0.0, (event.at - span.start).total_seconds())) * RATE)
    room = max(0, len(track) - at)
    track[at : at + len(samples)] += samples[:room]


def _samples(event: Audible) -> Samples:
    if event.kind == "key":
        return tone(event.sound.words)
    if event.raw:
        try:
            sound = wave_file.read(event.raw).sound()
            return _at_rate(np.asarray(sound.samples, np.float32), sound.rate)
        except ValueError:
            return _murmur(event)
    return _murmur(event)


def _at_rate(samples: Samples, rate: int) -> Samples:
    if rate == RATE:
        return samples
    at = np.arange(int(len(samples) * RATE / rate)) * (rate / RATE)
    return np.asarray(np.interp(at, np.arange(len(samples)), samples), np.float32)


def _murmur(event: Audible) -> Samples:
    count = round(event.seconds * RATE)
    if event.kind == "played" and not event.sound.words:
        return np.zeros(count, np.float32)
    at = np.arange(count) / RATE
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 2.9 * at)
    return np.asarray(0.1 * swell * np.sin(2 * np.pi * MURMUR_HERTZ[event.kind] * at), np.float32)
