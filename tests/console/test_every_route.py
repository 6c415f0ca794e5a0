"""Every route of the console, walked: whom it opens to, and that nothing of others is on it. On SQLite: no SQL of
its own is in question here, and there are many routes.
"""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import update

from console.guard import EVERYBODY
from console.router import console_router
from dialer.operation import Operation
from dialer.store.models import Campaign, ContactList, Person
from tests.console.visitors import HOST, browser
from tests.dialer.records import NOON, add, attempt_of, campaign_of
from tests.routes import routes_of

OPEN_TO_STRANGERS = {"/sign-in", "/sign-out", "/first-run", "/enter", "/static/{path:path}"}
ENDLESS = ("/events", "/stream")


def pages(op: Operation) -> list[APIRoute]:
    """Every route of the console but the door (the desk has doors of its own, the API its tokens)."""
    own = [one for one in routes_of(console_router(op)) if one.path not in OPEN_TO_STRANGERS]
    return [one for one in own if not one.path.startswith("/desk")]


def let_in(route: APIRoute) -> tuple[str, ...]:
    asked = [getattr(one.call, "roles", None) for one in route.dependant.dependencies]
    (roles,) = [one for one in asked if one is not None] or [()]
    return roles


def filled(route: APIRoute) -> str:
    return re.sub(r"{[^}]*}", "1", route.path)


async def test_no_page_opens_to_a_stranger_or_to_a_role_that_it_does_not_name(op: Operation, app: FastAPI) -> None:
    every = pages(op)
    assert len(every) > 5
    visitors = {role: await browser(op, app, role, agent="Rita") for role in EVERYBODY}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST) as client:
        for route in every:
            roles = let_in(route)
            assert roles, f"{route.path} asks nobody who they are"
            method = next(iter(route.methods))
            answer = await client.request(method, filled(route))
            assert answer.status_code == 303, (route.path, answer.status_code)
            assert answer.headers["location"].startswith("/sign-in")
            for role in set(EVERYBODY) - set(roles):
                refused = await visitors[role].client.request(method, filled(route))
                assert refused.status_code == 403, (route.path, role)


MARKS = ("Zuleica", "campaign-of-ours", "list-of-ours", "C-0", "99999")


@pytest.mark.parametrize("who", ["another company", "another creditor"])
async def test_nothing_of_others_is_on_any_page(who: str, op: Operation, app: FastAPI) -> None:
    """Every page that is read, with the ids of what is there, as the administrator of somebody else."""
    rows = await campaign_of(op.database, 2)
    async with op.database.write() as session:
        await session.execute(update(Person).values(name="Zuleica Marques"))
        await session.execute(update(Campaign).values(name="campaign-of-ours"))
        await session.execute(update(ContactList).values(name="list-of-ours"))
    await add(op.database, attempt_of(rows, 0, status="ended", closed_at=NOON, disposition="no_answer"))
    own = await browser(op, app, "administrator")
    told = [(await own.get(path)).text for path in ("/campaigns", "/lists", "/people/1")]
    assert all(any(mark in text for mark in MARKS) for text in told), "the marks are on our own pages"
    scope = {"company": "other"} if who == "another company" else {"creditors": ["nobody"]}
    other = await browser(op, app, "administrator", **scope)  # type: ignore[arg-type]
    walked = 0
    for route in pages(op):
        if "GET" not in route.methods or route.path.endswith(ENDLESS):
            continue
        answer = await other.get(filled(route))
        assert answer.status_code in (200, 204, 303, 400, 404, 409, 422), (route.path, answer.status_code)
        found = [mark for mark in MARKS if mark in answer.text]
        assert not found, (route.path, found)
        walked += 1
    assert walked > 30
