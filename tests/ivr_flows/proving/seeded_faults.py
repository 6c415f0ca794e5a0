"""Faults put into parsed flows, one for each property: what a proof must find in every flow that they fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ivr_flows import nodes
from ivr_flows.nodes import Flow
from ivr_flows.templating import Line, Prompt, parse_line
from ivr_flows.variables import Variable


def with_node(flow: Flow, name: str, **changes: Any) -> Flow:
    """The flow with one node changed."""
    return replace(flow, nodes={**flow.nodes, name: replace(flow.nodes[name], **changes)})


def with_words(flow: Flow, node: str, words: str, *, first: bool = False) -> Flow:
    """The flow with one more line at a node, the same in every language."""
    line = (parse_line(words),)
    prompt = flow.nodes[node].prompt or {each: () for each in flow.languages}
    said = {each: line + lines if first else lines + line for each, lines in prompt.items()}
    return with_node(flow, node, prompt=said)


def _amount_at_once(flow: Flow) -> Flow:
    declared = {"amount_total": Variable("amount_total", "money", "public", optional=True)}
    return with_words(
        replace(flow, variables={**flow.variables, **declared}), flow.start, "São {amount_total|amount}."
    )


def _word_that_betrays(flow: Flow) -> Flow:
    lines = {"pt-BR": "É sobre uma dívida.", "en-US": "It is about a debt.", "fr-FR": "C'est pour une dette."}
    old = flow.nodes[flow.start].prompt or {}
    return with_node(flow, flow.start, prompt={each: (*old[each], parse_line(lines[each])) for each in old})


def _name_late(flow: Flow) -> Flow:
    return with_words(flow, flow.start, "Esta é uma chamada muito importante para a sua casa.", first=True)


def _no_way_to_stop(flow: Flow) -> Flow:
    stops = {name for name, node in flow.nodes.items() if isinstance(node, nodes.OptOut)} | {"stop_calls"}
    changed = {name: _without_keys(node, stops) for name, node in flow.nodes.items()}
    return replace(flow, nodes=changed)


def _without_keys(node: nodes.Node, targets: set[str]) -> nodes.Node:
    if isinstance(node, nodes.Menu | nodes.Choose | nodes.Collect | nodes.Transfer):
        return replace(node, keys=tuple(key for key in node.keys if key.to not in targets))
    return node


def _stop_goes_on(flow: Flow) -> Flow:
    return with_node(flow, "opt_out", next="agent")


def _confirmed_without_keeping(flow: Flow) -> Flow:
    words = "Este sistema não vai mais ligar. You will not be called by this system."
    return with_words(flow, "goodbye_unheard", words)


def _machine_told_more(flow: Flow) -> Flow | None:
    if "machine_message" not in flow.nodes:
        return None
    return with_words(flow, "machine_message", "Ligue sem falta.")


def _no_exit(flow: Flow) -> Flow:
    kept = {name: to for name, to in flow.exits.items() if name != "recalled_stopped"}
    return replace(flow, exits=kept)


def _asks_for_ever(flow: Flow) -> Flow:
    return replace(flow, exits={**flow.exits, "too_many": flow.start})


def _undeclared(flow: Flow) -> Flow:
    return replace(flow, variables={name: one for name, one in flow.variables.items() if name != "official_number"})


def _no_french(flow: Flow) -> Flow:
    return with_node(flow, "opt_out", prompt=_without(flow.nodes["opt_out"].prompt or {}, "fr-FR"))


def _without(prompt: Prompt, language: str) -> Mapping[str, Any]:
    return {each: lines for each, lines in prompt.items() if each != language}


def _no_notice(flow: Flow) -> Flow:
    old = flow.nodes[flow.start].prompt or {}
    kept = {each: tuple(one for one in lines if not _is_of_recording(one)) for each, lines in old.items()}
    return with_node(flow, flow.start, prompt=kept)


def _is_of_recording(line: Line) -> bool:
    return line.when is not None and "recorded" in line.when.names


def _dropped_from_the_queue(flow: Flow) -> Flow:
    return with_node(flow, "agent", exits={**flow.nodes["agent"].exits, "nobody_free": "done"})


def _stranger_kept_on_the_line(flow: Flow) -> Flow:
    return with_node(flow, "wrong_number", next="agent")


def _threat(flow: Flow) -> Flow:
    return with_words(flow, "goodbye_unheard", "A polícia, the police, la police.")


def _out_of_reach(flow: Flow) -> Flow:
    return replace(flow, nodes={**flow.nodes, "island": nodes.Hangup(name="island")})


def _no_disclosure(flow: Flow) -> Flow | None:
    return with_node(flow, "disclosure", cases=(), next="standing") if "disclosure" in flow.nodes else None


SEEDS: dict[str, tuple[str, Callable[[Flow], Flow | None]]] = {
    "the amount at once": ("F1", _amount_at_once),
    "a word that betrays": ("F1", _word_that_betrays),
    "the name late": ("F2", _name_late),
    "no way to stop": ("F3", _no_way_to_stop),
    "goes on after stop": ("F3", _stop_goes_on),
    "confirmed, not kept": ("F3", _confirmed_without_keeping),
    "a machine told more": ("F4", _machine_told_more),
    "an exit missing": ("F5", _no_exit),
    "asks for ever": ("F6", _asks_for_ever),
    "undeclared": ("F7", _undeclared),
    "no words in French": ("F8", _no_french),
    "no notice": ("F9", _no_notice),
    "dropped from the queue": ("F10", _dropped_from_the_queue),
    "a stranger kept": ("F11", _stranger_kept_on_the_line),
    "a threat": ("F12", _threat),
    "out of reach": ("F13", _out_of_reach),
    "no disclosure": ("F14", _no_disclosure),
}
