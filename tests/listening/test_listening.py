from __future__ import annotations

import numpy as np
import pytest

from audio.sound import Sound
from audio.waveform import RATE
from ivr_flows.loading import library, load
from ivr_flows.phrases import phrases
from ivr_flows.turn import Part, Speech
from tests.listening import tables
from tests.listening.calls import LANGUAGES, prompts
from tests.listening.judging import Listened, difference, gives_away, hearing, rates_by_kind, text_of
from tests.listening.recogniser import stretches
from tests.listening.sounds import narrowed

GREETING = Speech("pt-BR", (Part("Aqui é"), Part("Banco Aurora.", "name"), Part("Tecle um.")))


def listened(speech: Speech, telephone: str, studio: str | None = None) -> Listened:
    text = text_of(speech)
    clean = hearing(text, studio, speech.language) if studio is not None else None
    return Listened(speech, text, "pack", hearing(text, telephone, speech.language), clean, clean)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_prompt_is_there_once_in_words_that_can_be_compared(language: str) -> None:
    every = prompts(language)
    kinds = {part.kind for one in every for part in one.speech.parts}
    assert kinds == {"phrase", "name", "amount", "date", "number", "digits"}
    assert len({one.pattern for one in every}) == len(every)
    assert {one.speech.privacy for one in every} == {"public", "identity", "debt"}
    assert not [one for one in every if any(sign.isdigit() for sign in one.speech.text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_phrases_in_ten_of_the_library_are_listened_to(language: str) -> None:
    heard = {part.text for one in prompts(language) for part in one.speech.parts if part.kind == "phrase"}
    fixed = set().union(*(phrases(load(name), language) for name in library() if language in load(name).languages))
    assert len(heard & fixed) >= 0.9 * len(fixed), sorted(fixed - heard)


def test_another_seed_is_other_people_in_the_same_prompts() -> None:
    one, other = prompts("en-US", seed=1), prompts("en-US", seed=2)
    assert {each.pattern for each in one} == {each.pattern for each in other}
    assert {each.speech.text for each in one} != {each.speech.text for each in other}


def test_errors_are_counted_for_the_kind_of_word_that_they_fall_on() -> None:
    one = listened(GREETING, "Aqui é Banco Aurore. Tecle 1.")
    found = rates_by_kind([(one.text, one.telephone)])
    assert (found["name"].errors, found["name"].words) == (1, 2)
    assert (found["phrase"].errors, found["phrase"].words) == (0, 4)


def test_a_word_of_debt_is_told_in_what_anybody_may_hear_and_nowhere_else() -> None:
    assert gives_away(listened(GREETING, "Aqui é Banco Aurora. Cobrança.")) == "cobrança"
    assert gives_away(listened(GREETING, "Aqui é Banco Aurora. Tecle um.")) is None
    private = Speech("pt-BR", GREETING.parts, "debt")
    assert gives_away(listened(private, "Aqui é Banco Aurora. Cobrança.")) is None
    assert "cobrança" in "".join(tables.disclosures({"pt-BR": [listened(GREETING, "Cobrança")]}))


def test_the_telephone_is_compared_with_the_studio_in_points_of_all_words() -> None:
    worse = listened(GREETING, "Aqui é Banco Aurore. Tecle 1.", "Aqui é Banco Aurora. Tecle 1.")
    equal = listened(GREETING, "Aqui é Banco Aurora. Tecle 2.", "Aqui é Banco Aurora. Tecle 3.")
    gap = difference([worse, equal] * 10)
    assert gap.points == pytest.approx(100 / 12)
    assert 0 <= gap.low < gap.points < gap.high <= 100 / 6 + 1e-9
    assert not tables.all_met({"pt-BR": [worse, equal]})
    assert tables.all_met({"pt-BR": [equal]})


def test_the_tables_show_both_columns_and_a_dash_where_nothing_was_asked_of_the_studio() -> None:
    worse = listened(GREETING, "Aqui é Banco Aurore. Tecle 1.", "Aqui é Banco Aurora. Tecle 1.")
    alone = listened(GREETING, "Aqui é Banco Aurora. Tecle 1.")
    assert "| 16.7% | 0.0% |" in "".join(tables.figures({"pt-BR": [worse]}))
    assert "| pt-BR | 1 | 6 | 0.0% | 0 | – |" in "".join(tables.figures({"pt-BR": [alone]}))
    assert "AURORA" in "".join(tables.worse([worse, alone]))


def test_the_studio_over_the_telephone_is_at_its_rate_and_as_long() -> None:
    tone = Sound(np.sin(np.arange(24_000) * 2 * np.pi * 1000 / 24_000).astype("f4") / 4, 24_000)
    heard = narrowed(tone)
    assert heard.rate == RATE
    assert heard.seconds == pytest.approx(1, abs=0.1)


def test_a_long_sound_is_cut_in_its_pauses_and_nothing_is_lost() -> None:
    second = np.sin(np.arange(8_000) / 3).astype("f4") / 4
    pause = np.zeros(3_200, "f4")
    whole = Sound(np.concatenate([*[second] * 10, pause, *[second] * 10, pause, *[second] * 5]), 8_000)
    cut = stretches(whole)
    assert [each.seconds for each in cut] == pytest.approx([10.2, 10.4, 5.2], abs=0.15)
    assert not any(each.samples[-800:].any() for each in cut[:-1])
    assert np.array_equal(np.concatenate([each.samples for each in cut]), whole.samples)
    assert len(stretches(Sound(second, 8_000))) == 1
