"""A card in a flow: charged with what was said, and what is said and checked around it."""

from __future__ import annotations

import pytest
from flow_calls import call, effects, maria, words

from ivr_flows.checking import check
from ivr_flows.engine import resume
from ivr_flows.errors import FlowInvalid, InputRefused
from ivr_flows.events import CardEnded, HungUp, MachineHeard, Pressed, Recalled, Silent
from ivr_flows.loading import load, parse
from ivr_flows.turn import Card, Money, PaidByCard, Turn

LEMBRETE = load("lembrete")


def at_the_card(language: str = "pt-BR", *, debts: int = 1, **given: object) -> Turn:
    inputs = ["1", "123", "1", *(["2"] if debts > 1 else []), "5", "1"]
    return call(LEMBRETE, maria(language, debts=debts, card_open=True, **given), *inputs)[-1]  # type: ignore[arg-type]


def waiting(turn: Turn) -> Card:
    assert isinstance(turn.wait, Card), turn.path
    return turn.wait


@pytest.mark.parametrize("debts", [1, 2])
def test_the_card_is_charged_with_the_very_amount_that_was_said(debts: int) -> None:
    turn = at_the_card(debts=debts)
    wait = waiting(turn)
    said = "cento e cinquenta reais e cinquenta centavos" if debts == 1 else "noventa e nove reais e setenta e cinco"
    assert said in words(turn)
    assert wait.amount == Money(15050 if debts == 1 else 9975, "BRL")
    assert wait.debts == (() if debts == 1 else ("2",))
    paid = resume(LEMBRETE, turn.state, CardEnded("paid", "ch_1"))
    assert PaidByCard(wait.amount, "ch_1", wait.debts) in paid.effects


@pytest.mark.parametrize("language", ["pt-BR", "en-US", "fr-FR"])
def test_every_figure_is_asked_in_our_own_words_and_again_after_a_mistake(language: str) -> None:
    wait = waiting(at_the_card(language))
    asked = {(one.asks, one.again) for one in wait.prompts}
    figures = ("number", "expiry", "postal_code", "code")
    assert asked == {(one, again) for one in figures for again in (False, True)} | {("processing", False)}
    assert {one.speech.privacy for one in wait.prompts} == {"public"}
    assert (wait.language, wait.tries) == (language, 3)


def test_the_postal_code_is_asked_where_issuers_check_it() -> None:
    assert not waiting(at_the_card()).postal_code
    assert waiting(at_the_card(amount=Money(15050, "USD"), amount_total=Money(15050, "USD"))).postal_code


@pytest.mark.parametrize("debts", [1, 2])
def test_silence_after_the_card_is_no_payment(debts: int) -> None:
    after = resume(LEMBRETE, at_the_card(debts=debts).state, Silent())
    assert not [one for one in after.effects if isinstance(one, PaidByCard)]
    assert "pay_by_agent" in after.path


def test_keys_mean_nothing_while_the_carrier_takes_the_card() -> None:
    with pytest.raises(InputRefused):
        resume(LEMBRETE, at_the_card().state, Pressed("4242424242424242"))


def test_a_late_verdict_leaves_the_card_alone_and_a_recall_ends_it() -> None:
    turn = at_the_card()
    assert resume(LEMBRETE, turn.state, MachineHeard("machine")).wait == turn.wait  # they have pressed keys before
    assert effects(resume(LEMBRETE, turn.state, Recalled("nothing_due"))) == ["disposed recalled"]
    assert effects(resume(LEMBRETE, turn.state, HungUp())) == ["disposed hung_up"]


def test_a_payment_outlives_what_follows() -> None:
    paid = resume(LEMBRETE, at_the_card().state, CardEnded("paid", "ch_1"))
    assert effects(paid)[-1] == "disposed paid_by_card"


CARD_FLOW = """title: Card
languages: [pt-BR]
start: check
exits: {silent: again, invalid: again, too_many: bye, hung_up: bye, machine: bye, fax: bye,
  recalled_opted_out: bye, recalled_nothing_due: bye, recalled_stopped: bye}
prompts: {silent: {pt-BR: "De novo."}, invalid: {pt-BR: "Não."}}
variables:
  check_kind: {type: text, privacy: public}
  check_value: {type: secret, privacy: identity}
  card_open: {type: flag, privacy: public}
  sum: {type: money, privacy: debt}
nodes:
  check:
    kind: verify
    prompts: {document_last3: {pt-BR: "Os três últimos."}}
    next: card
    exits: {refused: bye, unavailable: bye}
  card:
    kind: pay
    method: card
    privacy: debt
    amount: sum
    prompt: {pt-BR: "Vamos cobrar {sum|amount}."}
    prompts: {number: {pt-BR: "Número."}, expiry: {pt-BR: "Validade."}, postal_code: {pt-BR: "CEP."},
      code: {pt-BR: "Código."}}
    next: bye
    exits: {failed: bye, stopped: bye, unavailable: bye}
  bye: {kind: hangup}
"""


def test_a_flow_that_says_what_it_charges_is_whole() -> None:
    assert check(parse(CARD_FLOW, "card")) == []


@pytest.mark.parametrize(
    ("whole", "broken", "fault"),
    [
        ("Vamos cobrar {sum|amount}.", "Vamos cobrar.", "which the prompt does not say"),
        (', expiry: {pt-BR: "Validade."}', "", "expiry would be asked in other words"),
        (", unavailable: bye}\n  bye", "}\n  bye", "The exit 'unavailable' is missing."),
        ("start: check", "start: card", "debt"),
    ],
)
def test_what_is_wrong_about_a_card_is_found(whole: str, broken: str, fault: str) -> None:
    assert whole in CARD_FLOW
    found = [problem.message for problem in check(parse(CARD_FLOW.replace(whole, broken), "card"))]
    assert any(fault in message for message in found), found


@pytest.mark.parametrize("field", ['texts: {pix: {pt-BR: "x"}}', "way: pix"])
def test_fields_of_the_other_way_to_pay_are_refused(field: str) -> None:
    with pytest.raises(FlowInvalid, match="method card needs amount and prompts"):
        parse(CARD_FLOW.replace("    method: card\n", f"    method: card\n    {field}\n"), "card")
