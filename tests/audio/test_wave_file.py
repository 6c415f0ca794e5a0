import io

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from audio import wave_file
from audio.wave_file import Info
from tests.audio.voices import hum

SPOKEN = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=300)


@given(SPOKEN, st.sampled_from(["pt-BR", "fr-FR"]), st.binary(max_size=200))
def test_a_file_tells_its_own_words(words: str, language: str, mulaw: bytes) -> None:
    raw = wave_file.write_raw(mulaw, Info(words, language, "pack"))
    parsed = wave_file.read(raw)
    assert wave_file.words_in(raw) == words
    assert (parsed.info, parsed.data, parsed.rate) == (Info(words, language, "pack"), mulaw, 8000)
    assert int.from_bytes(raw[4:8], "little") == len(raw) - 8


@pytest.mark.parametrize(("mulaw", "subtype"), [(True, "ULAW"), (False, "PCM_16")])
def test_another_reader_reads_the_same_sound(mulaw: bool, subtype: str) -> None:
    voice = hum(0.5, 8000)
    raw = wave_file.write(voice, Info("Olá", "pt-BR"), mulaw=mulaw)
    samples, rate = soundfile.read(io.BytesIO(raw), dtype="float32")
    assert (rate, soundfile.info(io.BytesIO(raw)).subtype) == (8000, subtype)
    assert np.array_equal(samples, wave_file.read(raw).sound().samples)
    assert np.abs(samples - voice.samples).max() < 0.02


def test_mulaw_agrees_with_libsndfile_on_every_code() -> None:
    every = bytes(range(256))
    theirs, _ = soundfile.read(
        io.BytesIO(every), channels=1, samplerate=8000, format="RAW", subtype="ULAW", dtype="int16"
    )
    assert np.array_equal(wave_file.decoded(every), theirs)


def test_encoding_what_was_decoded_changes_nothing() -> None:
    every = bytes(set(range(256)) - {0x7F})  # 0x7f is minus zero and comes back as plus zero
    assert wave_file.encoded(wave_file.decoded(every)) == every


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=50))
def test_mulaw_errs_by_half_a_step_at_most(samples: list[int]) -> None:
    pcm = np.array(samples, np.int16)
    error = np.abs(wave_file.decoded(wave_file.encoded(pcm)).astype(int) - pcm)
    assert np.all(error <= np.maximum(4, np.abs(pcm.astype(int)) / 16 + 8) + 650 * (np.abs(pcm.astype(int)) > 32_124))


@pytest.mark.parametrize("raw", [b"", b"RIFF", b"ID3" + bytes(100), b"RIFF\0\0\0\0WAVEdata\0\0\0\0"])
def test_something_else_is_refused_with_what_to_give(raw: bytes) -> None:
    with pytest.raises(ValueError, match="Give 8 kHz mono"):
        wave_file.read(raw)


def test_a_stereo_file_is_refused_with_what_it_is() -> None:
    stereo = io.BytesIO()
    soundfile.write(stereo, np.zeros((80, 2)), 8000, format="WAV", subtype="PCM_16")
    with pytest.raises(ValueError, match="2 channels"):
        wave_file.read(stereo.getvalue())


def test_a_file_without_metadata_has_no_words() -> None:
    plain = io.BytesIO()
    soundfile.write(plain, np.zeros(80), 8000, format="WAV", subtype="PCM_16")
    assert wave_file.words_in(plain.getvalue()) == ""
