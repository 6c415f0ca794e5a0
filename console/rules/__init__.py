"""The law as it stands: packs in force, hours and holidays of a place, and the do-not-call lists."""

from __future__ import annotations

from fastapi import APIRouter

from console.guard import Guard
from console.rules.hours import hours_routes
from console.rules.listings import listings_routes
from console.rules.packs import packs_routes
from dialer.operation import Operation

__all__ = ["rules_routes"]


def rules_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /rules."""
    router = APIRouter(include_in_schema=False)
    for part in (packs_routes, hours_routes, listings_routes):
        router.include_router(part(op, guard))
    return router
