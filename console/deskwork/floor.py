"""The supervisors' floor: who needs somebody, what each agent does and for how long. Names no debtor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.frame import page, part
from console.guard import CHANGES, Guard, Visitor
from dialer.operation import Operation
from dialer.store import agents, floor
from dialer.store.floor import Seated

MAY_WATCH = (*CHANGES, "supervisor")
LONG_TALK, LONG_WRAP_UP, LONG_PAUSE = timedelta(minutes=10), timedelta(minutes=3), timedelta(minutes=30)
STATES = {
    "ready": "ready for calls", "reserved": "a call is coming", "in_call": "in a call", "wrapup": "in wrap-up",
    "paused": "paused", "connecting": "line being connected",
}  # fmt: skip
WHY_PAUSED = {
    "break": "short break", "meal": "meal", "training": "training", "meeting": "meeting",
    "technical": "technical problem", "missed a call": "missed a call", "asked for": "asked for",
    "by a supervisor": "by a supervisor",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One agent as the floor shows them. `lead`: seconds from card to voice; `need`: why somebody should look."""

    agent: Seated
    age: float
    lead: float | None
    need: str


def floor_routes(op: Operation, guard: Guard) -> APIRouter:
    """/desk/floor and its table."""
    router = APIRouter(prefix="/desk/floor", include_in_schema=False)
    watches = Depends(guard.lets(*MAY_WATCH))

    async def seen(visitor: Visitor) -> dict[str, Any]:
        async with op.database.read() as session:
            found = await floor.seated(session, visitor.tenant_id)
            queue = await agents.waiting(session, visitor.tenant_id)
        now = op.clock.now()
        shown = sorted((line_of(one, now) for one in found), key=lambda one: (not one.need, -one.age))
        oldest = (now - queue[0].asked_at).total_seconds() if queue else 0.0
        return {
            "lines": shown, "states": STATES, "why_paused": WHY_PAUSED, "waiting": len(queue), "oldest": oldest,
            "needing": sum(bool(one.need) for one in shown),
            "talking": sum(one.agent.status == "in_call" for one in shown),
        }  # fmt: skip

    @router.get("")
    async def whole(request: Request, visitor: Visitor = watches) -> Response:
        """The page."""
        return page(request, "desk/floor.html", visitor, **(await seen(visitor)))

    @router.get("/table")
    async def table(visitor: Visitor = watches) -> Response:
        """The part of it that changes by itself."""
        return part("desk/floor_table.html", visitor, **(await seen(visitor)))

    return router


def line_of(agent: Seated, now: datetime) -> Line:
    """An agent with the age of the state, the lead of the card, and why somebody should look."""
    age = now - (agent.talks_since or agent.since)
    both = agent.shown_at is not None and agent.talks_since is not None
    lead = (agent.talks_since - agent.shown_at).total_seconds() if both else None  # type: ignore[operator]
    return Line(agent, max(0.0, age.total_seconds()), lead, _need(agent, age))


def _need(agent: Seated, age: timedelta) -> str:
    if agent.wants_somebody:
        return "Asks for a supervisor"
    long = {"in_call": LONG_TALK, "wrapup": LONG_WRAP_UP, "paused": LONG_PAUSE}.get(agent.status)
    if long is None or age < long:
        return ""
    return {"in_call": "Long call", "wrapup": "Long wrap-up", "paused": "Long pause"}[agent.status]
