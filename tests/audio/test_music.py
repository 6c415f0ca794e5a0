import numpy as np
import pytest

from audio import music, waveform


def test_the_music_is_soft_even_and_loops_without_a_click() -> None:
    piece = music.hold_music()
    assert piece.seconds == 20
    assert waveform.speech_level(piece.samples) == pytest.approx(music.LEVEL_DBOV, abs=0.5)
    assert np.abs(piece.samples).max() < 0.5
    seam = abs(float(piece.samples[0]) - float(piece.samples[-1]))
    assert seam <= float(np.abs(np.diff(piece.samples)).max())
    seconds = piece.samples.reshape(20, -1).std(axis=1)
    assert seconds.min() > seconds.max() / 4
