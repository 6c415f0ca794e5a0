"""Booked breaks of agents: what is booked, more of it, and less."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import Field

from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.resting import booking, standing
from dialer.resting.booking import Wish
from dialer.rules.breaks import LONGEST
from webhooks.api.access import Access, Gatekeeper, must_be, must_manage
from webhooks.api.bodies import Body
from webhooks.api.problems import ProblemRoute

ROW = 2**63 - 1  # the largest number that a row can have


class BreakBody(Body):
    """A booked break."""

    id: int
    agent: str
    days: str = Field(description="mon, tue …")
    starts: str = Field(description="the time of day there, like 09:30")
    minutes: int
    reason: str
    zone: str
    next_at: datetime | None = Field(description="if it is the agent's next break; in the past: it is due")


class BreakOrder(Body):
    """A break to be booked, or with `usual` the usual breaks of a shift that begins at `starts`."""

    days: str = Field("mon-fri", max_length=60, description="weekdays: mon-fri, or sat,sun")
    starts: str = Field(max_length=5, description="a time of day, like 09:30")
    minutes: int = Field(10, ge=1, le=LONGEST)
    reason: str = Field("break", max_length=30, description="break, meal, training or meeting")
    zone: str = Field("", max_length=50, description="like America/Sao_Paulo; empty: that of the company")
    usual: str = Field("", max_length=50, description="such as br-teleatendimento-6h; minutes and reason are its own")


def break_routes(op: Operation, gatekeeper: Gatekeeper) -> APIRouter:
    """Everything under /agents/NAME/breaks."""
    router = APIRouter(prefix="/agents/{name}/breaks", tags=["agents"], route_class=ProblemRoute)
    known = Depends(gatekeeper.known)

    @router.get("", response_model=list[BreakBody])
    async def booked(name: str, access: Access = known) -> Any:
        """The agent's booked breaks, by time of day."""
        must_be(access, name, or_reader=True)
        return await standing.listed(op, name)

    @router.post("", response_model=list[BreakBody], status_code=201)
    async def book(name: str, order: BreakOrder, access: Access = known) -> Any:
        """Book a break, or the usual ones of a shift; all that are booked then. 409 where two would meet."""
        must_manage(access)
        await booking.book(op, [name], wishes(order))
        return await standing.listed(op, name)

    @router.delete("/{break_id}", status_code=204)
    async def cancel(name: str, break_id: int, access: Access = known) -> None:
        """The break is not booked any more; one that has begun goes on."""
        must_manage(access)
        if break_id > ROW or break_id not in {one.id for one in await standing.listed(op, name)}:
            raise NotFound(f"There is no break {break_id} booked (any more). Look at the list of breaks again")
        await booking.cancel(op, break_id)

    return router


def wishes(order: BreakOrder) -> list[Wish]:
    """What the order asks for; BadInput."""
    days, starts = booking.days_of(order.days), booking.time_of(order.starts)
    if order.usual:
        return booking.wishes_of(order.usual, starts, days, order.zone)
    return [Wish(days, starts, order.minutes, order.reason, order.zone)]
