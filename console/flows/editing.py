"""A flow as text with a live check: read, looked over, drawn and proven as it stands in the page.

A flow of the library comes with a release and is not saved. Of an own flow whatever is typed is kept as a draft of
the visitor's, until it is saved as a version.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.flows.choosing import Chosen, chooser
from console.flows.graph import drawing
from console.flows.shelf import text_of
from console.flows.showing import PROPERTY_WORDS, language_of, phone_values
from console.frame import page, part
from console.guard import LOOKS, Guard, Visitor
from dialer.errors import Refused
from dialer.flows import saving
from dialer.flows.reading import LONGEST_BYTES, read_text, source_of, too_long
from dialer.operation import Operation
from dialer.proving import known, proof_apart
from dialer.store import flow_versions
from ivr_flows.checking import check
from ivr_flows.errors import FlowInvalid
from ivr_flows.loading import fragments
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import Proof

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the text; line 0: with no line of this file."""

    line: int
    node: str
    what: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the editor: the text, the version it began from, why it is changed, and what hinders saving it.

    `kept_at`: it is a draft that was typed then.
    """

    text: str
    base: int = 0
    why: str = ""
    fault: str = ""
    kept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for the editor, of which flow, with the words of which language, and whether for a proof."""

    request: Request
    visitor: Visitor
    what: Chosen
    lang: str = ""
    prove: bool = False


def editing_routes(op: Operation, guard: Guard, where: str) -> APIRouter:
    """{where}/{name}/text and its check."""
    router = APIRouter(prefix=where, include_in_schema=False)
    may_look, chosen = Depends(guard.lets(*LOOKS)), chooser(op, guard, where, newest=True)

    @router.get("/{name}/text")
    async def edit(request: Request, lang: str = "", visitor: Visitor = may_look, what: Chosen = chosen) -> Response:
        """The flow's own text in an editor; what the visitor has typed of late and not saved comes first."""
        return await text_page(op, Asked(request, visitor, what, lang), await _typed(op, visitor, what))

    @router.post("/{name}/text")
    async def look(request: Request, visitor: Visitor = may_look, what: Chosen = chosen) -> Response:
        """What is to be said of the text that was posted: faults by line, else the graph; with `prove` the proof."""
        form = {key: str(value) for key, value in (await request.form()).items()}
        typed = Typed(form.get("text", ""), _number(form.get("base", "")), form.get("why", ""))
        await _keep(op, visitor, what, typed)
        asked = Asked(request, visitor, what, form.get("lang", ""), "prove" in form)
        if not request.headers.get("hx-request"):
            return await text_page(op, asked, typed)
        values = await _looked(op, asked, typed.text)
        return part("flows/findings.html", visitor, vq="", **values)

    return router


async def text_page(op: Operation, asked: Asked, typed: Typed) -> Response:
    """The editor with the text, what is to be said of it, and the phone beside it."""
    request, visitor, what = asked.request, asked.visitor, asked.what
    found = await _looked(op, asked, typed.text)
    frame = phone_values(request, None, flow=what.flow, language=language_of(what.flow, asked.lang, visitor))
    status = 409 if typed.fault else 200
    return page(
        request, "flows/text.html", visitor, status=status, typed=typed, longest_why=saving.LONGEST_WHY,
        **frame, **found, **what.values,
    )  # fmt: skip


def looked_over(name: str, text: str, lent: Mapping[str, str] | None = None) -> tuple[Flow | None, list[Fault]]:
    """The flow that a text makes, if it makes one, and every fault of its form. `lent`: fragments of its own."""
    if too_long(text):
        return None, [Fault(0, "", f"The text is longer than {LONGEST_BYTES} bytes; split the flow.")]
    try:
        flow = read_text(name, text, own_fragments=lent)
    except FlowInvalid as fault:
        own = fault.source == source_of(name)
        return None, [Fault(fault.line if own else 0, "" if own else fault.source, fault.what)]
    own_nodes = _names_in(text)
    return flow, [
        Fault(one.line if one.node in own_nodes else 0, one.node, f"{one.message} {one.remedy}")
        for one in check(flow)
    ]


def own_fragments(flow: Flow) -> dict[str, str]:
    """What the flow includes and the library does not have."""
    known_ones = fragments()
    return {name: text for name, text in flow.texts.items() if name and name not in known_ones}


async def _looked(op: Operation, asked: Asked, text: str) -> dict[str, Any]:
    """Faults of the text, else its graph, and its proof if it is known or asked for."""
    visitor, what = asked.visitor, asked.what
    flow, faults = await asyncio.to_thread(looked_over, what.flow.name, text, own_fragments(what.flow))
    language = language_of(flow or what.flow, asked.lang, visitor)
    proof, unproven = known(flow, op.packs) if flow else None, ""
    if flow is not None and asked.prove and proof is None:
        proof, unproven = await _proof(op, flow)
    return {
        "found": flow,
        "faults": faults,
        "proof": proof,
        "unproven": visitor.say.told(unproven),
        "properties": PROPERTY_WORDS,
        "drawing": drawing(flow, language, visitor.say) if flow else None,
    }


async def _typed(op: Operation, visitor: Visitor, what: Chosen) -> Typed:
    """The visitor's draft, unless another version is asked for by its number; else the text as it was saved."""
    if what.version is not None and visitor.changes and not what.named:
        async with op.database.read() as session:
            draft = await flow_versions.draft(session, visitor.user_id, what.flow.name)
        if draft is not None:
            return Typed(draft.text, draft.base, kept_at=draft.saved_at)
    return Typed(text_of(what.flow), what.newest)


async def _keep(op: Operation, visitor: Visitor, what: Chosen, typed: Typed) -> None:
    """Nothing typed is lost: it is kept on the server while it is typed, for this visitor alone."""
    if what.version is None or not visitor.changes or too_long(typed.text):
        return
    name = what.flow.name
    if typed.text.replace("\r\n", "\n") == text_of(what.flow):
        await saving.drop_draft(op, visitor.user_id, name)
    else:
        await saving.keep_draft(op, visitor.user_id, name, text=typed.text, base=typed.base or what.newest)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0


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
