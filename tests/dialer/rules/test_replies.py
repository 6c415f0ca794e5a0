"""What texts are answered with: whole, short, and silent on what it is about, in every language."""

from __future__ import annotations

import itertools

import pytest

from dialer.rules.keywords import read
from dialer.rules.replies import KINDS, VALUES, words
from dialer.rules.segments import size_of

LANGUAGES = ("pt-BR", "en-US", "fr-FR")
FULL = {"caller_name": "Horizonte", "official_site": "horizonte.example", "official_number": "+551130000000"}
DEBT = (
    "dívida",
    "divida",
    "débito",
    "debt",
    "dette",
    "pagamento",
    "payment",
    "paiement",
    "cobran",
    "collect",
    "recouv",
)


@pytest.mark.parametrize(("kind", "language"), list(itertools.product(KINDS, LANGUAGES)))
def test_every_answer_is_whole_with_and_without_each_value_and_gives_nothing_away(kind: str, language: str) -> None:
    for missing in (None, *VALUES[1:]):
        said = words(kind, language, FULL | ({missing: ""} if missing else {}))  # type: ignore[arg-type]
        assert "Horizonte" in said
        assert "{" not in said
        assert not any(word in said.casefold() for word in DEBT)
        assert (size_of(said).encoding, size_of(said).segments <= 2) == ("GSM-7", True), said


def test_the_words_that_an_answer_names_do_what_it_says() -> None:
    for word in ("PARE", "STOP"):
        assert read(word).meaning == "opt_out"
    for word in ("VOLTAR", "START", "REPRENDRE"):
        assert read(word).meaning == "opt_in"


def test_a_language_without_words_hears_english() -> None:
    assert words("help", "de-DE", FULL) == words("help", "en-US", FULL)
