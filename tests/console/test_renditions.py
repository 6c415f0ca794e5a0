"""What acts and the gate say in English is known in the other languages, and comes out whole."""

from __future__ import annotations

import re
import string

import pytest

from console import pofiles
from console.renditions import Known, all_known, recognised, rendition
from dialer.attending.agreeing import WORDS
from dialer.campaigns.campaigning import NEXT
from dialer.rules import breaks
from dialer.rules.checks.bars import HOUSE_BARS
from dialer.rules.differences import rules_of
from dialer.rules.flow_demands import demands
from dialer.rules.packs import load_packs
from dialer.settings import Settings
from ivr_flows.checking import check
from ivr_flows.loading import load
from ivr_flows.proving.happening import CARDS, RECALLS, TRANSFERS
from ivr_flows.proving.proof import prove
from tests.console.spoken import MARK, every
from tests.ivr_flows.proving.seeded_faults import SEEDS

LANGUAGES = ("pt-BR", "fr-FR")


def declared() -> list[str]:
    """What stands in tables."""
    return [
        *WORDS.values(),
        *NEXT.values(),
        *(words for table in (CARDS, TRANSFERS, RECALLS) for words in table.values()),
        *(reason for _, reason in HOUSE_BARS.values()),
        *(one.description or "" for one in Settings.model_fields.values()),
        *(one.what for pack in load_packs().by_country.values() for one in rules_of(pack)),
    ]


def is_known(text: str, language: str) -> bool:
    """Whether all words of it are: a text for parts of which another stands open is not."""
    if text in all_known(language)[0] or text in pofiles.of_pages(language):
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_citation_says_in_english_words_is_said_in_the_language(language: str) -> None:
    english = re.compile(r"\b(the|and|house|no|law|only|with|as|is|are|by|of|in|too|before|after|than|days|hours)\b")
    cited = {one.rule.citation for pack in load_packs().by_country.values() for one in rules_of(pack)}
    cited |= {one.source for one in breaks.sets().values()}
    worded = [one for one in cited if english.search(one)]
    assert len(worded) > 40
    assert not [one for one in worded if not is_known(one, language)]


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


def test_a_version_that_came_back_says_so_and_the_reason_that_was_typed_stays() -> None:
    assert rendition("Back to version 3: paused", "pt-BR") == "De volta à versão 3: paused"
    assert rendition("Again version 3: paused", "fr-FR") == "À nouveau la version 3 : paused"


def test_a_name_is_never_taken_for_a_word() -> None:
    assert '"paused"' in rendition('There is a campaign "paused" already: choose another name', "pt-BR")


def test_texts_that_were_joined_are_said_one_by_one() -> None:
    joined = "BR_DAY: no debt of the person is due. Try again when there is room"
    assert (
        rendition(joined, "fr-FR")
        == "BR_DAY : aucune dette de la personne n'est due. Réessayez quand il y aura de la place"
    )
    assert rendition("CAP: no debt of the person is due", "fr-FR") == "CAP : aucune dette de la personne n'est due"


def test_what_a_proof_finds_is_said_in_the_language_with_the_call_that_comes_to_it() -> None:
    flow = SEEDS["dropped from the queue"][1](load("recado"))
    assert flow is not None
    (found,) = prove(flow, demands(load_packs(), ("US",))).violations
    assert [rendition(part, "pt-BR") for part in (found.way, found.what, found.remedy)] == [
        "atende → 0 (agents_open sim) → esperou demais",
        "deixa cair quem esperava um atendente.",
        "Ofereça ligar de volta ou despeça-se.",
    ]
    said = str(found).replace(" [US]", "")
    assert rendition(f"own/x is not proven and stays a draft. {said} There are 3 more.", "fr-FR") == (
        "own/x n'est pas prouvé et reste un brouillon. F10 recado/done : décroche → 0 (agents_open oui) → a trop"
        " attendu : coupe quelqu'un qui attendait un agent. Proposez de rappeler, ou prenez congé."
        " Il y en a 3 de plus."
    )


@pytest.mark.parametrize("seed", ["the amount at once", "an exit missing", "a machine told more", "a threat"])
def test_nothing_that_a_proof_says_is_left_in_english(seed: str) -> None:
    flow = SEEDS[seed][1](load("recado"))
    assert flow is not None
    said = [*prove(flow, demands(load_packs(), ("US",))).violations]
    texts = {text for one in said for text in (one.what, one.remedy, one.way) if text}
    texts |= {text for one in check(flow) for text in (one.message, one.remedy)}
    english = re.compile(r"\b(the|is|an?|says|needs|to|level|answered|silence|of)\b")
    told = [rendition(text, "pt-BR") for text in texts]
    assert told
    assert not [one for one in told if english.search(re.sub('".*"', "", one).replace(" a ", " "))]


def test_an_event_on_a_way_is_one_by_itself_or_several_times() -> None:
    assert rendition("silence ×3", "pt-BR") == "silêncio ×3"
    assert rendition("answered (language fr-FR, has_mobile no)", "pt-BR") == "atende (language fr-FR, has_mobile não)"
    assert (
        rendition("answered → # (means nothing here) ×2 → 9 ×2", "fr-FR") == "décroche → # (sans effet ici) ×2 → 9 ×2"
    )
    assert rendition("nobody knows this ×3", "fr-FR") == "nobody knows this ×3"


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
