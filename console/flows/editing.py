"""A flow as text with a live check: read, looked over, drawn and proven as it stands in the page. Nothing is saved.

Flows come with a release: a call is pinned to the revision that it began with, and that must stay readable.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import yaml
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.flows.graph import drawing
from console.flows.shelf import flow_of, text_of
from console.flows.showing import PROPERTY_WORDS, language_of, phone_values
from console.frame import page, part
from console.guard import LOOKS, Guard, Visitor
from dialer.errors import Refused
from dialer.operation import Operation
from dialer.proving import known, proof_apart
from ivr_flows.checking import check
from ivr_flows.errors import FlowInvalid
from ivr_flows.loading import parse
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import Proof

TEXT_LENGTH = 40_000  # as a form it stays below what the server takes in one request
MOST_REFERENCES = 20  # YAML aliases: nested, many of them make a small text a huge one
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the text; line 0: with no line of this file."""

    line: int
    node: str
    what: str


def editing_routes(op: Operation, guard: Guard) -> APIRouter:
    """/flows/{name}/text and its check."""
    router = APIRouter(prefix="/flows", include_in_schema=False)
    may_look = Depends(guard.lets(*LOOKS))

    @router.get("/{name}/text")
    async def edit(request: Request, name: str, lang: str = "", visitor: Visitor = may_look) -> Response:
        """The flow's own file in an editor."""
        flow = flow_of(op, name)
        language = language_of(flow, lang, visitor)
        values = _findings(flow, [], language, visitor) | {"proof": known(flow, op.packs)}
        return page(
            request, "flows/text.html", visitor, text=text_of(flow), **_frame(request, flow, language), **values
        )

    @router.post("/{name}/text")
    async def look(request: Request, name: str, visitor: Visitor = may_look) -> Response:
        """What is to be said of the text that was posted: faults by line, else the graph; with `prove` the proof."""
        form = {key: str(value) for key, value in (await request.form()).items()}
        original = flow_of(op, name)
        text = form.get("text", "")
        flow, faults = await asyncio.to_thread(looked_over, name, text)
        language = language_of(flow or original, form.get("lang", ""), visitor)
        values = _findings(flow, faults, language, visitor)
        if flow is not None:
            values["proof"] = known(flow, op.packs)
            if "prove" in form and values["proof"] is None:
                values["proof"], values["unproven"] = await _proof(op, flow)
        if request.headers.get("hx-request"):
            return part("flows/findings.html", visitor, **values)
        return page(request, "flows/text.html", visitor, text=text, **_frame(request, original, language), **values)

    return router


def _findings(flow: Flow | None, faults: list[Fault], language: str, visitor: Visitor) -> dict[str, Any]:
    return {
        "found": flow,
        "faults": faults,
        "proof": None,
        "unproven": "",
        "properties": PROPERTY_WORDS,
        "drawing": drawing(flow, language, visitor.say) if flow else None,
    }


def _frame(request: Request, original: Flow, language: str) -> dict[str, Any]:
    return phone_values(request, None, flow=original, language=language)


def looked_over(name: str, text: str) -> tuple[Flow | None, list[Fault]]:
    """The flow that a text makes, if it makes one, and every fault of its form."""
    if len(text) > TEXT_LENGTH:
        return None, [Fault(0, "", f"The text is longer than {TEXT_LENGTH} characters. Split the flow.")]
    try:
        flow = read_text(name, text)
    except FlowInvalid as fault:
        own = fault.source == source_of(name)
        return None, [Fault(fault.line if own else 0, "" if own else fault.source, fault.what)]
    own_nodes = _names_in(text)
    return flow, [
        Fault(one.line if one.node in own_nodes else 0, one.node, f"{one.message} {one.remedy}")
        for one in check(flow)
    ]


def read_text(name: str, text: str) -> Flow:
    """A flow out of a posted text; FlowInvalid. Fragments are those of the library."""
    text = text.replace("\r\n", "\n")
    try:
        aliases = sum(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError:
        aliases = 0  # the reading says what is wrong, and where
    if aliases > MOST_REFERENCES:
        raise FlowInvalid(f"More than {MOST_REFERENCES} references (*name). Write it out.", source="", line=1)
    return parse(text, source_of(name))


def source_of(name: str) -> str:
    """How the text is named in faults; its stem is the flow's name."""
    return f"{name}.yaml"


def _names_in(text: str) -> set[str]:
    """The nodes that stand in this text and not in a fragment."""
    document = yaml.load(text, Loader=_LOADER)
    nodes = document.get("nodes") if isinstance(document, dict) else None
    return {str(name) for name in nodes} if isinstance(nodes, dict) else set()


async def _proof(op: Operation, flow: Flow) -> tuple[Proof | None, str]:
    try:
        return await proof_apart(flow, op.packs), ""
    except Refused as fault:
        return None, str(fault)
