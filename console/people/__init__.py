"""People: looking somebody up, why they are called or not and when next, and what we are told to heed of them."""

from __future__ import annotations

from fastapi import APIRouter

from console.guard import Guard
from console.people.heeding import heeding_routes
from console.people.looking import looking_routes
from console.people.proving import proving_routes
from dialer.operation import Operation

__all__ = ["people_routes"]


def people_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /people."""
    router = APIRouter(include_in_schema=False)
    for part in (looking_routes, heeding_routes, proving_routes):
        router.include_router(part(op, guard))
    return router
