"""Each persona against a small reminder call, in three languages: where the call comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_carrier.lines.mind import Mind
from local_carrier.lines.people import DEFAULT_MIX, People, Person, load_people
from local_carrier.lines.persona import PersonaRefused, personas, read_persona
from tests.local_carrier.little_ivr import LittleIvr
from tests.local_carrier.world import World, say

LANGUAGES = {"pt-BR": "+5511999990001", "en-US": "+12025550111", "fr-FR": "+33639980001"}
OUTCOMES = {
    "promiser": (["promised"], "1345221"),
    "payer": (["paid"], "13451"),
    "opts_out": (["opt_out"], "9"),
    "wrong_number": (["wrong_number"], "31"),
    "absent": (["absent"], "2"),
    "agent_seeker": (["agent"], "0"),
    "disputer": (["disputed"], "1345322"),
    "already_paid": (["claimed"], "134531"),
    "deceased_relative": (["deceased"], "32"),
    "silent": (["gave up at hello"], ""),
    "invalid_keys": (["gave up at hello"], "777"),
    "wrong_check": (["gave up at check"], "1346346346"),
    "refuses_check": (["gave up at check"], "1"),
    "barge_in": (["promised"], "1345221"),
    "repeat_listener": (["promised"], "1345*221"),
    "hangs_up_mid_sentence": ([], "1"),
    "hangs_up_at_once": ([], ""),
}

# Tried with what they are made for: inbound, screening, the card.
ELSEWHERE = {
    "calls_back", "texts_stop", "pays_by_card", "card_declined", "screener_accepts", "screener_declines",
    "voicemail_full", "switchboard", "several_debts", "asks_items", "callback_at_hour", "broken_promiser",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("persona", OUTCOMES)
async def test_people_get_where_they_want_by_what_they_hear(world: World, persona: str, language: str) -> None:
    ivr = LittleIvr(world.customer, language)
    address = LANGUAGES[language]
    world.person(address, persona, knows={"document_last3": "345"}, name="Ana Souza")
    call = await world.call(address)
    await world.run()
    ends, keys = OUTCOMES[persona]
    assert (ivr.ends, call.leg.keys) == (ends, keys)
    assert call.status == "completed"


@pytest.mark.parametrize("persona", ["busy", "no_answer", "invalid", "agent_absent"])
async def test_who_does_not_pick_up_hears_nothing(world: World, persona: str) -> None:
    LittleIvr(world.customer, "en-US")
    world.person("+12025550111", persona)
    call = await world.call("+12025550111")
    await world.run()
    assert not call.leg.words("heard")


async def test_an_agents_phone_stays_and_never_presses(world: World) -> None:
    ivr = LittleIvr(world.customer, "en-US")
    world.person("+12025550122", "agent")
    call = await world.call("+12025550122")
    await world.run()
    assert call.leg.keys == ""
    assert ivr.ends == ["gave up at hello"]


def test_every_shipped_persona_is_tried_here_or_by_detection() -> None:
    unanswered = {"busy", "no_answer", "invalid", "agent_absent", "agent"}
    machines = {"machine_with_beep", "machine_no_beep", "carrier_announcement", "fax"}
    assert set(personas()) == set(OUTCOMES) | unanswered | machines | ELSEWHERE


def test_a_person_is_content_once_the_last_want_is_done() -> None:
    mind = Mind(Person("+12025550111", personas()["promiser"]))
    for prompt, key in (("To promise a date, press 2.", "2"), ("To confirm, press 1.", "1")):
        mind.hears(prompt, "en-US")
        assert mind.decides() == key
    mind.hears("To promise a date, press 2.", "en-US")
    assert mind.decides() is None


def test_strangers_are_the_same_on_every_run() -> None:
    one, other = People(), People()
    numbers = [f"+120255501{n:02}" for n in range(60)]
    assert [one.at(n).persona.name for n in numbers] == [other.at(n).persona.name for n in numbers]
    assert {one.at(n).persona.name for n in numbers} == set(DEFAULT_MIX)
    assert one.at("client:ana").persona.name == "agent"
    assert one.at("+5511999990001").language == "pt-BR"


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_people_are_read_from_a_file(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"people.{suffix}"
    file.write_text(
        '{"default": "no_answer", "people": [{"address": "+12025550111", "persona": "payer", "name": "Ana Souza", '
        '"knows": {"birth_year": 1980}, "overrides": {"answers_after": 2}}]}'
    )
    people = load_people(file)
    ana = people.at("+12025550111")
    assert (ana.persona.name, ana.language, ana.knows, ana.persona.answers_after) == (
        "payer",
        "en-US",
        {"birth_year": "1980"},
        2,
    )
    assert people.at("+12025550199").persona.name == "no_answer"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("people: [{persona: payer}]", "without an address"),
        ("people: [{address: '+12025550111', persona: ghost}]", "persona 'ghost' is unknown"),
        ("people: [{address: '+12025550111', mood: bad}]", "says mood"),
        ("default: ghost", "default persona 'ghost'"),
        ("people: {", "not readable"),
        ("[]", "must hold a mapping"),
    ],
)
def test_a_bad_people_file_is_refused_with_the_reason(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "people.yaml"
    file.write_text(text)
    with pytest.raises(PersonaRefused, match=words):
        load_people(file)


def test_a_persona_with_an_unknown_word_is_refused() -> None:
    with pytest.raises(PersonaRefused, match="says patience"):
        read_persona("x", {"patience": 3})
    with pytest.raises(PersonaRefused, match="pickup"):
        read_persona("x", {"pickup": "dog"})


async def test_what_was_heard_is_told_even_when_it_is_cut_short(world: World) -> None:
    world.customer.pages["/voice"] = say("one two three four five six seven eight nine ten")
    world.person("+12025550111", "hangs_up_at_once")
    left = await world.call("+12025550111")
    await world.run()
    assert left.leg.words("heard") == ["one two three four five six …"]
    redirected = await world.call("+12025550112")
    await world.pass_time(6.5 + 1.4)
    await world.post(f"/Calls/{redirected.sid}.json", {"Status": "completed"}, status=200)
    assert redirected.leg.words("heard") == ["one two three four …"]


async def test_a_machine_tapes_only_what_comes_after_its_greeting(world: World) -> None:
    world.customer.pages["/voice"] = (
        "<Response><Say>one two three four</Say><Pause length='6'/><Say>five six seven eight</Say></Response>"
    )
    world.person("+12025550111", "machine_with_beep")
    call = await world.call("+12025550111")
    await world.run()
    assert call.leg.words("heard") == ["one two three four", "five six seven eight"]
    assert call.leg.words("taped") == ["… seven eight"]
