"""The routes of a router, those of the routers that it includes among them."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.routing import APIRoute


def routes_of(router: APIRouter) -> Iterator[APIRoute]:
    """Every route, once."""
    for one in router.routes:
        if isinstance(one, APIRoute):
            yield one
        elif isinstance(inner := getattr(one, "original_router", None), APIRouter):
            yield from routes_of(inner)
