"""What texts are taken for: the words of carriers and laws in three languages, as people really type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.keywords import read

CARRIER_STOPS = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
STOPS = (*CARRIER_STOPS, "PARE", "PARAR", "SAIR", "CANCELAR", "REMOVER", "ARRÊT", "DÉSABONNER", "opt-out")
PHRASES = (
    "não me ligue mais", "nao me liguem mais por favor", "Parem de ligar!!", "me tirem da lista", "Chega de ligações",
    "stop calling me", "STOP CALLING THIS NUMBER", "Please don't call me again", "dont call", "do not contact me",
    "I said take me off your list", "I hereby revoke my consent.", "ne m'appelez plus", "Ne m’appelez plus SVP",
    "arretez de m'appeler", "Ne m appelez plus", "Laissez-moi tranquille", "Cessez de me harceler",
)  # fmt: skip
NOT_STOPS = (
    "Vou pagar amanhã", "vou sair agora, pago à noite", "Já paguei", "Não para de chover aqui", "I pay on Friday",
    "can I cancel one of the two?", "At the end of the month", "Je paie vendredi", "je sors du travail à 18h", "ok",
    "", "   ", "🙂", "1", "https://pay.example/1", "please remember me",
)  # fmt: skip


@pytest.mark.parametrize("text", [*STOPS, *PHRASES])
def test_ways_to_say_leave_me_alone(text: str) -> None:
    assert read(text).meaning == "opt_out"


@pytest.mark.parametrize("text", NOT_STOPS)
def test_other_words_are_for_people_to_read(text: str) -> None:
    assert read(text).meaning == "reply"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("START", "opt_in"), ("unstop", "opt_in"), ("Voltar", "opt_in"), ("Yes", "opt_in"), ("reprendre", "opt_in"),
        ("HELP", "help"), ("Ajuda?", "help"), ("aide", "help"), ("info", "help"), ("Quem é?", "help"),
        ("who is this", "help"), ("C'est qui ?", "help"),
    ],
)  # fmt: skip
def test_the_other_keywords(text: str, meaning: str) -> None:
    assert read(text).meaning == meaning


def test_only_a_bare_word_is_one_that_the_carrier_acts_on() -> None:
    assert all(read(word).carrier_acts for word in CARRIER_STOPS)
    assert all(read(f"  {word.lower()}\n").carrier_acts for word in CARRIER_STOPS)
    assert not any(read(text).carrier_acts for text in ("STOP PLEASE", "stop.", "PARE", "ARRET", "Quem é?"))


@given(
    st.sampled_from(STOPS),
    st.sampled_from(("", "!", "...", " please", " por favor", ", obrigado", " svp", " now!!!")),
    st.sampled_from(("", " ", "«", '"', "\n")),
    st.data(),
)
def test_capitals_courtesies_and_punctuation_change_nothing(
    word: str, after: str, before: str, data: st.DataObject
) -> None:
    typed = "".join(data.draw(st.sampled_from((one.lower(), one.upper()))) for one in word)
    assert read(before + typed + after).meaning == "opt_out"


@given(st.sampled_from(PHRASES), st.text(max_size=40), st.text(max_size=40))
def test_a_clear_wish_is_heard_within_more_words(phrase: str, before: str, after: str) -> None:
    assert read(f"{before} {phrase} {after}").meaning == "opt_out"


@given(st.text(max_size=400))
def test_every_text_has_a_meaning(text: str) -> None:
    assert read(text).meaning in ("opt_out", "opt_in", "help", "reply")
