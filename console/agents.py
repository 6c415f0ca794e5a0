"""The people who take calls: what each is doing, and who is on record. What is said and heard is the desk's."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from console.breaks import PLANS, STANDS, of_today
from console.deskwork.seats import WHY_PAUSED
from console.frame import page, part
from console.guard import CHANGES, LOOKS, Guard, Visitor
from console.pages import HEADERS
from dialer import enrolling, staffing
from dialer.errors import ToqueError
from dialer.operation import Operation
from dialer.store import agents
from dialer.store.models import Agent

STATES = {
    "ready": "ready for calls", "reserved": "a call is coming", "in_call": "in a call", "wrapup": "wrapping up",
    "paused": "paused", "connecting": "line being connected", "offline": "not here",
}  # fmt: skip


def agent_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /agents."""
    router = APIRouter(prefix="/agents", include_in_schema=False)
    looks, changes = Depends(guard.lets(*LOOKS)), Depends(guard.lets(*CHANGES))
    acts = Depends(guard.lets(*PLANS))

    async def seen(visitor: Visitor) -> dict[str, Any]:
        async with op.database.read() as session:
            found = (await session.scalars(
                select(Agent).where(Agent.tenant_id == visitor.tenant_id).order_by(Agent.name)
            )).all()  # fmt: skip
            waiting = await agents.waiting(session, visitor.tenant_id)
            now = op.clock.now()
            rests = {"today": await of_today(session, visitor, found, now), "stands": STANDS, "why": WHY_PAUSED}
        here = [one for one in found if one.status not in ("offline", "paused")]
        values = {"agents": found, "now": now, "waiting": len(waiting), "present": len(here)}
        values |= rests | {"states": STATES}
        return values | {"oldest": int((now - waiting[0].asked_at).total_seconds()) if waiting else 0}

    @router.get("")
    async def everybody(request: Request, visitor: Visitor = looks) -> Response:
        """The page."""
        return page(request, "agents/page.html", visitor, **(await seen(visitor)), fault="", form={})

    @router.get("/table")
    async def table(visitor: Visitor = looks) -> Response:
        """The part of it that changes by itself."""
        return part("agents/table.html", visitor, **(await seen(visitor)))

    @router.post("")
    async def add(request: Request, visitor: Visitor = changes) -> Response:
        """Put somebody on record."""
        given = {name: str(value) for name, value in (await request.form()).items() if name != "_token"}
        try:
            await enrolling.enrol(op, given.get("name", ""), given.get("via", ""), [given.get("skills", "")])
        except ToqueError as fault:
            values = await seen(visitor) | {"fault": str(fault), "form": given}
            return page(request, "agents/page.html", visitor, status=400, **values)
        return RedirectResponse("/agents", status_code=303, headers=HEADERS)

    @router.post("/{agent_id}/{act}")
    async def change(agent_id: int, act: str, visitor: Visitor = acts) -> Response:
        """Connect their line, or give them no more calls for now."""
        async with op.database.read() as session:
            agent = await session.get(Agent, agent_id)
        if agent is None or agent.tenant_id != visitor.tenant_id or act not in ("ready", "pause"):
            return Response("There is no such agent", 404, HEADERS)
        if act == "ready":
            await staffing.ready(op, agent.name)
        else:
            await staffing.pause(op, agent.name, "by a supervisor")
        return part("agents/table.html", visitor, **(await seen(visitor)))

    return router
