"""Cuts what was spoken before a known tail out of a sound, so that a piece has the melody of a sentence that goes on.

Array arithmetic only: nothing is spoken or read here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.sound import Sound

_FRAME_SECONDS = 0.01
_HEARD_DB = -30.0  # of the loudest frame: what lies below is the breath before and after
_SHUT_DB = -20.0  # of the loudest frame: no louder is a mouth that is shut
_EARLIER, _LATER = 20, 5  # frames around where the tail should begin: its stop lies before its first sound


def without_tail(whole: Sound, tail: Sound) -> Sound:
    """`whole` up to the tail that it ends with; `tail` is the same spoken alone, at the same rate.

    The tail has to begin with a stop (p, t, k): the mouth is shut before it, and there the cut is made. Raises
    ValueError when there is no quiet frame where the tail should begin.
    """
    power, alone = _power(whole), _heard(_power(tail))
    heard = _heard(power)
    begins = int(heard[-1]) - int(alone[-1] - alone[0])
    first = max(int(heard[0]) + 1, begins - _EARLIER)
    around = power[first : begins + _LATER]
    if not len(around) or around.min() > power.max() * 10 ** (_SHUT_DB / 10):
        raise ValueError("A piece runs into what is spoken after it. Choose a tail that begins with p, t or k.")
    at = first + int(np.argmin(around))
    return Sound(whole.samples[: at * _width(whole)], whole.rate)


def _width(sound: Sound) -> int:
    return round(sound.rate * _FRAME_SECONDS)


def _power(sound: Sound) -> NDArray[np.float64]:
    width = _width(sound)
    frames = np.asarray(sound.samples[: len(sound.samples) // width * width], np.float64).reshape(-1, width)
    return np.asarray(np.mean(frames**2, axis=1))


def _heard(power: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.flatnonzero(power > power.max(initial=0.0) * 10 ** (_HEARD_DB / 10))
