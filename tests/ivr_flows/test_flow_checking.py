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
    keys: {"1": sms, "2": bye}
  sms:
    kind: message
    template: t
    text: {pt-BR: "Ola {who}", en-US: "Hello {who}"}
    next: bye
    exits: {no_mobile: bye}
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
        ('{"1": sms, "2": bye}', '{"2": bye}', "sms", "", "Nothing leads to this node."),
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
