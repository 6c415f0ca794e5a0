import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.assembling import Piece, Take, joined, spliced
from audio.pauses import CLAUSE_PAUSE, PART_PAUSE, SENTENCE_PAUSE, pause_between
from audio.sound import Sound
from audio.wave_file import MULAW, Info, WaveFile, decoded, pcm16


@pytest.mark.parametrize(
    ("text", "following", "pause"),
    [
        ("Olá!", "Aqui é", SENTENCE_PAUSE),
        ("no valor de", "cem reais.", PART_PAUSE),
        ("Lojas Horizonte,", "no valor de", CLAUSE_PAUSE),
        ("Ana", ", temos um recado", CLAUSE_PAUSE),
        ("Ana", ". Tecle", SENTENCE_PAUSE),
        ("« Bonjour ! »", "Ici", SENTENCE_PAUSE),
        ("2.5 pontos", "a mais", PART_PAUSE),
    ],
)
def test_punctuation_makes_the_pause(text: str, following: str, pause: float) -> None:
    assert pause_between(text, following) == pause


@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from([0.0, 0.04, 0.18, 0.35])), min_size=1, max_size=8))
@settings(deadline=None)
def test_a_join_is_as_long_as_its_pieces_and_inner_pauses(shape: list[tuple[int, float]]) -> None:
    pieces = [Piece(Sound(np.full(count * 8, 0.25, np.float32), 8000), pause) for count, pause in shape]
    whole = joined(pieces)
    pauses = sum(pause for _, pause in shape[:-1])
    assert whole.seconds == pytest.approx(sum(piece.sound.seconds for piece in pieces) + pauses, abs=1e-6)
    assert np.count_nonzero(whole.samples) == sum(count * 8 for count, _ in shape)


def test_samples_pass_a_join_unchanged() -> None:
    noise = Sound((np.random.default_rng(1).standard_normal(800) / 10).astype(np.float32), 8000)
    assert np.array_equal(pcm16(joined([Piece(noise)]).samples), pcm16(noise.samples))


@given(st.lists(st.tuples(st.binary(max_size=40), st.sampled_from([0.0, 0.04, 0.35])), max_size=6))
@settings(deadline=None)
def test_bytes_are_spliced_as_sounds_are_joined(shape: list[tuple[bytes, float]]) -> None:
    """The same order, the same pauses; a file's bytes are not changed by it."""
    whole = spliced(Take(mulaw, pause) for mulaw, pause in shape)
    sounds = [Piece(WaveFile(MULAW, 8000, mulaw, Info("", "")).sound(), pause) for mulaw, pause in shape]
    assert np.array_equal(decoded(whole), pcm16(joined(sounds).samples))
    assert whole.startswith(shape[0][0] if shape else b"")
