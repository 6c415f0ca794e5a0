"""WAV files as the telephone network likes them (8 kHz mono µ-law), with their words as RIFF INFO metadata.

Bytes in, bytes out. The words come after the samples, where a plain player does not trip over them.
Sources: ITU-T G.711; RIFF MCI (LIST/INFO: ICMT comment = words, ILNG = language, INAM = who speaks).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from audio.sound import Samples, Sound
from audio.waveform import RATE

MULAW, PCM = 7, 1
SILENCE = b"\xff"  # µ-law zero
HEADER_BYTES = 58
_BIAS, _CLIP = 132, 32635
_FIELDS = {"ICMT": "words", "ILNG": "language", "INAM": "voice"}


@dataclass(frozen=True, slots=True)
class Info:
    """What a file says about itself."""

    words: str
    language: str
    voice: str = ""


@dataclass(frozen=True, slots=True)
class WaveFile:
    """A parsed WAV: its format tag, rate, raw sample bytes and metadata."""

    tag: int
    rate: int
    data: bytes
    info: Info

    @property
    def seconds(self) -> float:
        """Its length, for mono."""
        return len(self.data) / (self.rate * (1 if self.tag == MULAW else 2))

    @property
    def mulaw(self) -> bytes:
        """The samples as µ-law bytes, whatever the file holds."""
        return self.data if self.tag == MULAW else encoded(np.frombuffer(self.data, "<i2"))

    def sound(self) -> Sound:
        """The samples as numbers."""
        pcm = decoded(self.data) if self.tag == MULAW else np.frombuffer(self.data, "<i2")
        return Sound(pcm.astype(np.float32) / 32768, self.rate)


def _encode_table() -> np.ndarray:
    sample = np.arange(-32768, 32768, dtype=np.int32)
    size = np.minimum(np.abs(sample), _CLIP) + _BIAS
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    mantissa = (size >> (exponent + 3)) & 0x0F
    code = ~(np.where(sample < 0, 0x80, 0) | (exponent << 4) | mantissa) & 0xFF
    return np.roll(code.astype(np.uint8), 32768)  # indexed by the sample's two's complement


def _decode_table() -> np.ndarray:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    size = (((code & 0x0F) << 3) + _BIAS << ((code >> 4) & 7)) - _BIAS
    return np.where(code & 0x80, -size, size).astype(np.int16)


_ENCODE, _DECODE = _encode_table(), _decode_table()


def encoded(pcm: np.ndarray) -> bytes:
    """µ-law bytes of 16-bit samples."""
    return bytes(_ENCODE[pcm.astype(np.int16).view(np.uint16)].tobytes())


def decoded(mulaw: bytes) -> np.ndarray:
    """16-bit samples of µ-law bytes; encoding them again gives the same bytes (negative zero apart)."""
    return np.asarray(_DECODE[np.frombuffer(mulaw, np.uint8)])


def pcm16(samples: Samples) -> np.ndarray:
    """±1 samples as 16-bit integers, clipped at full scale."""
    return np.clip(np.rint(np.asarray(samples) * 32768), -32768, 32767).astype(np.int16)


def write(sound: Sound, info: Info, *, mulaw: bool = True) -> bytes:
    """A whole WAV file of a mono sound: µ-law, or 16-bit PCM."""
    pcm = pcm16(sound.samples)
    return write_raw(encoded(pcm), info) if mulaw else _file(PCM, sound.rate, pcm.tobytes(), info)


def write_raw(mulaw: bytes, info: Info) -> bytes:
    """A whole WAV file around 8 kHz µ-law bytes."""
    return _file(MULAW, RATE, mulaw, info)


def _file(tag: int, rate: int, data: bytes, info: Info) -> bytes:
    width = 1 if tag == MULAW else 2
    form = struct.pack("<HHIIHHH", tag, 1, rate, rate * width, width, 8 * width, 0)
    head = _chunk(b"fmt ", form) + _chunk(b"fact", struct.pack("<I", len(data) // width))
    tail = b"\0" * (len(data) % 2) + _chunk(b"LIST", b"INFO" + _fields(info))
    size = 4 + len(head) + 8 + len(data) + len(tail)
    parts = (b"RIFF", struct.pack("<I", size), b"WAVE", head, b"data", struct.pack("<I", len(data)), data, tail)
    return b"".join(parts)  # one copy: a prompt has a hundred thousand bytes


def _fields(info: Info) -> bytes:
    return b"".join(_chunk(name.encode(), getattr(info, field).encode() + b"\0") for name, field in _FIELDS.items())


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _chunks(raw: bytes, start: int) -> Iterator[tuple[str, bytes]]:
    while start + 8 <= len(raw):
        name, size = raw[start : start + 4].decode("latin-1"), struct.unpack_from("<I", raw, start + 4)[0]
        yield name, raw[start + 8 : start + 8 + size]
        start += 8 + size + size % 2


def read(raw: bytes) -> WaveFile:
    """Parse a mono WAV (µ-law, or 16-bit PCM). Raises ValueError when it is something else."""
    found = dict(_chunks(raw, 12)) if raw[:4] == b"RIFF" and raw[8:12] == b"WAVE" else {}
    if len(found.get("fmt ", b"")) < 16 or "data" not in found:
        raise ValueError("This is not a WAV file. Give 8 kHz mono µ-law or 16-bit PCM in a RIFF container.")
    tag, channels, rate = struct.unpack_from("<HHI", found["fmt "])
    bits = struct.unpack_from("<H", found["fmt "], 14)[0]
    if channels != 1 or (tag, bits) not in {(MULAW, 8), (PCM, 16)}:
        raise ValueError(
            f"WAV format {tag} with {channels} channels of {bits} bits. Convert it to mono µ-law or PCM16."
        )
    return WaveFile(tag, rate, found["data"], _info(found.get("LIST", b"")))


def _info(body: bytes) -> Info:
    texts = {name: text.rstrip(b"\0").decode("utf-8", "replace") for name, text in _chunks(body, 4)}
    return Info(**{field: texts.get(name, "") for name, field in _FIELDS.items()})


def words_in(raw: bytes) -> str:
    """The words that a WAV carries, or an empty line: how a simulated person hears a file."""
    return read(raw).info.words
