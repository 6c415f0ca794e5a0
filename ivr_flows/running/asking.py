"""Questions: what is said and waited for, asking again, and what a key means."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ivr_flows.errors import FlowFailed
from ivr_flows.nodes import AGAIN, Asking, Collect, Key, Menu, Record, Verify
from ivr_flows.running.days import keyed_day
from ivr_flows.running.run import Run
from ivr_flows.templating import Prompt
from ivr_flows.turn import Keys
from ivr_flows.turn import Record as RecordWait

MAX_REPEATS = 5  # times one question is repeated on request: a stuck key must not hold the line for ever

Question = Menu | Verify | Collect | Record
Step = str | Keys | RecordWait


def begin(run: Run, node: Question) -> Step:
    """Ask for the first time."""
    run.data["tries"] = 0
    run.data["repeats"] = 0
    return ask(run, node)


def ask(run: Run, node: Question) -> Step:
    """Say the question and wait."""
    match node:
        case Menu():
            _say_menu(run, node)
        case Verify():
            run.say(node.prompts[str(run.value("check_kind"))], "identity")
        case Collect() | Record():
            run.say(node.prompt, node.privacy)
        case _:
            assert_never(node)
    return wait_of(run, node)


def _say_menu(run: Run, node: Menu) -> None:
    """The prompt and every key on offer are one utterance."""
    before = len(run.speech)
    run.say(node.prompt, node.privacy)
    for key in _on_offer(run, node):
        run.say(key.say, node.privacy)
    if spoken := run.speech[before:]:
        private = max(spoken, key=lambda each: ("public", "identity", "debt").index(each.privacy))
        run.speech[before:] = [replace(private, parts=tuple(part for each in spoken for part in each.parts))]


def _on_offer(run: Run, node: Menu) -> list[Key]:
    values = run.values()
    return [key for key in node.keys if key.when is None or key.when.holds(values)]


def wait_of(run: Run, node: Question) -> Keys | RecordWait:
    """What the question waits for."""
    match node:
        case Menu():
            return Keys(timeout_seconds=node.timeout_seconds)
        case Verify():
            digits = len(str(run.value("check_value")))
            return Keys(max_digits=digits, timeout_seconds=node.timeout_seconds, secret=True)
        case Collect():
            most = 4 if node.what == "date" else node.max_digits
            return Keys(max_digits=most, finish_on="#", timeout_seconds=node.timeout_seconds)
        case Record():
            return RecordWait(node.max_seconds)
        case _:
            assert_never(node)


def missed(run: Run, node: Question, why: str) -> Step:
    """Nothing, or nothing of use, was heard: ask again with a word about it, until the tries are used up."""
    target = run.leave(node, why)
    if target != AGAIN:
        return target
    if run.count("tries", 1) >= node.tries:
        return after_too_many(run, node)
    run.say(retry_prompt(run, node, why), "public")
    return ask(run, node)


def after_too_many(run: Run, node: Asking) -> str:
    """The way on after too many tries, which cannot be to ask again."""
    target = run.leave(node, "too_many")
    if target == AGAIN:
        raise FlowFailed(f"{run.flow.name}: node {node.name} never stops asking; give too_many a node.")
    return target


def retry_prompt(run: Run, node: Asking, why: str) -> Prompt | None:
    """The node's own words for asking again, else the flow's."""
    return node.retry.get(why) or run.flow.prompts.get(why)


def pressed(run: Run, node: Question, digits: str) -> Step:
    """What these keys mean at this question."""
    match node:
        case Menu():
            return _chosen(run, node, digits)
        case Verify():
            return _compared(run, node, digits)
        case Collect():
            return _collected(run, node, digits)
        case Record():
            return wait_of(run, node)
        case _:
            assert_never(node)


def _chosen(run: Run, node: Menu, digits: str) -> Step:
    for key in _on_offer(run, node):
        if key.key == digits:
            run.assign(key.values)
            return key.to
    if digits and digits == node.repeat_key and run.count("repeats", 1) <= MAX_REPEATS:
        return ask(run, node)
    return missed(run, node, "invalid")


def _compared(run: Run, node: Verify, digits: str) -> Step:
    if node.refuse_key and node.refuse_key in digits:
        return run.leave(node, "refused")
    if digits and digits == run.value("check_value"):
        run.raise_level("checked")
        return node.next
    return missed(run, node, "invalid")


def _collected(run: Run, node: Collect, digits: str) -> Step:
    if node.what == "date":
        day = keyed_day(
            digits, run.language, today=run.today, direction=node.direction, horizon_days=node.horizon_days
        )
        if day is None:
            return missed(run, node, "invalid")
        run.store(node.into, day)
        return node.next
    if not (digits.isascii() and digits.isdigit() and node.min_digits <= len(digits) <= node.max_digits):
        return missed(run, node, "invalid")
    counted = run.flow.variables[node.into].type == "count"
    run.store(node.into, int(digits) if counted else digits)
    return node.next
