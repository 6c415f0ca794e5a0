import numpy as np
import pytest

from audio.packs.cutting import without_tail
from audio.sound import Sound

RATE = 24_000


def hum(seconds: float, size: float = 0.3) -> np.ndarray:
    return (size * np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def breath(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


TAIL = Sound(np.concatenate([breath(0.4), hum(0.7), breath(0.4)]), RATE)


@pytest.mark.parametrize("head", [0.1, 0.4, 2.0])
@pytest.mark.parametrize("slower", [0.95, 1.0, 1.1])
def test_the_cut_lies_where_the_mouth_is_shut_before_the_tail(head: float, slower: float) -> None:
    spoken = [breath(0.4), hum(head), breath(0.06), hum(0.7 * slower), breath(0.4)]
    cut = without_tail(Sound(np.concatenate(spoken), RATE), TAIL)
    assert 0.4 + head - 0.01 <= len(cut.samples) / RATE <= 0.4 + head + 0.06


def test_a_pause_earlier_in_the_words_is_no_place_to_cut() -> None:
    spoken = [hum(0.5), breath(0.3), hum(0.5), hum(0.05, 0.01), hum(0.7), breath(0.4)]
    cut = without_tail(Sound(np.concatenate(spoken), RATE), TAIL)
    assert 1.29 <= len(cut.samples) / RATE <= 1.35


def test_words_that_run_into_the_tail_are_refused_and_it_says_what_to_choose() -> None:
    with pytest.raises(ValueError, match="begins with p, t or k"):
        without_tail(Sound(np.concatenate([hum(1.5), breath(0.4)]), RATE), TAIL)
