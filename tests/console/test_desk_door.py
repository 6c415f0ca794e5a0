"""No open door: what gets a person to the desk, how often, and for how long."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, update

from dialer.store.database import Database
from dialer.store.models import AccessToken
from tests.console.office import Office, office

PAGES = ["/desk", "/desk?agent=Bia Nunes", "/desk/events", "/desk/enter", "/desk/enter?ticket=made-up"]
ACTS = ["/desk/ready", "/desk/pause", "/desk/done", "/desk/packets/1/shown"]
OURS = {"X-Toque-Desk": "1"}


async def enter(desk: Office, **headers: str) -> httpx.AsyncClient:
    browser = await desk.client()
    browser.headers.update(headers)
    answer = await browser.get(f"/desk/enter?ticket={await desk.ticket()}")
    assert answer.status_code in (200, 303)
    return browser


@pytest.mark.parametrize("path", PAGES)
async def test_a_stranger_reads_how_to_get_in(desk: Office, path: str) -> None:
    answer = await (await desk.client()).get(path)
    assert answer.status_code == 401
    assert "/api/v1/agents/NAME/desk-link" in answer.text
    assert "Marina" not in answer.text


@pytest.mark.parametrize("path", ACTS)
async def test_a_stranger_does_nothing(desk: Office, path: str) -> None:
    assert (await (await desk.client()).post(path, headers=OURS)).status_code == 401


async def test_a_ticket_works_once_and_leaves_no_secret_in_the_address(desk: Office) -> None:
    ticket = await desk.ticket()
    browser = await desk.client()
    first = await browser.get(f"/desk/enter?ticket={ticket}")
    assert (first.status_code, first.headers["location"]) == (303, "/desk")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert ticket not in cookie
    assert (await browser.get("/desk")).status_code == 200
    again = await (await desk.client()).get(f"/desk/enter?ticket={ticket}")
    assert again.status_code == 401
    assert "set-cookie" not in again.headers


async def test_of_many_at_once_one_ticket_lets_one_in(database: Database) -> None:
    async with office(database) as desk:
        ticket = await desk.ticket()
        client = await desk.client()
        answers = await asyncio.gather(*(client.get(f"/desk/enter?ticket={ticket}") for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [303, 401, 401, 401, 401]


async def test_a_ticket_is_worth_nothing_after_ten_minutes(desk: Office) -> None:
    client = await desk.client()
    old = await desk.ticket(age=timedelta(minutes=10, seconds=1))
    assert (await client.get(f"/desk/enter?ticket={old}")).status_code == 401
    young = await desk.ticket(age=timedelta(minutes=9))
    assert (await client.get(f"/desk/enter?ticket={young}")).status_code == 303


async def test_an_ordinary_token_is_no_ticket(desk: Office) -> None:
    token = await desk.token("manager")
    assert (await (await desk.client()).get(f"/desk/enter?ticket={token}")).status_code == 401


async def test_a_ticket_itself_is_no_token(desk: Office) -> None:
    client = await desk.client()
    answer = await client.get("/desk", headers={"Authorization": f"Bearer {await desk.ticket()}"})
    assert answer.status_code == 401


async def test_a_link_on_another_site_still_arrives(desk: Office) -> None:
    browser = await enter(desk, **{"Sec-Fetch-Site": "cross-site"})
    assert (await browser.get("/desk")).status_code == 200


async def test_a_sign_in_lasts_one_shift(desk: Office) -> None:
    browser = await enter(desk)
    for age, status in ((timedelta(hours=12, seconds=-10), 200), (timedelta(hours=12, seconds=1), 401)):
        async with desk.op.database.write() as session:
            sign_in = (await session.scalars(select(AccessToken).where(AccessToken.role == "desk_cookie"))).one()
            assert sign_in.expires_at == sign_in.created_at + timedelta(hours=12)
            sign_in.created_at = datetime.now(UTC) - age
            sign_in.expires_at = sign_in.created_at + timedelta(hours=12)
        assert (await browser.get("/desk")).status_code == status


@pytest.mark.parametrize("path", ["/desk", "/desk/events", "/api/v1/agents/Bia Nunes/packet"])
async def test_the_value_of_the_cookie_is_no_bearer_token(desk: Office, path: str) -> None:
    browser = await enter(desk)
    bearer = {"Authorization": f"Bearer {browser.cookies['toque_desk']}"}
    assert (await (await desk.client()).get(path, headers=bearer)).status_code == 401


async def test_a_bearer_token_is_no_cookie(desk: Office) -> None:
    cookie = {"Cookie": f"toque_desk={await desk.token('agent')}"}
    assert (await (await desk.client()).get("/desk", headers=cookie)).status_code == 401


async def test_a_new_sign_in_ends_the_one_before(desk: Office) -> None:
    first, other = await enter(desk), await desk.client("agent", "Bia Nunes")
    second = await enter(desk)
    assert (await first.get("/desk")).status_code == 401
    assert (await second.get("/desk")).status_code == 200
    assert (await other.get("/desk")).status_code == 200, "the agent's own token is no sign-in"


async def test_a_revoked_sign_in_is_over(desk: Office) -> None:
    browser = await enter(desk)
    async with desk.op.database.write() as session:
        await session.execute(update(AccessToken).values(revoked_at=datetime.now(UTC)))
    assert (await browser.get("/desk")).status_code == 401


async def test_the_cookie_is_not_kept_readable(desk: Office) -> None:
    browser = await enter(desk)
    async with desk.op.database.read() as session:
        kept = (await session.scalars(select(AccessToken.hash))).all()
    assert browser.cookies["toque_desk"] not in kept


async def test_an_agent_sees_no_other_desk(desk: Office) -> None:
    browser = await enter(desk)
    assert (await browser.get("/desk?agent=Rui Sá")).status_code == 403
    assert (await browser.get("/desk?agent=Nobody")).status_code == 403
    assert (await browser.post("/desk/ready?agent=Rui Sá", headers=OURS)).status_code == 403


async def test_auditors_look_at_a_desk_and_change_nothing_there(desk: Office) -> None:
    auditor = await desk.client("auditor", "Ana")
    assert (await auditor.get("/desk?agent=Bia Nunes")).status_code == 200
    assert (await auditor.post("/desk/pause?agent=Bia Nunes", headers=OURS)).status_code == 403
    assert (await auditor.get("/desk?agent=Nobody")).status_code == 403


async def test_a_form_of_another_page_changes_nothing(desk: Office) -> None:
    browser = await enter(desk)
    assert (await browser.post("/desk/pause")).status_code == 403


@pytest.mark.parametrize("path", ["/desk", "/desk/enter?ticket=x", "/desk/assets/desk.js", "/desk/assets/x"])
async def test_pages_keep_to_themselves(desk: Office, path: str) -> None:
    for client in (await enter(desk), await desk.client()):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


async def test_pages_carry_no_inline_script_or_style(desk: Office) -> None:
    page = (await (await enter(desk)).get("/desk")).text
    assert "style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count('<script src="/desk/assets/')
