import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio import waveform
from audio.sound import Sound
from tests.audio.voices import hum


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 24_000])
@pytest.mark.parametrize("loudness", [0.001, 0.1, 0.9])
def test_any_rate_and_loudness_comes_out_at_minus_26_dbov(rate: int, loudness: float) -> None:
    heard = waveform.to_telephone(hum(1.5, rate, loudness))
    assert heard.rate == 8000
    assert waveform.speech_level(heard.samples) == pytest.approx(-26, abs=0.3)
    assert np.abs(heard.samples).max() <= waveform.PEAK


def test_a_steady_tone_measures_its_own_power() -> None:
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 8000)
    assert waveform.speech_level(tone) == pytest.approx(20 * math.log10(0.1 / math.sqrt(2)), abs=0.2)


def test_pauses_do_not_lower_the_level_of_speech() -> None:
    voice = hum(2, 8000).samples
    paused = np.concatenate([voice, np.zeros(16_000), voice])
    assert waveform.speech_level(paused) == pytest.approx(waveform.speech_level(voice), abs=0.6)


@given(st.integers(1, 9000), st.floats(1e-5, 5), st.floats(0, 0.95))
@settings(max_examples=40, deadline=None)
def test_thresholds_that_cannot_decide_are_passed_over_and_the_level_is_the_same(
    count: int, loudness: float, pause: float
) -> None:
    voice = loudness * np.random.default_rng(count).standard_normal(count)
    voice[: int(pause * count)] = 0
    with pytest.MonkeyPatch.context() as patch:
        quick = waveform.speech_level(voice)
        patch.setattr(waveform, "_lowest", lambda power, loudest: 0)
        assert waveform.speech_level(voice) == quick


def test_silence_stays_silent_and_has_no_level() -> None:
    silence = np.zeros(4000)
    assert waveform.speech_level(silence) == -math.inf
    assert not waveform.to_telephone(Sound(silence, 8000)).samples.any()


@pytest.mark.parametrize(("hertz", "passes"), [(60, False), (150, False), (1000, True), (3000, True), (3900, False)])
def test_only_the_telephone_band_passes(hertz: int, passes: bool) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)
    left = float(np.std(waveform.band_limited(tone)) / np.std(tone))
    assert left > 0.8 if passes else left < 0.6


def test_silence_at_both_ends_is_cut_to_the_pad() -> None:
    voice = hum(1, 8000).samples
    kept = waveform.trimmed(np.concatenate([np.zeros(4000), voice, np.zeros(8000)]), pad=0.02)
    assert len(kept) / 8000 == pytest.approx(1.04, abs=0.03)
    assert kept[0] == kept[-1] == 0


@given(st.integers(0, 3000), st.floats(0.01, 5))
@settings(max_examples=50, deadline=None)
def test_a_peak_is_bent_and_never_clipped(count: int, loudness: float) -> None:
    noise = loudness * np.random.default_rng(count).standard_normal(count)
    held = waveform.peak_limited(noise)
    assert len(held) == count
    assert not count or np.abs(held).max() <= waveform.PEAK + 1e-9
    assert np.all(np.diff(held[np.argsort(noise)]) >= -1e-9)
