"""Questions: what is said and waited for, asking again, and what a key means."""

from __future__ import annotations

from typing import assert_never

from ivr_flows.errors import FlowFailed
from ivr_flows.hours import keyed_time
from ivr_flows.nodes import AGAIN, Asking, Choose, Collect, Key, Menu, Record, Verify
from ivr_flows.running import choosing, owing
from ivr_flows.running.days import keyed_day
from ivr_flows.running.run import Run
from ivr_flows.templating import Prompt, highest
from ivr_flows.turn import Keys, Part, Privacy, Speech, Value
from ivr_flows.turn import Record as RecordWait

MAX_REPEATS = 5  # times one question is repeated on request: a stuck key must not hold the line for ever

Question = Menu | Choose | Verify | Collect | Record
Step = str | Keys | RecordWait


def begin(run: Run, node: Question) -> Step:
    """Ask for the first time."""
    run.data["tries"] = 0
    run.data["repeats"] = 0
    return ask(run, node)


def ask(run: Run, node: Question) -> Step:
    """Say the question and wait."""
    match node:
        case Menu() | Choose():
            _say_menu(run, node)
        case Verify():
            run.say(node.prompts[str(run.value("check_kind"))], "identity")
        case Collect() | Record():
            run.say(node.prompt, node.privacy)
        case _:
            assert_never(node)
    return wait_of(run, node)


def _say_menu(run: Run, node: Menu | Choose) -> None:
    """The prompt and every key on offer are one utterance."""
    before = len(run.speech)
    if isinstance(node, Choose):
        choosing.say(run, node)
    else:
        run.say(node.prompt, node.privacy)
    for key in node.keys:
        if run.offers(key.when):
            run.say(key.say, node.privacy)
    if spoken := run.speech[before:]:
        parts: list[Part] = []
        privacy: Privacy = "public"
        for each in spoken:
            parts += each.parts
            privacy = highest(privacy, each.privacy)
        run.speech[before:] = [Speech(run.language, tuple(parts), privacy)]


def meant_key(run: Run, keys: tuple[Key, ...], digits: str) -> Key | None:
    """The key on offer that was pressed, once its values are set; None for any other."""
    found = next((key for key in keys if key.key == digits and run.holds(key.when)), None)
    if found:
        run.assign(found.values)
    return found


def wait_of(run: Run, node: Question) -> Keys | RecordWait:
    """What the question waits for."""
    match node:
        case Menu() | Choose():
            return Keys(timeout_seconds=node.timeout_seconds)
        case Verify():
            digits = len(str(run.value("check_value")))
            return Keys(max_digits=digits, timeout_seconds=node.timeout_seconds, secret=True)
        case Collect():
            most = node.max_digits if node.what == "digits" else 4
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
        case Choose():
            return _picked(run, node, digits)
        case Verify():
            return _compared(run, node, digits)
        case Collect():
            return _collected(run, node, digits)
        case Record():
            return wait_of(run, node)
        case _:
            assert_never(node)


def _picked(run: Run, node: Choose, digits: str) -> Step:
    index = choosing.picked(run, node, digits)
    if index is not None:
        owing.speak_of(run, index)
        return node.next
    if choosing.turns_page(run, node, digits):
        return ask(run, node)
    return _chosen(run, node, digits)


def _chosen(run: Run, node: Menu | Choose, digits: str) -> Step:
    if key := meant_key(run, node.keys, digits):
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
    value = _keyed(run, node, digits)
    if value is None:
        key = meant_key(run, node.keys, digits)
        return key.to if key else missed(run, node, "invalid")
    run.store(node.into, value)
    return node.next


def _keyed(run: Run, node: Collect, digits: str) -> Value:
    """What the keys mean, or None."""
    match node.what:
        case "date":
            return keyed_day(
                digits, run.language, today=run.today, direction=node.direction, horizon_days=node.horizon_days
            )
        case "time":
            return keyed_time(digits, now=run.minute or 0, earliest=node.earliest, latest=node.latest)
        case "digits":
            if not (digits.isascii() and digits.isdigit() and node.min_digits <= len(digits) <= node.max_digits):
                return None
            return int(digits) if run.flow.variables[node.into].type == "count" else digits
        case _:
            assert_never(node.what)
