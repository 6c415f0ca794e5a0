"""The list of flows, and one flow: its graph, its proof, a node in detail. Reads; changes nothing.

The same pages are there for flows of the library (/flows/NAME) and for own ones (/flows/own/NAME, ?v=3).
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.flows.calls import Switchboard
from console.flows.choosing import Chosen, chooser
from console.flows.graph import drawing
from console.flows.shelf import shelf
from console.flows.showing import PROPERTY_WORDS, USE_WORDS, language_of, phone_values
from console.flows.telling import PURPOSES, details
from console.frame import page, part
from console.guard import LOOKS, Guard, Visitor
from dialer.errors import NotFound, Refused
from dialer.operation import Operation
from dialer.proving import known, proof_apart


def listing_routes(op: Operation, guard: Guard) -> APIRouter:
    """GET /flows."""
    router = APIRouter(prefix="/flows", include_in_schema=False)
    may_look = Depends(guard.lets(*LOOKS))

    @router.get("")
    async def flows(request: Request, visitor: Visitor = may_look) -> Response:
        """All flows."""
        shelved, own = await shelf(op, visitor)
        return page(
            request, "flows/list.html", visitor, shelved=shelved, own=own, purposes=PURPOSES, use_words=USE_WORDS
        )

    return router


def looking_routes(op: Operation, guard: Guard, switchboard: Switchboard, where: str) -> APIRouter:
    """GET {where}/{name}, its proof and its nodes."""
    router = APIRouter(prefix=where, include_in_schema=False)
    may_look, chosen = Depends(guard.lets(*LOOKS)), chooser(op, guard, where)

    @router.get("/{name}")
    async def one(
        request: Request,
        lang: str = "",
        node: str = "",
        call: str = "",
        visitor: Visitor = may_look,
        what: Chosen = chosen,
    ) -> Response:
        """A flow with its graph, and the phone at its right; `node` and `call` open those."""
        played = switchboard.of(visitor.user_id, call) if call else None
        flow = played.flow if played and played.flow.name == what.flow.name else what.flow
        language = played.language if played else language_of(flow, lang, visitor)
        return page(
            request,
            "flows/flow.html",
            visitor,
            drawing=drawing(flow, language, visitor.say),
            proof=known(flow, op.packs, what.places(op)),
            node=details(flow, flow.nodes[node], visitor.say) if node in flow.nodes else None,
            properties=PROPERTY_WORDS,
            **phone_values(request, played, flow=flow, language=language),
            **what.values,
        )

    @router.get("/{name}/proof")
    async def proof(short: bool = False, visitor: Visitor = may_look, what: Chosen = chosen) -> Response:
        """The proof, made now if need be: some seconds, in another process."""
        template = "flows/verdict.html" if short else "flows/proof.html"
        try:
            found = await proof_apart(what.flow, op.packs, what.places(op))
        except Refused as fault:
            return part("flows/unproven.html", visitor, fault=visitor.say.told(str(fault)))
        return part(template, visitor, proof=found, properties=PROPERTY_WORDS)

    @router.get("/{name}/nodes/{node}")
    async def one_node(node: str, lang: str = "", visitor: Visitor = may_look, what: Chosen = chosen) -> Response:
        """A node for the panel."""
        flow = what.flow
        if node not in flow.nodes:
            raise NotFound("The flow has no such node. Load the page again.")
        language = language_of(flow, lang, visitor)
        return part(
            "flows/node.html",
            visitor,
            flow=flow,
            language=language,
            node=details(flow, flow.nodes[node], visitor.say),
            vq=what.values["vq"],
        )

    return router
