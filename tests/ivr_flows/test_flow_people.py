"""Simulated people find their way through every flow by what they hear alone: the words and the keys agree."""

from __future__ import annotations

import pytest
from flow_calls import effects, maria, words

from ivr_flows import engine
from ivr_flows.events import Event, Pressed, Silent, TransferEnded
from ivr_flows.loading import library, load
from ivr_flows.turn import End, Transfer, Turn
from local_carrier.lines.mind import Mind
from local_carrier.lines.people import Person
from local_carrier.lines.persona import personas

LANGUAGES = ("pt-BR", "en-US", "fr-FR")
ASKING = [name for name in library() if name not in ("recado", "torpedo")]
COMES_TO = {
    "promiser": "promised",
    "payer": "payment_code_sent",
    "already_paid": "already_paid",
    "disputer": "disputed",
    "several_debts": "promised",
    "asks_items": "promised",
    "repeat_listener": "promised",
    "refuses_check": "refused_check",
    "wrong_check": "failed_check",
    "agent_seeker": "transferred",
    "wrong_number": "wrong_number",
    "deceased_relative": "deceased",
    "opts_out": "opted_out",
    "silent": "no_input",
    "invalid_keys": "no_input",
}
ABSENT = {"absent": "absent", "callback_at_hour": "absent"}  # nobody who calls us is out


def outcome(flow_name: str, persona: str, language: str) -> str:
    """The disposition of a call with this kind of person, who hears the words of the turns and nothing else."""
    flow = load(flow_name)
    knows = {"document_last3": "123", "pay_day": "0512"}
    listener = Mind(Person("+15555550101", personas()[persona], language, "Maria Souza", knows), calling=flow.inbound)
    turn = engine.start(flow, maria(language, debts=2 if persona == "several_debts" else 1, recorded=True))
    for _ in range(30):
        if isinstance(turn.wait, End):
            return effects(turn)[-1].removeprefix("disposed ")
        listener.hears(words(turn), language)
        turn = engine.resume(flow, turn.state, answer(turn, listener))
    return "never ends"


def answer(turn: Turn, listener: Mind) -> Event:
    if isinstance(turn.wait, Transfer):
        return TransferEnded("talked")
    keys = listener.decides()
    return Pressed(keys.rstrip("#")) if keys else Silent()


@pytest.mark.parametrize(
    "flow",
    [name if name in ("lembrete", "retorno") else pytest.param(name, marks=pytest.mark.soak) for name in ASKING],
)
def test_people_get_what_they_want_from_the_words_alone(flow: str) -> None:
    wanted = COMES_TO | ({} if load(flow).inbound else ABSENT)
    spoken = {persona: LANGUAGES[n % 3] for n, persona in enumerate(wanted, start=ASKING.index(flow))}
    assert {persona: outcome(flow, persona, spoken[persona]) for persona in wanted} == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_torpedo_wants_no_answer_and_takes_the_one_that_matters(language: str) -> None:
    assert outcome("torpedo", "promiser", language) == "completed"
    assert outcome("torpedo", "opts_out", language) == "opted_out"
