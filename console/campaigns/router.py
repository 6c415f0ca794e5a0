"""All campaign pages put together. Live and results of a campaign are pages of their own, elsewhere."""

from __future__ import annotations

from fastapi import APIRouter

from console.campaigns.commanding import command_routes
from console.campaigns.drafts import draft_routes
from console.campaigns.listing import listing_routes
from console.campaigns.overview import overview_routes
from console.guard import Guard
from dialer.operation import Operation


def campaigns_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /campaigns that belongs to no other page."""
    router = APIRouter(include_in_schema=False)
    for routes in (listing_routes, draft_routes, overview_routes, command_routes):
        router.include_router(routes(op, guard))
    return router
