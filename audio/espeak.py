"""espeak-ng by ctypes: the voice that is always there, and the phonemes of the neural voice.

The library keeps global state, so every call holds one lock. Speaking blocks for some milliseconds: callers
that run in an event loop use a thread.
"""

from __future__ import annotations

import ctypes
import importlib.util
import re
import threading
from functools import cache
from pathlib import Path

import numpy as np

from audio.sound import Sound

VOICES = {"pt-BR": "pt-br", "en-US": "en-us", "fr-FR": "fr", "es": "es-419"}
WORDS_PER_MINUTE = 150

_RETRIEVAL, _UTF8, _RATE, _IPA, _TIE = 1, 1, 1, 0x02, 0x80
_PIECE = re.compile(r"[^,.;:!?]+|[,.;:!?]+")
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def installed() -> bool:
    """Whether the package espeakng-loader (extra "voices") is there."""
    return importlib.util.find_spec("espeakng_loader") is not None


class Library:
    """The loaded shared library. One per process: `library()`."""

    def __init__(self) -> None:
        import espeakng_loader

        self._lock = threading.Lock()
        self._heard: list[np.ndarray] = []
        self._lib = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        data = Path(espeakng_loader.get_data_path())
        self.rate = int(self._lib.espeak_Initialize(2, 0, str(data.parent).encode(), 0))
        if self.rate <= 0:
            raise RuntimeError(f"espeak-ng found no voice data in {data}. Reinstall the package espeakng-loader.")
        self._keep = _Callback(self._collect)  # the C side holds no reference: it must outlive every call
        self._lib.espeak_SetSynthCallback(self._keep)

    def _collect(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    def _voice(self, name: str) -> None:
        if self._lib.espeak_SetVoiceByName(name.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {name!r}. Known here: {', '.join(VOICES.values())}.")

    def speak(self, text: str, voice: str) -> Sound:
        """The text spoken by a voice such as "pt-br", at the library's own rate."""
        with self._lock:
            self._voice(voice)
            self._lib.espeak_SetParameter(_RATE, WORDS_PER_MINUTE, 0)
            self._heard.clear()
            raw = text.encode() + b"\0"
            self._lib.espeak_Synth(raw, len(raw), 0, 0, 0, _UTF8, None, None)
            self._lib.espeak_Synchronize()
            heard = np.concatenate(self._heard) if self._heard else np.zeros(1, np.int16)
        return Sound(heard.astype(np.float32) / 32768, self.rate)

    def phonemes(self, text: str, voice: str) -> str:
        """IPA of a text, `^` tying the letters of one sound, punctuation kept (it carries the melody)."""
        with self._lock:
            self._voice(voice)
            pieces = (piece.strip() for piece in _PIECE.findall(text))
            spoken = "".join(self._piece(piece) for piece in pieces if piece)
        return re.sub(r"\s+([,.;:!?])", r"\1", spoken).strip()

    def _piece(self, piece: str) -> str:
        if piece[0] in ",.;:!?":
            return piece[0] + " "
        buffer = ctypes.create_string_buffer(piece.encode())
        at, found = ctypes.c_void_p(ctypes.addressof(buffer)), []
        while at.value:
            ipa = self._lib.espeak_TextToPhonemes(ctypes.byref(at), _UTF8, _IPA | _TIE | ord("^") << 8)
            found.append(ipa.decode() if ipa else "")
        return " ".join(filter(None, found))


@cache
def library() -> Library:
    """The process's library, loaded at first use."""
    return Library()


class EspeakEngine:
    """Speaks anything, personal words included, on this machine. Plain to hear, never missing."""

    name = "espeak"

    def identity(self, language: str) -> str:
        """What the cache key must change with."""
        return f"espeak-ng/{VOICES.get(language, '')}/{WORDS_PER_MINUTE}"

    def can(self, language: str, *, private: bool) -> bool:
        """Whether the language has a voice. Nothing leaves the machine, so private words are fine."""
        return language in VOICES

    def speak(self, text: str, language: str) -> Sound | None:
        """The text, or None for a language without a voice."""
        voice = VOICES.get(language)
        return library().speak(text, voice) if voice else None
