"""Each fault of a script is found, at its step and language, with file, line and what to do."""
# ruff: noqa: E501 (a table reads best a row a line)

from __future__ import annotations

import pytest

from ivr_flows.errors import FlowInvalid
from ivr_flows.scripts.checking import check
from ivr_flows.scripts.loading import parse

WHOLE = """number: "1"
title: {pt-BR: "Um", en-US: "One"}
languages: [pt-BR, en-US]
start: hello
fits: [{}]
variables:
  caller_name: {type: text, privacy: public}
  full_name: {type: text, privacy: identity}
  amount_total: {type: money, privacy: debt}
  country: {type: text, privacy: public, optional: true}
  recorded: {type: flag, privacy: public, optional: true}
anywhere:
  "9": {label: {pt-BR: "Parar", en-US: "Stop"}, to: stopped}
steps:
  hello:
    discloses: identity
    say:
      pt-BR: ["Olá, aqui é {caller_name}.", {when: recorded, say: "Gravada."}, "É {full_name}?"]
      en-US: ["Hello, this is {caller_name}.", {when: recorded, say: "Recorded."}, "Is that {full_name}?"]
    keys:
      "1": {label: {pt-BR: "Sim", en-US: "Yes"}, to: told, confirms: true}
      "2": {label: {pt-BR: "Caixa", en-US: "Machine"}, to: message}
      "3": {label: {pt-BR: "Não", en-US: "No"}, to: wrong}
  told:
    discloses: debt
    say:
      pt-BR: "Uma empresa de cobrança. {country}"
      en-US: "A debt collector. {country}"
    note: {pt-BR: "Nota", en-US: "Note"}
    keys:
      "1": {label: {pt-BR: "Ir", en-US: "Go"}, to: owed}
  owed:
    discloses: debt
    say: {pt-BR: "São {amount_total}.", en-US: "It is {amount_total}."}
    keys:
      "1": {label: {pt-BR: "De novo", en-US: "Again"}, to: owed}
      "2": {label: {pt-BR: "Promete", en-US: "Promises"}, to: promised}
  message:
    machine: true
    anywhere: false
    say: {pt-BR: "Olá. Este é um recado de {caller_name}.", en-US: "Hello. This is a message from {caller_name}."}
    keys:
      "1": {label: {pt-BR: "Fim", en-US: "End"}, to: left}
ends:
  promised: {title: {pt-BR: "P", en-US: "P"}, disposition: promised, reason: plan, requires: [promise_date], task: send_agreement}
  left: {title: {pt-BR: "R", en-US: "R"}, disposition: voicemail_left}
  wrong: {title: {pt-BR: "E", en-US: "W"}, disposition: wrong_number}
  stopped: {title: {pt-BR: "N", en-US: "S"}, disposition: opted_out, say: {pt-BR: "Até logo.", en-US: "Goodbye."}}
"""
LAW = {"pt-BR": ("empresa de cobrança",), "en-US": ("debt collector",)}
HELLO_SAYS = 'en-US: ["Hello, this is {caller_name}.", {when: recorded, say: "Recorded."}, "Is that {full_name}?"]'
TOLD_SAYS = 'say: {pt-BR: "São {amount_total}.", en-US: "It is {amount_total}."}'

# What is changed in the whole script, to what; where that is found; in which language; what is told.
SEEDED = {
    "no branch": ('    keys:\n      "1": {label: {pt-BR: "Fim", en-US: "End"}, to: left}\n', "    keys: {}\n", "message", "", "It has no branch."),
    "an unreached end": ('to: message}', 'to: wrong}', "left", "", "Nothing leads here."),
    "an unreached step": ('to: message}', 'to: wrong}', "message", "", "Nothing leads here."),
    "a dead end": ('to: left}', 'to: message}', "message", "", "No way leads from here to an end."),
    "a circle without a choice": ('to: left}', 'to: message}', "message", "", "The script comes back here without a choice of the agent."),
    "a key that is there anywhere": ('"2": {label: {pt-BR: "Promete"', '"9": {label: {pt-BR: "Promete"', "owed", "", "Key 9 is there twice: it is one of those that lead on from anywhere."),
    "a debt before the check": (", confirms: true", "", "told", "", "A debt is spoken of before it is known who speaks."),
    "a debt from anywhere": ('disposition: opted_out, say', 'disposition: opted_out, discloses: debt, say', "stopped", "", "A debt is spoken of before it is known who speaks."),
    "no disclosure": ("A debt collector.", "A company.", "told", "en-US", "A debt is spoken of before the disclosures that the law asks for (debt collector)."),
    "a disclosure in other countries only": ('pt-BR: "Uma empresa de cobrança. {country}"', 'pt-BR: ["Oi.", {when: country == FR, say: "Uma empresa de cobrança."}]', "told", "pt-BR", "A debt is spoken of before the disclosures that the law asks for (empresa de cobrança)."),
    "no words in a language": (', en-US: "It is {amount_total}."', "", "owed", "en-US", "What is said has no words."),
    "no label in a language": ('{pt-BR: "Promete", en-US: "Promises"}', '{pt-BR: "Promete"}', "owed", "en-US", "The label of key 2 has no words."),
    "no label anywhere in a language": ('{pt-BR: "Parar", en-US: "Stop"}', '{pt-BR: "Parar"}', "", "en-US", "The label of key 9 (anywhere) has no words."),
    "no note in a language": (', en-US: "Note"}', "}", "told", "en-US", "The note has no words."),
    "no title in a language": ('title: {pt-BR: "Um", en-US: "One"}', 'title: {pt-BR: "Um"}', "", "en-US", "The title has no words."),
    "no title of an end": ('{title: {pt-BR: "R", en-US: "R"}', '{title: {pt-BR: "R"}', "left", "en-US", "The title has no words."),
    "a language of no use": ('en-US: "It is {amount_total}."}', 'en-US: "It is {amount_total}.", fr-FR: "Voici."}', "owed", "fr-FR", "It has words in a language of no use."),
    "a language without words": ("languages: [pt-BR, en-US]", "languages: [pt-BR, en-US, de-DE]", "", "de-DE", "There are no words for it."),
    "an undeclared variable": ("{caller_name}.\", {when: recorded, say: \"Recorded", "{agent_name}.\", {when: recorded, say: \"Recorded", "hello", "", "Variable 'agent_name' is not declared."),
    "an undeclared condition": ('{when: recorded, say: "Recorded."}', '{when: level == checked, say: "Recorded."}', "hello", "", "Variable 'level' is not declared."),
    "an idle variable": ("variables:\n", "variables:\n  contract: {type: text, privacy: debt}\n", "", "", "Variable 'contract' is never used."),
    "a variable of another class": ("amount_total: {type: money, privacy: debt}", "amount_total: {type: money, privacy: public}", "", "", "Variable 'amount_total' is declared public and is of class debt."),
    "a filter for the ear": ("It is {amount_total}.", "It is {amount_total|amount}.", "owed", "en-US", "{amount_total|amount} has a filter, which is for the ear."),
    "a flag that is said": ("It is {amount_total}.", "It is {amount_total}, {recorded}.", "owed", "en-US", "recorded (flag) cannot be said."),
    "a threat": ("It is {amount_total}.", "Pay {amount_total} or we call the police.", "owed", "en-US", 'It says "police", which nobody may be told.'),
    "a threat at the end": ("Goodbye.", "See you in a lawsuit.", "stopped", "en-US", 'It says "lawsuit", which nobody may be told.'),
    "a class that is too low": ("Is that {full_name}?\"]", "Is that {full_name}, {amount_total}?\"]", "hello", "en-US", "Its words are of class debt, and it is declared identity."),
    "a word that gives a debt away": ('"Recorded."}', '"About a debt."}', "hello", "en-US", '"debt" gives a debt away, and it is declared identity.'),
    "more than a machine may hear": ('en-US: "Hello. This is a message from {caller_name}."', 'en-US: "Hello. It is urgent, {caller_name}."', "message", "en-US", 'A machine would be told "Hello. It is urgent".'),
    "perhaps no words": (TOLD_SAYS, 'say: {pt-BR: "São {amount_total}.", en-US: [{when: recorded, say: "It is {amount_total}."}]}', "owed", "en-US", "It may be left without a word."),
    "an empty step": ("    " + TOLD_SAYS + "\n", "", "owed", "", "It has neither words nor a note."),
    "an unknown disposition": ("disposition: wrong_number", "disposition: who_knows", "wrong", "", "There is no disposition 'who_knows'."),
    "an unknown reason": ("reason: plan", "reason: mood", "promised", "", "There is no reason 'mood'."),
    "an unknown field": ("requires: [promise_date]", "requires: [promise_date, mood]", "promised", "", "There is no field 'mood'."),
    "an unknown task": ("task: send_agreement", "task: dance", "promised", "", "There is no task 'dance'."),
}  # fmt: skip


def test_a_whole_script_has_no_fault() -> None:
    assert check(parse(WHOLE, "whole.yaml"), LAW) == []


@pytest.mark.parametrize("name", SEEDED)
def test_a_seeded_fault_is_found(name: str) -> None:
    old, new, step, language, message = SEEDED[name]
    assert old in WHOLE
    found = check(parse(WHOLE.replace(old, new, 1), "whole.yaml"), LAW)
    [fault] = [each for each in found if (each.step, each.language, each.message) == (step, language, message)]
    assert fault.remedy
    assert str(fault).startswith("whole.yaml:")


def test_a_script_for_companies_needs_no_disclosure_of_consumer_law() -> None:
    text = WHOLE.replace("A debt collector.", "A company.").replace("fits: [{}]", "fits: [{person: company}]")
    assert check(parse(text, "whole.yaml"), LAW) == []


def test_what_is_due_is_disclosed_also_where_the_days_are_not_known() -> None:
    said = 'en-US: ["Yes.", {when: not days_past_due <= 0, say: "A debt collector."}]'
    text = WHOLE.replace('en-US: "A debt collector. {country}"', said)
    text = text.replace(
        "variables:\n", "variables:\n  days_past_due: {type: count, privacy: debt, optional: true}\n", 1
    )
    script = parse(text, "whole.yaml")
    assert check(script, LAW) == []
    assert script.filled(script.step("told"), "en-US", {}) == "Yes. A debt collector."
    assert script.filled(script.step("told"), "en-US", {"days_past_due": -3}) == "Yes."


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"3": {label: {pt-BR: "Não"', '"2": {label: {pt-BR: "Não"', "'2' is given twice"),
        ('"3": {label: {pt-BR: "Não"', '"0": {label: {pt-BR: "Não"', "'0' is no key; write one of 1 to 9"),
        ("to: owed}", "to: nowhere}", "leads to 'nowhere', which is no step and no end"),
        ("start: hello", "start: nowhere", "starts at 'nowhere', which is no step of it"),
        ('label: {pt-BR: "Fim", en-US: "End"}', "label: bye", "There is no label 'bye'"),
        ("fits: [{}]", "fits: [{days: {from: 9, to: 3}}]", "ends at 3, before it begins at 9"),
        ("fits: [{}]", "fits: [{wishes: [sing]}]", "'sing' is not known here"),
        ("fits: [{}]", "fits: [{}]\ninclude: [nothing]", "There is no fragment 'nothing'"),
        ("  left: {", "  hello: {", "'hello' exists already"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(old: str, new: str, what: str) -> None:
    assert old in WHOLE
    with pytest.raises(FlowInvalid) as refused:
        parse(WHOLE.replace(old, new, 1), "whole.yaml")
    assert what in refused.value.what
    assert 1 <= refused.value.line <= WHOLE.count("\n") + 2
