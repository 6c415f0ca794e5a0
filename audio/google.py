"""Google's unofficial voice by gTTS: fixed phrases only, and only where an operator has asked for it.

Words leave the machine over a connection whose certificate gTTS does not check. Personal words never do.
"""

from __future__ import annotations

import io
import logging

import soundfile

from audio.sound import Sound

TIMEOUT_SECONDS = 8.0
_ACCENTS = {"pt-BR": ("pt", "com.br"), "en-US": ("en", "com"), "fr-FR": ("fr", "fr"), "es": ("es", "com.mx")}
_log = logging.getLogger(__name__)


class GttsEngine:
    """Asks Google for an MP3 of a fixed phrase; any failure is a None, and the next engine speaks."""

    name = "gtts"

    def __init__(self, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout

    def identity(self, language: str) -> str:
        """What the cache key must change with."""
        return f"gtts/{'.'.join(_ACCENTS.get(language, ()))}"

    def can(self, language: str, *, private: bool) -> bool:
        """Never for private words."""
        return language in _ACCENTS and not private

    def speak(self, text: str, language: str) -> Sound | None:
        """The phrase, or None when Google did not give it in time (it limits askers: gTTS issues 117, 259)."""
        from gtts import gTTS, gTTSError
        from requests import RequestException

        tongue, domain = _ACCENTS[language]
        mp3 = io.BytesIO()  # in memory: gTTS's own save() leaves an empty file behind when it fails
        try:
            gTTS(text, lang=tongue, tld=domain, timeout=self._timeout).write_to_fp(mp3)
            mp3.seek(0)
            samples, rate = soundfile.read(mp3, dtype="float32", always_2d=True)
        except (gTTSError, RequestException, soundfile.SoundFileError) as fault:
            _log.warning("gTTS gave no speech for a phrase in %s (%s); the next engine speaks", language, fault)
            return None
        return Sound(samples.mean(axis=1), int(rate))
