"""Addresses that lead nowhere, and what somebody is told there."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from console.audit import audit_routes
from console.campaigns.router import campaigns_routes
from console.guard import LOOKS, Guard, Visitor
from console.lists import lists_routes
from console.people import people_routes
from console.router import console_app
from dialer.operation import Operation
from dialer.store.database import Database
from tests.console.visitors import HOST, app_of, browser
from tests.dialer.records import accepts, operation_on

HUGE = "9" * 20
PAGE = "text/html,application/xhtml+xml"
NOWHERE = {
    "/nowhere": 404, "/campaigns/abc": 404, "/campaigns/7/check": 404, "/lists/files/abc": 404, "/people/1/bar": 405,
    f"/campaigns/{HUGE}": 404, f"/people/{HUGE}": 404, f"/lists/files/{HUGE}": 404, f"/campaigns/{HUGE}/results": 404,
    f"/audit?user={HUGE}&behind={HUGE}": 200, "/audit?user=²": 200, "/people/1?everything=maybe": 404,
}  # fmt: skip


def breaking(_op: Operation, guard: Guard) -> APIRouter:
    router, looks = APIRouter(prefix="/breaking"), Depends(guard.lets(*LOOKS))

    @router.get("")
    async def page(_visitor: Visitor = looks) -> None:
        raise RuntimeError("secret 4111")

    return router


@pytest.fixture
def op(database: Database) -> Operation:
    return operation_on(database, accepts, public_url=HOST)


@pytest.fixture
def lost(op: Operation) -> FastAPI:
    return app_of(op, campaigns_routes, lists_routes, people_routes, audit_routes, breaking)


async def test_an_address_that_leads_nowhere_is_told_on_a_page(op: Operation, lost: FastAPI) -> None:
    visitor = await browser(op, lost, "administrator", language="pt-BR")
    for path, status in NOWHERE.items():
        answer = await visitor.get(path, accept=PAGE)
        assert (path, answer.status_code) == (path, status)
        assert answer.headers["content-type"].startswith("text/html")
        assert "content-security-policy" in answer.headers
        assert '<html lang="pt-BR">' in answer.text
    assert (await visitor.get("/nowhere", accept="*/*")).text == "Not Found"


async def test_numbers_in_forms_that_no_row_has_choose_nothing(op: Operation, lost: FastAPI) -> None:
    visitor = await browser(op, lost, "manager")
    for odd in (HUGE, "²", "-1"):
        assert (await visitor.send("/campaigns/draft", {"list_id": odd})).status_code == 400
        assert (await visitor.send("/campaigns/draft", {"list_id": "1", "campaign": odd})).status_code in (400, 404)


async def test_the_letter_that_no_database_keeps_is_refused_in_words(op: Operation, lost: FastAPI) -> None:
    visitor = await browser(op, lost, "administrator")
    for answer in (await visitor.send("/people", {"q": "Ana\0"}), await visitor.get("/audit?kind=%00")):
        assert answer.status_code == 409
        assert "letter of number zero" in answer.text


async def test_a_page_that_breaks_says_so_and_tells_nothing_of_why(op: Operation, lost: FastAPI) -> None:
    visitor = await browser(op, lost, "manager")
    quiet = httpx.ASGITransport(app=lost, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=quiet, base_url=HOST, cookies=visitor.client.cookies) as client:
        answer = await client.get("/breaking", headers={"accept": PAGE})
    assert (answer.status_code, "secret" in answer.text) == (500, False)
    assert "This page broke" in answer.text


async def test_while_the_database_is_away_a_page_says_so_and_that_all_goes_on_by_itself(
    op: Operation, lost: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await browser(op, lost, "manager", language="pt-BR")
    quiet = httpx.ASGITransport(app=lost, raise_app_exceptions=False)

    def away() -> None:
        raise ConnectionRefusedError("secret")

    monkeypatch.setattr(op.database, "read", away)
    async with httpx.AsyncClient(transport=quiet, base_url=HOST, cookies=visitor.client.cookies) as client:
        answer = await client.get("/campaigns", headers={"accept": PAGE, "accept-language": "pt-BR"})
    assert (answer.status_code, "secret" in answer.text) == (503, False)
    assert "O banco de dados não responde. Nada é discado até que responda" in answer.text


async def test_the_door_leads_back_to_the_page_with_its_filters_and_never_to_a_part_of_it(
    op: Operation, lost: FastAPI
) -> None:
    await browser(op, lost)  # else the door is that of the first visit
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=lost), base_url=HOST) as client:
        page = await client.get("/campaigns?status=running&q=a%20b")
        assert page.headers["location"] == "/sign-in?then=%2Fcampaigns%3Fstatus%3Drunning%26q%3Da%2520b"
        headers = {"hx-request": "true", "hx-current-url": f"{HOST}/campaigns/7/edit"}
        part = await client.get("/campaigns/7/forecast", headers=headers)
        assert part.headers["hx-redirect"] == "/sign-in?then=%2Fcampaigns%2F7%2Fedit"


async def test_a_file_that_the_browser_has_is_not_sent_again(op: Operation) -> None:
    whole = httpx.ASGITransport(app=console_app(op, None))
    async with httpx.AsyncClient(transport=whole, base_url=HOST) as client:
        first = await client.get("/static/console.css")
        again = await client.get("/static/console.css", headers={"if-none-match": first.headers["etag"]})
        other = await client.get("/static/console.css", headers={"if-none-match": '"older"'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert other.content == first.content
