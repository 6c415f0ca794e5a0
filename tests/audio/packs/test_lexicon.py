from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audio import words
from audio.packs import lexicon
from audio.packs.index import Pack
from ivr_flows import wording
from ivr_flows.turn import Money

CURRENCIES = {"pt-BR": "BRL", "en-US": "USD", "fr-FR": "EUR"}
LANGUAGES = pytest.mark.parametrize("language", sorted(CURRENCIES))
INDEXES = {
    language: Pack(Path("none"), "", 8000, dict.fromkeys(lexicon.lines(language), (0, 0)), longest=40)
    for language in CURRENCIES
}


def pieces(language: str, text: str) -> list[str]:
    found = INDEXES[language].cover(words.tokens(text))
    assert found is not None, f"the pack of {language} lacks a word of: {text}"
    return found


@LANGUAGES
@given(minor=st.integers(1, 99_999_999))
@example(minor=100)
@example(minor=5)
@example(minor=120_000)
@example(minor=10_000_000)
@example(minor=99_999_999)
@settings(max_examples=300, deadline=None)
def test_every_amount_up_to_a_million_can_be_said(language: str, minor: int) -> None:
    spoken = wording.amount(Money(minor, CURRENCIES[language]), language)
    assert " ".join(pieces(language, spoken)) == words.key(spoken)


@LANGUAGES
@given(minor=st.integers(100, 999_999))
@settings(max_examples=200, deadline=None)
def test_a_usual_amount_takes_few_pieces(language: str, minor: int) -> None:
    spoken = wording.amount(Money(minor, CURRENCIES[language]), language)
    assert len(pieces(language, spoken)) <= 5


def test_thousands_and_hundreds_are_one_piece_in_french() -> None:
    assert pieces("fr-FR", wording.amount(Money(381_476, "EUR"), "fr-FR")) == [
        "trois mille huit cent",
        "quatorze euros",
        "et soixante seize centimes",
    ]


def test_a_french_telephone_number_begins_with_a_pair_that_is_spoken_together() -> None:
    assert pieces("fr-FR", wording.phone_number("+33199001678", "fr-FR"))[0] == "zéro un"
    assert "zéro un" in lexicon.figures("fr-FR")


def test_only_what_goes_on_is_spoken_before_other_words() -> None:
    found = lexicon.followed("fr-FR")
    assert {"ici", "deux cent", "premier", "ou appelez le"} <= found.keys()
    assert not {"au revoir", "nous rappellerons donc demain", "à neuf heures", "lundi", "deux"} & found.keys()
    assert lexicon.followed("pt-BR") == {}


@LANGUAGES
def test_every_day_of_three_years_can_be_said(language: str) -> None:
    for day in range(3 * 365):
        on = date(2025, 1, 1) + timedelta(days=day)
        pieces(language, wording.weekday_and_day(on, language))


@LANGUAGES
def test_counts_and_keypad_digits_can_be_said(language: str) -> None:
    for number in range(100):
        pieces(language, wording.cardinal(number, language))
        pieces(language, wording.cardinal(number, language, feminine=True))
    pieces(language, wording.digit_by_digit("A1-B2-C3-XYZ-4567890", language))


@pytest.mark.parametrize(
    ("language", "number"),
    [("pt-BR", "+55 11 4004-9626"), ("en-US", "+12125550168"), ("fr-FR", "+33199001678"), ("fr-FR", "0639980099")],
)
def test_phone_numbers_can_be_said(language: str, number: str) -> None:
    pieces(language, wording.phone_number(number, language))


@LANGUAGES
def test_demo_names_can_be_said(language: str) -> None:
    names = {"pt-BR": "Ana Souza", "en-US": "Emma Clark", "fr-FR": "Élise Moreau"}
    assert len(pieces(language, names[language])) == 2


def test_a_phrase_that_goes_on_is_spoken_so() -> None:
    lines = lexicon.lines("pt-BR")
    assert lines["no valor de"] == "no valor de,"
    assert lines["zero"] == "zero"


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"en-US, fr-FR, pt-BR"):
        lexicon.lines("xx")


def test_gathering_phrases_leaves_what_is_kept_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "FOLDER", tmp_path)
    path = tmp_path / "pt-BR.yaml"
    hand = "# kept\nlanguage: pt-BR\nnumbers: []\nwords: [e]\ndates: []\nnames: []\n"
    path.write_text(hand + "phrases:\n- Velho.\n", encoding="utf-8")
    lexicon.keep_phrases("pt-BR", ["Olá! Aqui é", "data anotada:"])
    assert path.read_text(encoding="utf-8").startswith(hand)
    assert lexicon.lines("pt-BR") == {
        "olá": "Olá!",
        "aqui é": "Aqui é,",
        "data anotada": "data anotada:",
        "e": "e",
    }
