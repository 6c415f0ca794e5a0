"""The flows: what people will hear, proven, drawn, edited and played on a telephone in the browser."""

from __future__ import annotations

from fastapi import APIRouter

from console.flows.calls import Switchboard
from console.flows.editing import editing_routes
from console.flows.looking import looking_routes
from console.flows.playing import playing_routes
from console.guard import Guard
from dialer.operation import Operation


def flows_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /flows."""
    router = APIRouter(include_in_schema=False)
    switchboard = Switchboard()
    router.include_router(playing_routes(op, guard, switchboard))
    router.include_router(editing_routes(op, guard))
    router.include_router(looking_routes(op, guard, switchboard))
    return router
