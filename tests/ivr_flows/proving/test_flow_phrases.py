"""The reviewed phrases: found as whole words with or without accents, and in no message that the product sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr_flows.proving.phrasing import LISTS, found_in, limited, objection, phrases
from ivr_flows.templating import parse_line

DIALER = Path(__file__).parents[3] / "dialer"
MESSAGES = [DIALER / "rules" / "replies.yaml", DIALER / "debts" / "reminders.yaml"]
LANGUAGES = ("pt-BR", "en-US", "fr-FR")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_has_words_in_every_language(language: str) -> None:
    assert all(phrases(each, language) for each in LISTS)


@pytest.mark.parametrize(
    ("text", "which", "language", "found"),
    [
        ("Pague IMEDIATAMENTE.", "forbidden", "pt-BR", "imediatamente"),
        ("A policia vai saber.", "forbidden", "pt-BR", "polícia"),
        ("We may take legal action!", "forbidden", "en-US", "legal action"),
        ("We may take legal actions!", "forbidden", "en-US", None),
        ("Sans dernière chance", "forbidden", "fr-CA", "dernière chance"),
        ("Un retard d’un jour", "gives_away", "fr-FR", "retard"),
        ("Collectionneurs", "gives_away", "fr-FR", None),
        ("anything at all", "forbidden", "de-DE", None),
    ],
)
def test_a_phrase_is_found_as_whole_words(text: str, which: str, language: str, found: str | None) -> None:
    assert found_in(text, which, language) == found


def test_limited_content_is_the_listed_words_and_no_other() -> None:
    assert limited(parse_line("Please call {contact_person|name}, at {callback_number|phone}."), "en-US") is None
    assert limited(parse_line("Please call {contact_person|name} today."), "en-US") == "today"


def messages() -> Iterator[tuple[str, str]]:
    for path in MESSAGES:
        yield from _texts(yaml.safe_load(path.read_text(encoding="utf-8")))


def _texts(found: Any) -> Iterator[tuple[str, str]]:
    for key, value in found.items() if isinstance(found, dict) else ():
        if key in LANGUAGES:
            yield key, " ".join(value if isinstance(value, list) else [str(value)])
        else:
            yield from _texts(value)


def test_no_message_of_the_product_threatens_or_misleads() -> None:
    sent = list(messages())
    assert len(sent) > 10
    assert [text for language, text in sent if objection(text, language)] == []
