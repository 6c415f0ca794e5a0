"""The telephone chain: any mono sound becomes 8 kHz, band-limited, trimmed, level −26 dBov, peaks held.

Array arithmetic only: no file, no format, no engine. dBov is relative to a full-scale square wave (ITU-T G.100.1).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from audio.sound import Samples, Sound

RATE = 8000
LEVEL_DBOV = -26.0
PEAK = 0.98
CHAIN_VERSION = 1  # part of every cache key: raise it when this module changes what comes out
_BAND_HZ = (300.0, 3400.0)
_ORDER = 4
_FRAME_SECONDS = 0.01

# ITU-T P.56 method B: time constant, hangover, margin between threshold and level
_TAU_SECONDS, _HANGOVER_SECONDS, _MARGIN_DB = 0.03, 0.2, 15.9
_THRESHOLDS = 2.0 ** np.arange(-15, 1)


def to_telephone(sound: Sound, *, level: float = LEVEL_DBOV, pad: float = 0.03) -> Sound:
    """The whole chain. `level` in dBov (active speech level), `pad` seconds kept around what is heard."""
    mono = np.asarray(sound.samples, np.float64)
    if sound.rate != RATE:
        mono = soxr.resample(mono, sound.rate, RATE, quality="HQ")
    return Sound(levelled(trimmed(band_limited(mono), pad=pad), level).astype(np.float32), RATE)


def band_limited(samples: Samples) -> Samples:
    """300–3400 Hz, fourth-order Butterworth magnitude at each end, no phase shift (the file is whole)."""
    size = 1 << (len(samples) + RATE // 10).bit_length()  # room, so that the end does not ring into the start
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    low, high = _BAND_HZ
    with np.errstate(divide="ignore"):
        gain = 1 / np.sqrt(1 + (low / hertz) ** (2 * _ORDER)) / np.sqrt(1 + (hertz / high) ** (2 * _ORDER))
    return np.fft.irfft(np.fft.rfft(samples, size) * gain, size)[: len(samples)]


def trimmed(samples: Samples, *, below_db: float = -42.0, pad: float = 0.03) -> Samples:
    """Without the silence at both ends: frames more than `below_db` under the loudest; ends fade over 5 ms."""
    width = int(RATE * _FRAME_SECONDS)
    frames = samples[: len(samples) // width * width].reshape(-1, width)
    power = np.mean(frames**2, axis=1) if len(frames) else np.zeros(0)
    if not len(power) or power.max() <= 0:
        return samples
    loud = np.flatnonzero(power > power.max() * 10 ** (below_db / 10))
    room = int(pad * RATE)
    kept = samples[max(0, loud[0] * width - room) : (loud[-1] + 1) * width + room].copy()
    ramp = np.linspace(0, 1, min(RATE // 200, len(kept)))
    kept[: len(ramp)] *= ramp
    kept[len(kept) - len(ramp) :] *= ramp[::-1]
    return kept


def levelled(samples: Samples, level: float = LEVEL_DBOV) -> Samples:
    """At an active speech level of `level` dBov; peaks above 0.98 are bent, not clipped. Silence stays silent."""
    measured = speech_level(samples)
    if math.isinf(measured):
        return samples
    return peak_limited(samples * 10 ** ((level - measured) / 20))


def peak_limited(samples: Samples, peak: float = PEAK) -> Samples:
    """Nothing above `peak`: what exceeds three quarters of it is compressed by a tangent curve."""
    knee = 0.75 * peak
    size = np.abs(samples)
    if not size.size or size.max() <= peak:
        return samples
    room = peak - knee
    bent = np.sign(samples) * (knee + room * np.tanh((size - knee) / room))
    return np.where(size > knee, bent, samples)


def speech_level(samples: Samples, rate: int = RATE) -> float:
    """Active speech level in dBov by ITU-T P.56 method B; −inf for silence. Pauses do not lower it."""
    energy = float(np.sum(np.square(samples, dtype=np.float64)))
    if energy <= 0:
        return -math.inf
    envelope = _envelope(np.abs(samples), rate)
    hangover = math.ceil(_HANGOVER_SECONDS * rate)
    previous: tuple[float, float] | None = None
    for threshold in _THRESHOLDS[_lowest(energy / len(samples), float(envelope.max())) :]:
        active = _active_samples(envelope >= threshold, hangover)
        if not active:
            break
        level = 10 * math.log10(energy / active)
        margin = level - 20 * math.log10(threshold)
        if margin <= _MARGIN_DB:
            return _between(previous, (level, margin))
        previous = (level, margin)
    return previous[0] if previous else 10 * math.log10(energy / len(samples))


def _lowest(power: float, loudest: float) -> int:
    """The threshold to begin at: all that lie further than the margin under the mean power lie so under the level."""
    certain = 10 ** ((10 * math.log10(power) - _MARGIN_DB) / 20)
    return max(0, int(np.searchsorted(_THRESHOLDS, min(certain, loudest))) - 1)


def _between(before: tuple[float, float] | None, after: tuple[float, float]) -> float:
    if before is None or before[1] == after[1]:
        return after[0]
    share = (before[1] - _MARGIN_DB) / (before[1] - after[1])
    return before[0] + (after[0] - before[0]) * share


def _envelope(size: NDArray[Any], rate: int) -> NDArray[Any]:
    """Two equal exponential smoothers in a row, as one convolution by FFT (a loop would be slow)."""
    room = 1 << (len(size) + _taps(rate)).bit_length()
    smooth = np.fft.irfft(np.fft.rfft(size, room) * _smoothers(rate, room), room)
    return smooth[: len(size)]


def _taps(rate: int) -> int:
    return int(rate * _TAU_SECONDS * 15)


@lru_cache(maxsize=16)
def _smoothers(rate: int, room: int) -> NDArray[Any]:
    """What both smoothers do to each frequency, in a transform of `room` samples."""
    decay = math.exp(-1 / (rate * _TAU_SECONDS))
    taps = np.arange(_taps(rate))
    return np.fft.rfft((1 - decay) ** 2 * (taps + 1) * decay**taps, room)


def _active_samples(above: NDArray[np.bool_], hangover: int) -> int:
    at = np.flatnonzero(above)
    if not len(at):
        return 0
    gaps = np.minimum(np.diff(at) - 1, hangover)
    return len(at) + int(gaps.sum()) + min(len(above) - 1 - int(at[-1]), hangover)
