"""What acts and the gate say in English is known in the other languages, and comes out whole."""

from __future__ import annotations

import string

import pytest

from console import pofiles
from console.renditions import Known, recognised, rendition
from dialer.attending.agreeing import WORDS
from dialer.campaigns.campaigning import NEXT
from dialer.rules.checks.bars import HOUSE_BARS
from dialer.rules.differences import rules_of
from dialer.rules.packs import load_packs
from dialer.settings import Settings
from tests.console.spoken import MARK, every

LANGUAGES = ("pt-BR", "fr-FR")


def declared() -> list[str]:
    """What stands in tables."""
    return [
        *WORDS.values(),
        *NEXT.values(),
        *(reason for _, reason in HOUSE_BARS.values()),
        *(one.description or "" for one in Settings.model_fields.values()),
        *(one.what for pack in load_packs().by_country.values() for one in rules_of(pack)),
    ]


def is_known(text: str, language: str) -> bool:
    """Whether all words of it are: a text for parts of which another stands open is not."""
    if text in pofiles.of_acts(language) or text in pofiles.of_pages(language):
        return True
    found = recognised(text, language)
    return found is not None and not any(" " in MARK.sub("", value) for value in found[1].values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_an_act_can_give_to_a_page_is_translated(language: str) -> None:
    assert len(every()) > 300
    unknown = [f"{one.where}: {one.text}" for one in every() if not is_known(one.text, language)]
    assert not unknown, "\n".join(unknown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_that_are_kept_in_tables_are_translated_too(language: str) -> None:
    filled = [one.format("⟨name⟩", most="⟨most⟩") for one in declared()]
    assert not [one for one in filled if not is_known(one, language)]


@pytest.mark.parametrize("language", [*LANGUAGES, "en-US"])
def test_a_translation_fills_in_nothing_that_its_text_does_not_have(language: str) -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for text, translation in pofiles.of_acts(language).items():
        assert places(translation) <= places(text), text


def test_what_was_filled_in_is_said_in_the_language_too() -> None:
    paused = '"november" is paused: start is for campaigns that are draft or checked'
    assert (
        rendition(f'{paused}; go on with it: toque campaign resume "november"', "pt-BR")
        == '"november" está assim: em pausa. Este comando não cabe agora; retome-a'
    )
    drops = "1,234 of 20,000 who answered met no agent, 600 may"
    assert rendition(drops, "pt-BR").startswith("1.234 de 20.000 que atenderam")
    outside = "Mon 2026-11-23 21:04:00 in America/Sao_Paulo is outside the hours allowed there"
    assert rendition(outside, "pt-BR") == "seg. 23 nov. 21:04 em America/Sao_Paulo está fora do horário permitido lá"


def test_a_name_is_never_taken_for_a_word() -> None:
    assert '"paused"' in rendition('There is a campaign "paused" already: choose another name', "pt-BR")


def test_texts_that_were_joined_are_said_one_by_one() -> None:
    joined = "BR_DAY: no debt of the person is due. Try again when there is room"
    assert (
        rendition(joined, "fr-FR")
        == "BR_DAY : aucune dette de la personne n'est due. Réessayez quand il y aura de la place"
    )
    assert rendition("CAP: no debt of the person is due", "fr-FR") == "CAP : aucune dette de la personne n'est due"


def test_what_nobody_knows_stays_in_english() -> None:
    assert rendition("A word from the carrier; nobody translated it.", "pt-BR") == (
        "A word from the carrier; nobody translated it."
    )
    assert rendition("x; " * 400, "pt-BR") == "x; " * 400
    assert rendition("Gateway: unknown. ready", "pt-BR") == "Gateway: unknown. ready"


def test_the_pages_do_not_speak_of_commands_even_in_english() -> None:
    assert rendition('There is no person "p1". Look for them: toque person find TEXT', "en-US") == (
        'There is no person "p1". Look them up under People'
    )


def test_a_place_that_comes_twice_is_the_same_twice_and_a_figure_is_one() -> None:
    twice = Known(("flow ", " and ", ""), ("a", "a"), frozenset(), ("", ""), "")
    assert twice.values_in("flow x and x") == {"a": "x"}
    assert twice.values_in("flow x and y") is None
    figure = Known(("", " calls"), ("n",), frozenset(), ("d",), "")
    assert figure.values_in("1,234 calls") == {"n": "1,234"}
    assert figure.values_in("many calls") is None
    word = Known(("", " is not sound"), ("flow",), frozenset(), ("s",), "")
    assert word.values_in("natal is not sound") == {"flow": "natal"}
    assert word.values_in("The flow natal is not sound") is None
