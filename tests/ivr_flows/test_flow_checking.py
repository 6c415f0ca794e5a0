"""Each structural fault is found, at its node and language, with what to do; the library has none."""
# ruff: noqa: E501 (a table reads best a row a line)

from __future__ import annotations

import pytest

from ivr_flows.checking import check
from ivr_flows.loading import library, load, parse

WHOLE = """title: Whole
languages: [pt-BR, en-US]
start: hello
exits:
  silent: again
  invalid: again
  too_many: bye
  hung_up: bye
  machine: bye
  fax: bye
  recalled_opted_out: bye
  recalled_nothing_due: bye
  recalled_stopped: bye
prompts:
  silent: {pt-BR: "De novo.", en-US: "Again."}
  invalid: {pt-BR: "Não.", en-US: "No."}
variables:
  who: {type: text, privacy: public}
  has_mobile: {type: flag, privacy: public}
nodes:
  hello:
    kind: menu
    prompt: {pt-BR: "Olá, {who|name}.", en-US: "Hello, {who|name}."}
    keys: {"1": sms, "2": bye, "0": person, "9": stop}
  sms:
    kind: message
    template: t
    text: {pt-BR: "Ola {who}", en-US: "Hello {who}"}
    next: bye
    exits: {no_mobile: bye}
  person: {kind: callback, by_agent: true, prompt: {pt-BR: "Ligamos.", en-US: "We call."}, next: bye}
  stop: {kind: opt_out, prompt: {pt-BR: "Pronto.", en-US: "Done."}, next: bye}
  bye: {kind: hangup}
"""


@pytest.mark.parametrize("name", library())
def test_the_library_has_no_fault(name: str) -> None:
    assert check(load(name)) == []


def test_a_whole_flow_has_no_fault() -> None:
    assert check(parse(WHOLE, "whole.yaml")) == []


@pytest.mark.parametrize(
    ("old", "new", "node", "language", "message"),
    [
        ("  silent: again\n", "", "hello", "", "The exit 'silent' is missing."),
        ("  invalid: again\n", "", "hello", "", "The exit 'invalid' is missing."),
        ("  too_many: bye\n", "", "hello", "", "The exit 'too_many' is missing."),
        ("  too_many: bye\n", "  too_many: again\n", "hello", "", "The exit 'too_many' asks again."),
        ("  hung_up: bye\n", "", "hello", "", "The exit 'hung_up' is missing."),
        ("  machine: bye\n", "", "hello", "", "The exit 'machine' is missing."),
        ("  recalled_stopped: bye\n", "", "hello", "", "The exit 'recalled_stopped' is missing."),
        ("    exits: {no_mobile: bye}\n", "", "sms", "", "The exit 'no_mobile' is missing."),
        ("{no_mobile: bye}", "{no_mobile: bye, no_code: bye}", "sms", "", "The exit 'no_code' is never taken here."),
        ("  hung_up: bye\n", "  hung_up: hello\n", "hello", "", "The exit 'hung_up' leads here, where the call would wait."),
        ('"1": sms, ', "", "sms", "", "Nothing leads to this node."),
        ("Olá, {who|name}.", "Olá, {you|name}.", "hello", "", "Variable 'you' is not declared."),
        ("  who: {", "  spare: {type: text, privacy: public}\n  who: {", "", "", "Variable 'spare' is never used."),
        ("flag, privacy: public}", "flag, privacy: public, from: call}", "", "", "Variable 'has_mobile' is never set in the call."),
        ('"2": bye', '"2": {to: bye, set: {who: me}}', "", "", "Variable 'who' is set in the call."),
        ('"2": bye', '"2": {to: bye, set: {has_mobile: maybe}}', "hello", "", "Variable 'has_mobile' (flag) is set to 'maybe'."),
        (', en-US: "Hello, {who|name}."', "", "hello", "en-US", "A prompt has no words."),
        (', en-US: "Hello {who}"', "", "sms", "en-US", "A prompt has no words."),
        ('"Again."}', '"Again.", de-DE: "Noch einmal."}', "", "de-DE", "The flow does not list this language."),
        ("languages: [pt-BR, en-US]", "languages: [pt-BR, en-US, xx]", "", "xx", "There are no number words for it."),
        ("Olá, {who|name}.", "Olá, {who|shout}.", "hello", "pt-BR", "There is no filter 'shout'."),
        ("Olá, {who|name}.", "Olá, {who|amount}.", "hello", "pt-BR", "who (text) cannot be said with filter 'amount'."),
        ("Olá, {who|name}.", "Olá, {has_mobile}.", "hello", "pt-BR", "has_mobile (flag) cannot be said with filter ''."),
        ("Ola {who}", "Ola" + "!" * 310 + " {who}", "sms", "pt-BR", "The message takes about 339 signs; two segments hold 306."),
        ("Ola {who}", "Olá ã" + "!" * 130 + " {who}", "sms", "pt-BR", "The message takes about 161 signs; two segments hold 134."),
        ('  silent: {pt-BR: "De novo.", en-US: "Again."}\n', "", "hello", "", "Nothing is said before asking again (silent)."),
    ],
)  # fmt: skip
def test_a_fault_is_found(old: str, new: str, node: str, language: str, message: str) -> None:
    assert old in WHOLE
    found = check(parse(WHOLE.replace(old, new), "whole.yaml"))
    assert (node, language, message) in [(each.node, each.language, each.message) for each in found]
    assert all(each.remedy and str(each).startswith("whole") for each in found)


def test_a_circle_without_a_wait_is_found() -> None:
    nodes = '  one: {kind: say, prompt: {pt-BR: "a", en-US: "a"}, next: two}\n  two: {kind: set, next: one}\n'
    flow = parse(WHOLE.replace('"2": bye', '"2": one').replace("  bye: {", nodes + "  bye: {"), "whole.yaml")
    assert [each.node for each in check(flow)] == ["one", "two"]


def test_private_words_for_a_machine_are_found() -> None:
    text = WHOLE.replace("who: {type: text, privacy: public}", "who: {type: text, privacy: identity}").replace(
        "  bye: {", '  leave: {kind: voicemail, prompt: {pt-BR: "{who}", en-US: "{who}"}, next: bye}\n  bye: {'
    )
    found = check(parse(text.replace("  machine: bye", "  machine: leave"), "whole.yaml"))
    assert [(each.node, each.message) for each in found] == [("leave", "A machine would be told who.")]


CHECKED = """
  check:
    kind: verify
    prompts: {document_last3: {pt-BR: "Digite.", en-US: "Enter."}}
    next: told
    exits: {refused: bye, unavailable: bye}
  told: {kind: say, privacy: debt, prompt: {pt-BR: "A conta.", en-US: "The bill."}, next: bye}
"""
CHECK_VARIABLES = """  has_mobile: {type: flag, privacy: public}
  check_kind: {type: text, privacy: identity, optional: true}
  check_value: {type: secret, privacy: identity, optional: true}
"""


def with_check(text: str) -> str:
    text = text.replace("  has_mobile: {type: flag, privacy: public}\n", CHECK_VARIABLES)
    return text.replace('"2": bye', '"2": check').replace(
        "  bye: {kind: hangup}", CHECKED.strip("\n") + "\n  bye: {kind: hangup}"
    )


def test_behind_a_check_a_debt_may_be_spoken_of() -> None:
    assert check(parse(with_check(WHOLE), "whole.yaml")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("refused: bye", "refused: told"),  # who refuses the check
        ("unavailable: bye", "unavailable: told"),  # whom there is nothing to check against
        ("  machine: bye", "  machine: told"),  # a machine
        ("hung_up: bye", "hung_up: told"),
    ],
)
def test_every_way_to_a_debt_that_passes_no_check_is_found(old: str, new: str) -> None:
    text = with_check(WHOLE)
    assert old in text
    found = [(each.node, each.message) for each in check(parse(text.replace(old, new), "whole.yaml"))]
    assert ("told", "A debt is given away before any check.") in found


@pytest.mark.parametrize(
    ("act", "more"),
    [
        ("hold", "reason: dispute"),
        ("promise", "amount: owed, on: day, exits: {too_late: bye}"),
        ("pay", "way: link, texts: {link: {pt-BR: a, en-US: a}}, exits: {no_mobile: bye, no_code: bye}"),
    ],
)
def test_what_is_kept_about_a_debt_needs_a_check_as_well(act: str, more: str) -> None:
    text = WHOLE.replace('"2": bye', '"2": act').replace(
        "  bye: {kind", f"  act: {{kind: {act}, {more}, next: bye}}\n  bye: {{kind"
    )
    found = [(each.node, each.message) for each in check(parse(text, "whole.yaml"))]
    assert ("act", "A debt is given away before any check.") in found


def test_a_caller_who_may_be_anybody_hears_nothing_of_anybody() -> None:
    text = WHOLE.replace("who: {type: text, privacy: public}", "who: {type: text, privacy: identity}")
    assert check(parse(text, "whole.yaml")) == []
    found = check(parse(text.replace("start: hello", "start: hello\ninbound: true"), "whole.yaml"))
    assert {each.message for each in found} == {"A caller who may be anybody hears who is on record."}
    assert {each.node for each in found} == {"hello", "sms"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"0": person', '"4": person', "Key 0 does not lead to a person of the team."),
        (', "9": stop', ', "3": stop', "Key 9 does not lead to the end of the calls."),
        ('"9": stop', '"9": person, "3": stop', "Key 9 does not lead to the end of the calls."),
        ('"0": person', '"0": stop, "3": person', "Key 0 does not lead to a person of the team."),
    ],
)
def test_every_menu_has_its_ways_out(old: str, new: str, message: str) -> None:
    found = check(parse(WHOLE.replace(old, new), "whole.yaml"))
    assert [(each.node, each.message) for each in found] == [("hello", message)]


def test_a_copied_variable_is_of_the_same_type() -> None:
    text = WHOLE.replace("variables:\n", "variables:\n  sum: {type: money, privacy: public, from: call}\n").replace(
        '"2": bye', '"2": {to: bye, set: {sum: "{who}"}}'
    )
    found = [each.message for each in check(parse(text, "whole.yaml"))]
    assert "Variable 'sum' (money) is set to 'who' (text)." in found


@pytest.mark.parametrize("name", library())
def test_every_flow_tells_of_a_recording_before_it_asks_anything(name: str) -> None:
    flow = load(name)
    lines = [line for lines in (flow.nodes[flow.start].prompt or {}).values() for line in lines]
    told = [line for line in lines if line.when and line.when.names == {"recorded"}]
    assert len(told) == len(flow.languages)
