"""Key tones as samples, and back: the pairs of frequencies of ITU-T Q.23. Pure."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 8000
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
TONE_SECONDS = 0.12
_FRAME = RATE // 50

Samples = NDArray[np.float32]


@cache
def tone(key: str) -> Samples:
    """Return the tone of one key, 0.12 s at 8 kHz; silence for what is no key."""
    at = np.arange(int(TONE_SECONDS * RATE)) / RATE
    for row, keys in enumerate(KEYS):
        if key in keys:
            pair = (LOW[row], HIGH[keys.index(key)])
            return np.asarray(sum(0.25 * np.sin(2 * np.pi * hertz * at) for hertz in pair), np.float32)
    return np.zeros(len(at), np.float32)


def keys_in(samples: Samples) -> str:
    """Return the keys whose tones are in these samples, in order. Frames of 20 ms; a tone lasts at least two."""
    found, last, run = "", "", 0
    for start in range(0, len(samples) - _FRAME + 1, _FRAME):
        key = _key(samples[start : start + _FRAME])
        run = run + 1 if key == last else 1
        if key and run == 2:
            found += key
        last = key
    return found


def _key(frame: Samples) -> str:
    energy = float(np.mean(frame.astype(np.float64) ** 2))
    if energy < 1e-4:
        return ""
    at = np.arange(len(frame)) / RATE
    power = {hertz: abs(np.mean(frame * np.exp(-2j * np.pi * hertz * at))) ** 2 for hertz in LOW + HIGH}
    row, column = max(LOW, key=power.__getitem__), max(HIGH, key=power.__getitem__)
    if min(power[row], power[column]) * 4 < energy * 0.6:
        return ""
    return KEYS[LOW.index(row)][HIGH.index(column)]
