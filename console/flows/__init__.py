"""The flows: what people will hear, proven, drawn, edited and played on a telephone in the browser; own ones too."""

from __future__ import annotations

from fastapi import APIRouter

from console.flows.calls import Switchboard
from console.flows.choosing import LIBRARY, OWNS
from console.flows.editing import editing_routes
from console.flows.looking import listing_routes, looking_routes
from console.flows.own.comparing import comparing_routes
from console.flows.own.making import making_routes
from console.flows.own.versions import version_routes
from console.flows.playing import beginning_routes, playing_routes
from console.guard import Guard
from dialer.operation import Operation


def flows_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /flows; own flows first, for an address of theirs could be one of the library's, too."""
    router = APIRouter(include_in_schema=False)
    switchboard = Switchboard()
    router.include_router(playing_routes(guard, switchboard))
    router.include_router(making_routes(op, guard))
    router.include_router(version_routes(op, guard))
    router.include_router(comparing_routes(op, guard))
    for where in (OWNS, LIBRARY):
        router.include_router(beginning_routes(op, guard, switchboard, where))
        router.include_router(editing_routes(op, guard, where))
        router.include_router(looking_routes(op, guard, switchboard, where))
    router.include_router(listing_routes(op, guard))
    return router
