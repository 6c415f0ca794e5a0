import pytest

from audio import words
from tests.audio.voices import Said


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Olá! Aqui é", "olá aqui é"),
        ("Vinte-e-um, REAIS.", "vinte e um reais"),
        ("C’est d'accord", "c'est d'accord"),
        ("um milhão d'euros", "um milhão d'euros"),
        (" . ", ""),
    ],
)
def test_a_key_forgets_case_and_punctuation(text: str, key: str) -> None:
    assert words.key(text) == key


def test_sentences_keep_their_marks_and_drop_bare_punctuation() -> None:
    assert words.sentences("Bonjour ! Ici. Et vous ? …") == ["Bonjour !", "Ici.", "Et vous ?"]


def test_a_line_reads_as_it_is_written() -> None:
    parts = [Said("Olá! Aqui é"), Said("Central Aurora", "name"), Said("."), Said("Tecle o número um.")]
    assert words.line(parts) == "Olá! Aqui é Central Aurora. Tecle o número um."
