"""What is different between two flows, for people: words by language, ways, nodes, settings. Pure; judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from ivr_flows.comparing.change import Change
from ivr_flows.conditions import Condition
from ivr_flows.drawing import edges
from ivr_flows.nodes import AGAIN, Flow, Key, Node
from ivr_flows.templating import Line, Prompt
from ivr_flows.variables import Variable

ONE_PROMPT = ("prompt", "each", "more", "waiting", "text")
MANY_PROMPTS = ("retry", "prompts", "texts")
TOLD_OTHERWISE = ("name", "line", "next", "exits", "keys", "cases", *ONE_PROMPT, *MANY_PROMPTS)


def changes(before: Flow, after: Flow) -> list[Change]:
    """Every difference that a caller can hear or that decides about a call; empty when there is none."""
    return [*_of_flow(before, after), *_of_variables(before, after), *_of_nodes(before, after)]


def _of_flow(before: Flow, after: Flow) -> Iterator[Change]:
    if before.title != after.title:
        yield Change("title", before=before.title, after=after.title)
    for language in after.languages:
        if language not in before.languages:
            yield Change("language_added", after=language)
    for language in before.languages:
        if language not in after.languages:
            yield Change("language_removed", before=language)
    if before.start != after.start:
        yield Change("start", before=before.start, after=after.start)
    for what in ("ladder", "inbound"):
        was, now = _plain(getattr(before, what)), _plain(getattr(after, what))
        if was != now:
            yield Change("flow_setting", what=what, before=was, after=now)
    yield from _of_ways("every question", before.exits, after.exits)
    yield from _of_words("every question", before.prompts, after.prompts)


def _of_variables(before: Flow, after: Flow) -> Iterator[Change]:
    was = {name: _declared(one) for name, one in before.variables.items()}
    now = {name: _declared(one) for name, one in after.variables.items()}
    for kind, name, old, new in _differing(was, now, "variable"):
        yield Change(kind if kind != "variable_moved" else "variable_changed", what=name, before=old, after=new)


def _of_nodes(before: Flow, after: Flow) -> Iterator[Change]:
    for name in before.nodes:
        if name not in after.nodes:
            yield Change("node_removed", name)
    for name, node in after.nodes.items():
        was = before.nodes.get(name)
        if was is None:
            yield Change("node_added", name)
            yield from _of_words(name, {}, _prompts(node))
            yield from _of_ways(name, {}, _ways(after, node))
            continue
        if type(was) is not type(node):
            yield Change("node_kind", name, before=_kind(was), after=_kind(node))
        yield from _of_words(name, _prompts(was), _prompts(node))
        yield from _of_ways(name, _ways(before, was), _ways(after, node))
        yield from _of_settings(name, _settings(was), _settings(node))


def _of_words(node: str, before: Mapping[str, Prompt], after: Mapping[str, Prompt]) -> Iterator[Change]:
    """By language, so that whoever reads one language reads it in one go."""
    languages = dict.fromkeys(
        language for prompts in (before, after) for prompt in prompts.values() for language in prompt
    )
    for language in languages:
        was = {name: _text(prompt[language]) for name, prompt in before.items() if language in prompt}
        now = {name: _text(prompt[language]) for name, prompt in after.items() if language in prompt}
        for kind, what, old, new in _differing(was, now, "words"):
            yield Change(kind if kind != "words_moved" else "words", node, what, language, old, new)


def _of_ways(node: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for kind, what, old, new in _differing(before, after, "way"):
        yield Change(kind, node, what or "the way on", before=old, after=new)


def _of_settings(node: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for _, what, old, new in _differing(before, after, "setting"):
        yield Change("setting", node, what, before=old or "nothing", after=new or "nothing")


def _differing(before: Mapping[str, str], after: Mapping[str, str], kind: str) -> Iterator[tuple[str, str, str, str]]:
    """(kind_added, kind_removed or kind_moved, name, what it was, what it is), in the order in which they stand."""
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        how = "added" if was is None else "removed" if now is None else "moved"
        yield f"{kind}_{how}", name, was or "", now or ""


def _prompts(node: Node) -> dict[str, Prompt]:
    """Everything that a node says or writes, by what it is for."""
    found: dict[str, Prompt] = {
        name: prompt for name in ONE_PROMPT if (prompt := getattr(node, name, None)) is not None
    }
    for name in MANY_PROMPTS:
        found |= {f"{name} {each}": prompt for each, prompt in (getattr(node, name, None) or {}).items()}
    return found | {f"key {key.key}": key.say for key in _keys(node) if key.say is not None}


def _ways(flow: Flow, node: Node) -> dict[str, str]:
    again = {name.replace("_", " "): "the same question" for name, to in node.exits.items() if to == AGAIN}
    inherited = {name.replace("_", " ") for name in flow.exits} - {name.replace("_", " ") for name in node.exits}
    return {label: to for label, to in edges(flow, node) if label not in inherited} | again


def _settings(node: Node) -> dict[str, str]:
    """Whatever else decides: tries, seconds, skills, what a key sets and when it is there."""
    found = {one.name: _plain(getattr(node, one.name)) for one in fields(node) if one.name not in TOLD_OTHERWISE}
    for key in _keys(node):
        found[f"key {key.key}, when"] = _plain(key.when)
        found[f"key {key.key}, sets"] = _plain(key.values)
    return {name: text for name, text in found.items() if text}


def _keys(node: Node) -> tuple[Key, ...]:
    return getattr(node, "keys", ())


def _text(lines: tuple[Line, ...]) -> str:
    return " ".join(f"[{line.when.text}] {line.source}" if line.when else line.source for line in lines)


def _kind(node: Node) -> str:
    return type(node).__name__.lower()


def _declared(variable: Variable) -> str:
    optional = ", optional" if variable.optional else ""
    return f"{variable.type}, {variable.privacy}{optional}{', set in the call' if variable.from_call else ''}"


def _plain(value: Any) -> str:
    """A setting as text; "" for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Condition):
        return value.text
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {one}" for name, one in value.items())
    if hasattr(value, "from_day"):
        last = "" if value.to_day is None else f" to {value.to_day}"
        return f"step {value.step}, day {value.from_day}{last}"
    return "" if value is None else str(value)
