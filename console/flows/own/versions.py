"""All versions of an own flow: who saved and published them, when and why; publish one, or go back to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from console.flows.choosing import OWNS, Chosen, chooser
from console.flows.showing import PROPERTY_WORDS, language_of
from console.flows.telling import PURPOSES
from console.frame import page
from console.guard import CHANGES, LOOKS, Guard, Visitor
from console.pages import HEADERS
from console.people.words import actor
from dialer.errors import ToqueError
from dialer.flows import pinning, publishing
from dialer.operation import Operation
from dialer.proving import known
from dialer.store import flow_versions, users
from dialer.store.models import FlowVersion
from ivr_flows.errors import FlowInvalid
from ivr_flows.proving.proof import Proof


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a version was not published, in words; and its proof, if one was made, with the calls that go wrong."""

    number: int = 0
    fault: str = ""
    proof: Proof | None = None


def version_routes(op: Operation, guard: Guard) -> APIRouter:
    """/flows/own/{name}/versions and /flows/own/{name}/publish."""
    router = APIRouter(prefix=OWNS, include_in_schema=False)
    looks, changes = Depends(guard.lets(*LOOKS)), Depends(guard.lets(*CHANGES))
    chosen = chooser(op, guard, OWNS, newest=True)

    @router.get("/{name}/versions")
    async def show(request: Request, visitor: Visitor = looks, what: Chosen = chosen) -> Response:
        """The versions, the newest first."""
        return await _page(request, op, visitor, what, Trouble())

    @router.post("/{name}/publish")
    async def publish(request: Request, visitor: Visitor = changes, what: Chosen = chosen) -> Response:
        """Prove a version for the places that are ticked, and put it in force."""
        form = await request.form()
        typed, places = str(form.get("number", "")), tuple(str(one) for one in form.getlist("places"))
        number = int(typed) if typed.isdecimal() and len(typed) < 9 else 0
        try:
            if not places:
                return await _page(
                    request, op, visitor, what, Trouble(number, visitor.say("Choose a place at least."))
                )
            await publishing.publish(op, what.flow.name, number, places=places)
        except (ToqueError, FlowInvalid) as fault:
            proof = await _proof(op, visitor, what, number, places)
            return await _page(request, op, visitor, what, Trouble(number, visitor.say.told(str(fault)), proof))
        return RedirectResponse(f"/flows/{what.flow.name}/versions", status_code=303, headers=HEADERS)

    return router


async def _page(request: Request, op: Operation, visitor: Visitor, what: Chosen, trouble: Trouble) -> Response:
    async with op.database.read() as session:
        rows = await flow_versions.versions(session, visitor.tenant_id, what.flow.name)
        people = {one.id: one.name for one in await users.of_company(session, visitor.tenant_id)}
    values: dict[str, Any] = {
        "flow": what.flow, "purpose": PURPOSES.get(what.flow.name, ""), "rows": rows, "people": people,
        "actor": actor, "state": state_of, "countries": sorted(op.packs.by_country), "trouble": trouble,
        "properties": PROPERTY_WORDS, "language": language_of(what.flow, "", visitor),
    }  # fmt: skip
    status = 409 if trouble.fault else 200
    return page(request, "flows/versions.html", visitor, status=status, **values, **what.values)


def state_of(row: FlowVersion, live: int | None) -> str:
    """What a version is: "live" (new calls say it), "draft" (never published), "past"."""
    if row.number == live:
        return "live"
    return "draft" if row.published_at is None else "past"


async def _proof(op: Operation, visitor: Visitor, what: Chosen, number: int, places: tuple[str, ...]) -> Proof | None:
    """The proof that was made of the version just now, if it found anything."""
    try:
        async with op.database.read() as session:
            row = await flow_versions.version(session, visitor.tenant_id, what.flow.name, number)
            proof = known(await pinning.read(session, op, row), op.packs, places) if row else None
    except (FlowInvalid, KeyError):
        return None
    return proof if proof and proof.violations else None
