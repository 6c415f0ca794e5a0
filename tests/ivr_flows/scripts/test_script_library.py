"""The library of scripts: all fifteen are there and without fault, and lead where the product says that they lead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import get_args

import pytest

from dialer.rules.disposition import FINAL_FOR_CONTACT, FOR_GOOD, Disposition
from dialer.rules.facts import SuppressionKind
from dialer.rules.follow_up import rules
from dialer.rules.packs import load_packs
from ivr_flows.reading.marked import compose
from ivr_flows.scripts.catalogue import DISPOSITIONS, FIELDS, REASONS, TASKS
from ivr_flows.scripts.checking import check
from ivr_flows.scripts.loading import FRAGMENTS, library, load
from ivr_flows.scripts.script import End, Script
from ivr_flows.turn import Money, Privacy, Value
from ivr_flows.variables import Variable, VariableType

LANGUAGES = ("pt-BR", "en-US", "fr-FR")
NUMBERS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11a", "11b", "12", "13", "14"]
BY_TYPE: Mapping[VariableType, Value] = {
    "text": "Exemplo",
    "flag": True,
    "count": 3,
    "money": Money(123456, "BRL"),
    "date": date(2026, 12, 31),
}


def values_for(variables: Mapping[str, Variable]) -> dict[str, Value]:
    return {name: BY_TYPE[each.type] for name, each in variables.items()}


def led_to(script: Script, start: str, keys: str) -> str:
    at = start
    for key in keys:
        at = script.follow(at, key).name
    return at


def test_the_library_holds_all_fifteen_in_their_order() -> None:
    assert [load(name).number for name in library()] == NUMBERS


@pytest.mark.parametrize("name", library())
def test_a_script_has_no_fault_under_the_disclosures_of_the_law(name: str) -> None:
    law = load_packs().by_country["US"].flows
    assert law is not None
    assert set(law.disclosures) == set(LANGUAGES)
    assert load(name).languages == LANGUAGES
    assert check(load(name), law.disclosures) == []


@pytest.mark.parametrize("name", library())
def test_every_word_fills_in_three_languages_that_differ(name: str) -> None:
    script = load(name)
    values = values_for(script.variables)
    assert script.lacking(values) == ()
    for place in script.places():
        said = [script.filled(place, language, values) for language in LANGUAGES]
        assert not any("{" in text or "}" in text for text in said), place.name
        assert place.say is None or len(set(said)) == 3, place.name
        assert all(len(set(branch.label.values())) > 1 for branch in getattr(place, "branches", ())), place.name


@pytest.mark.parametrize("name", library())
def test_with_no_optional_value_at_all_every_step_still_has_words(name: str) -> None:
    script = load(name)
    needed = values_for({name: each for name, each in script.variables.items() if not each.optional})
    for step in script.steps.values():
        for language in LANGUAGES:
            assert script.filled(step, language, needed) or step.note[language], step.name


@pytest.mark.parametrize("name", library())
def test_everybody_can_ask_for_a_supervisor_and_stop_the_calls_at_every_step_that_is_heard(name: str) -> None:
    script = load(name)
    for step in script.steps.values():
        ends = {script.at(branch.to).name for branch in script.branches(step)}
        assert "stopped" in ends or step.machine or step.name == "listen", step.name
    assert script.ends["stopped"].disposition == Disposition.CEASE


# What is pressed in each script, from which step, and where it ends.
BRANCHES = [
    ("esqueceu-de-pagar", "matter", "11", "code_sending"),
    ("esqueceu-de-pagar", "matter", "211", "promised"),
    ("conta-nao-recebida", "matter", "112", "bill_in_hand"),  # the e-mail is right; it was among the spam
    ("conta-nao-recebida", "matter", "1211", "bill_in_hand"),  # the e-mail is corrected first
    ("conta-nao-recebida", "bill_in_hand", "1", "how_to_pay"),
    ("conta-errada", "matter", "11", "bill_corrected"),
    ("conta-errada", "matter", "21", "how_to_pay"),  # explained, then asked
    ("conta-errada", "matter", "23", "disputed"),
    ("aguarda-aprovacao", "matter", "21", "document_sent"),
    ("aguarda-aprovacao", "matter", "31", "approval_awaited"),
    ("nova-tentativa", "matter", "1", "how_to_pay"),
    ("correio-de-voz", "listen", "11", "voicemail_left"),
    ("correio-de-voz", "listen", "2", "shared_mailbox"),
    ("ja-pagou", "matter", "11", "paid_found"),
    ("ja-pagou", "matter", "12", "paid_noted"),
    ("empresa", "reception", "11", "matter"),  # through the switchboard to the person
    ("empresa", "reception", "3", "right_person"),
    ("nao-pode-falar", "free_now", "1", "driving"),  # who drives is let go at once
    ("nao-pode-falar", "free_now", "31", "call_again"),  # agreed on tomorrow
    ("nao-pode-falar", "matter", "1", "how_to_pay"),
    ("sem-dinheiro", "matter", "1111", "plan_begun"),  # reason, what fits, a plan, the first payment
    ("emprestimo-vencimento", "matter", "1", "reminded"),
    ("emprestimo-desconto", "matter", "31", "deduction_noted"),
    ("cortesia-15-dias", "matter", "12", "to_the_right_person"),
    ("cortesia-15-dias", "matter", "22", "how_to_pay"),  # paying today: the other ways too
    ("cortesia-15-dias", "matter", "3", "sooner"),
    ("cortesia-15-dias", "matter", "4", "sooner"),
    ("promessa-quebrada", "matter", "11", "cheque_on_its_way"),
    ("promessa-quebrada", "matter", "1221", "cheque_reissued"),  # over five days: address, stopped, issued anew
    ("promessa-quebrada", "matter", "31", "split_agreed"),
    ("promessa-quebrada", "matter", "41", "plan_again"),
    ("ultima-etapa", "matter", "21", "plan_begun"),
    ("ultima-etapa", "matter", "6221", "promised"),  # nothing today; a day for all of it, named
]


@pytest.mark.parametrize(("name", "start", "keys", "end"), BRANCHES)
def test_a_branch_leads_where_the_product_says(name: str, start: str, keys: str, end: str) -> None:
    script = load(name)
    assert led_to(script, start, keys) == end


def test_every_script_has_a_branch_in_the_table() -> None:
    assert {name for name, *_rest in BRANCHES} == set(library())


def test_every_end_is_known_to_the_dialer_with_its_task_and_deadline() -> None:
    assert set(DISPOSITIONS) <= set(Disposition)
    assert set(TASKS) <= set(rules().tasks)
    used = [end for name in library() for end in load(name).ends.values()]
    assert {end.task for end in used} - {""} == set(TASKS)


def test_the_words_of_ends_have_labels_in_every_language() -> None:
    for labels in (DISPOSITIONS, REASONS, TASKS):
        for word, label in labels.items():
            assert set(label) == set(LANGUAGES), word


def test_fields_have_labels_and_choices_in_every_language() -> None:
    for field in FIELDS.values():
        assert set(field.label) == set(LANGUAGES), field.name
        assert bool(field.choices) == (field.type == "choice"), field.name
        assert all(set(words) == set(LANGUAGES) for words in field.choices.values()), field.name


def test_what_is_lent_is_used_by_some_script() -> None:
    used = {place.name for name in library() for place in load(name).places()}
    for path in FRAGMENTS.glob("*.yaml"):
        fields = compose(path.read_text("utf-8"), str(path)).entries()
        lent = {name for kind in ("steps", "ends") if kind in fields for name in fields[kind].entries()}
        assert lent <= used, path.name


def test_a_correction_has_an_owner_and_a_day() -> None:
    end = load("conta-errada").ends["bill_corrected"]
    assert {"task_owner", "call_on"} <= set(end.requires)
    assert end.task == "correct_bill"


def test_no_plan_of_the_last_step_is_agreed_without_a_part_payment() -> None:
    plans = [end for end in load("ultima-etapa").ends.values() if end.reason == "plan"]
    assert plans
    assert all({"part_payment", "paid_amount"} & set(end.requires) for end in plans)


@pytest.mark.parametrize("name", library())
def test_what_is_promised_has_all_that_a_promise_or_a_plan_is_made_of(name: str) -> None:
    made_of = {"plan": {"instalments", "first_payment_on"}}
    for end in load(name).ends.values():
        if end.disposition == Disposition.PROMISED:
            assert made_of.get(end.reason, {"promise_date", "promise_amount"}) <= set(end.requires), end.name


def test_the_referral_is_told_only_where_the_creditor_has_set_its_day() -> None:
    script = load("ultima-etapa")
    known = values_for(script.variables)
    told = script.filled(script.step("matter"), "en-US", known)
    assert "by 12/31/2026, the account goes to an outside collection agency" in told
    assert "agency" not in script.filled(script.step("matter"), "en-US", known | {"referral_date": None})


@pytest.mark.parametrize("name", library())
def test_lawyers_insolvency_deaths_and_the_wish_to_stop_end_the_calls(name: str) -> None:
    ends = load(name).ends
    coded = {"lawyer": "lawyer", "insolvent": "insolvency", "deceased": "deceased", "stopped": "cease"}
    for word, disposition in coded.items():
        assert ends[word].disposition == disposition
        assert Disposition(disposition) in FINAL_FOR_CONTACT & FOR_GOOD
        assert disposition in get_args(SuppressionKind)  # the bar has the same name


@pytest.mark.parametrize("name", library())
def test_who_is_known_begins_behind_the_check_and_nobody_else_does(name: str) -> None:
    script = load(name)
    order = get_args(Privacy)
    assert order.index(script.first(known=False).discloses) < order.index("debt")
    assert not any(branch.confirms for branch in script.first(known=True).branches if script.start_known)


def test_a_voicemail_names_nobody_who_is_called() -> None:
    script = load("correio-de-voz")
    message = script.step("message")
    slots = {slot.variable for lines in (message.say or {}).values() for line in lines for slot in line.slots}
    assert slots == {"caller_name", "agent_name", "official_number"}
    assert not script.branches(message)[0].confirms


def test_who_drives_hears_one_sentence_and_is_asked_nothing() -> None:
    end = load("nao-pode-falar").follow("free_now", "1")
    assert isinstance(end, End)
    assert (end.disposition, end.requires) == ("callback_asked", ())
