"""How fast a personal prompt of 13 seconds is put together from cached segments, beside the bare copy of its bytes.

Ours cuts the words, finds the segments, joins them with their pauses and makes a whole WAV file of them. Apart from
that it is told how long a prompt takes until its file is written, in the thread where this is done.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np

from audio.prompts import PromptStore, segments
from audio.sound import Sound
from audio.wave_file import SILENCE, read
from audio.waveform import RATE
from toque.bench.measuring import PASSES, Figure, Pass

T = TypeVar("T")

COUNT = 300
HERTZ = 220.0
NAMES = 20  # people for each pass; every prompt has an amount of its own
LANGUAGE = "pt-BR"


@dataclass(frozen=True, slots=True)
class Part:
    """A run of words, as the dialer hands it over."""

    text: str
    kind: str = "phrase"


class Tone:
    """An engine that sounds as long as its words are; what it says does not matter here."""

    name, local = "tone", True

    def identity(self, language: str) -> str:
        """Always the same."""
        return f"tone/{language}"

    def can(self, language: str, *, private: bool) -> bool:
        """Everything."""
        return True

    def speak(self, text: str, language: str) -> Sound:
        """Some 75 milliseconds a character."""
        span = np.arange(round(0.0755 * len(text) * RATE)) / RATE
        return Sound((0.1 * np.sin(2 * np.pi * HERTZ * span)).astype(np.float32), RATE)


def measure(scale: float) -> Figure:
    """Prompts in a second of processor time; more is better."""
    count = max(20, round(COUNT * scale))
    with tempfile.TemporaryDirectory(prefix="toque-bench-", dir="/tmp") as folder:
        passes, seconds, written = asyncio.run(_passes(Path(folder), count))
    more = {"seconds": round(seconds, 2), "written_µs": round(median(written))}
    return Figure(
        tuple(passes), count, "prompts per second of processor time", "the same bytes joined in memory", more
    )


async def _passes(folder: Path, count: int) -> tuple[list[Pass], float, list[float]]:
    """The passes, the seconds of a prompt, and the microseconds for each until its file stood there."""
    store = PromptStore(folder, [Tone()])
    found, written, seconds = [], [], 0.0
    for n in range(PASSES + 1):
        people = [_parts(n, one) for one in range(count)]
        for parts in people:
            _, seconds = store.assembled(LANGUAGE, parts)  # now the segments of everybody are kept
        bare = _rate(b"".join, [_pieces(store, people[0])] * count)
        found.append(Pass(floor=bare, value=_rate(lambda parts: store.assembled(LANGUAGE, parts), people)))
        begun = time.perf_counter()
        for parts in people:
            await store.render(LANGUAGE, parts)
        written.append((time.perf_counter() - begun) / count * 1e6)
    return found[1:], seconds, written[1:]


def _rate(act: Callable[[T], object], each: Sequence[T]) -> float:
    """How many in a second of processor time."""
    begun = time.process_time()
    for one in each:
        act(one)
    return len(each) / (time.process_time() - begun)


def _pieces(store: PromptStore, parts: list[Part]) -> list[bytes]:
    """The bytes of a prompt, cut as its segments are, with the silence between them."""
    cut = segments(parts)
    sounds = [read(store.assembled(LANGUAGE, [Part(one.text, one.kind)])[0]).mulaw for one in cut]
    pauses = [SILENCE * round(one.pause * RATE) for one in cut]
    return [piece for pair in zip(sounds, pauses, strict=True) for piece in pair]


def _parts(pass_: int, n: int) -> list[Part]:
    """What a reminder says: 5 sentences for everybody, a name, a creditor, an amount, a day."""
    return [
        Part("Olá! Aqui é a assistente virtual da"),
        Part("Lojas Horizonte.", "name"),
        Part(f"Pessoa {n % NAMES}", "name"),
        Part(", há um valor em aberto de"),
        Part(f"{100 + pass_} reais e {n} centavos", "amount"),
        Part(", vencido em"),
        Part(f"{n % 28 + 1} de fevereiro", "date"),
        Part(". Para ouvir de novo, tecle um."),
    ]
