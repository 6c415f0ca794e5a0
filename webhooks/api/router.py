"""Puts the API together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

from dialer.operation import Operation
from dialer.results.standing import Standing
from webhooks.api.access import Gatekeeper
from webhooks.api.agents import agent_routes
from webhooks.api.breaks import break_routes
from webhooks.api.by_hand import by_hand_routes
from webhooks.api.campaigns import campaign_routes
from webhooks.api.lists import list_routes
from webhooks.api.people import people_routes
from webhooks.api.problems import MEDIA_TYPE, Problem
from webhooks.api.tasks import task_routes
from webhooks.api.wishes import wish_routes

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
    for status, words in {
        400: "The request cannot be used",
        401: "No valid token",
        403: "The token's role may not do this",
        404: "Nothing of that name or number",
        409: "Not possible in the present state",
    }.items()
}


def api_router(op: Operation, in_words: Callable[[Standing], str]) -> APIRouter:
    """All routes, to be mounted at /api/v1. `in_words` says how a campaign stands."""
    gatekeeper = Gatekeeper(op)
    router = APIRouter(responses=PROBLEMS)
    router.include_router(campaign_routes(op, gatekeeper, in_words))
    router.include_router(agent_routes(op, gatekeeper))
    router.include_router(break_routes(op, gatekeeper))
    router.include_router(people_routes(op, gatekeeper))
    router.include_router(wish_routes(op, gatekeeper))
    router.include_router(by_hand_routes(op, gatekeeper))
    router.include_router(list_routes(op, gatekeeper))
    router.include_router(task_routes(op, gatekeeper))
    return router
