"""Who gets in: the first visit, passwords and codes, links, roles, companies, requests from other sites."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from console.guard import COOKIE
from dialer import guarding
from dialer import users as acts
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.store import users
from dialer.store.database import Database
from dialer.store.models import DoorTry, Interaction, SignIn, User
from dialer.users import NewUser, WrongCredentials
from tests.console.visitors import HOST, browser
from tests.dialer.records import accepts, operation_on

PASSWORD = "a long enough password"
OPEN_TO_STRANGERS = {"/sign-in", "/sign-out", "/first-run", "/enter", "/static/{path:path}"}


@pytest.fixture
def op(database: Database) -> Operation:
    return operation_on(database, accepts, public_url=HOST)


def stranger(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HOST)


async def test_the_first_visitor_makes_the_first_account_and_nobody_makes_a_second_so(app: FastAPI) -> None:
    async with stranger(app) as client:
        assert (await client.get("/sign-in")).headers["location"] == "/first-run"
        form = {"email": "Ana@Toque.example", "name": "Ana", "password": PASSWORD}
        assert (await client.post("/first-run", data=form | {"password": "short"})).status_code == 400
        made = await client.post("/first-run", data=form)
        assert (made.status_code, made.headers["location"]) == (303, "/")
        cookie = made.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
    async with stranger(app) as client:
        second = await client.post("/first-run", data=form | {"email": "eve@toque.example"})
        assert second.status_code == 400
        assert (await client.get("/first-run")).headers["location"] == "/sign-in"


async def test_five_wrong_passwords_shut_the_door_and_nothing_tells_whether_the_address_was_right(
    op: Operation,
) -> None:
    await acts.add(op, NewUser("ana@toque.example", "Ana", "manager", PASSWORD))
    said = set()
    for _ in range(6):  # the sixth meets a shut door where there is one
        for address in ("ana@toque.example", "nobody@toque.example"):
            with pytest.raises(WrongCredentials) as fault:
                await acts.sign_in(op, address, "wrong")
            said.add(str(fault.value))
    assert len(said) == 1
    with pytest.raises(WrongCredentials, match="wait five minutes"):
        await acts.sign_in(op, "ana@toque.example", PASSWORD)
    async with op.database.write() as session:
        await session.execute(update(User).values(locked_until=datetime.now(UTC) - timedelta(seconds=1)))
    assert await acts.sign_in(op, "ana@toque.example", PASSWORD)
    async with op.database.read() as session:
        kinds = list(await session.scalars(select(Interaction.kind).order_by(Interaction.id)))
    assert kinds.count("sign_in_failed") == 5
    assert kinds[-1] == "signed_in"


async def test_with_an_app_the_password_alone_opens_nothing(op: Operation) -> None:
    user = await acts.add(op, NewUser("ana@toque.example", "Ana", "manager", PASSWORD))
    secret = acts.new_totp_secret()
    with pytest.raises(BadInput, match="does not fit"):
        await acts.use_totp(op, user, secret, "000000")
    assert await acts.sign_in(op, "ana@toque.example", PASSWORD), "not asked for before the app has shown the secret"
    app, now = pyotp.TOTP(secret), datetime.now(UTC)
    await acts.use_totp(op, user, secret, app.at(now))
    with pytest.raises(WrongCredentials):
        await acts.sign_in(op, "ana@toque.example", PASSWORD)
    half = timedelta(seconds=30)
    for code in (app.at(now), app.at(now - half)):  # it has shown that the app has the secret; an older one
        with pytest.raises(WrongCredentials):
            await acts.sign_in(op, "ana@toque.example", PASSWORD, code)
    following = app.at(now + half)
    tries = [acts.sign_in(op, "ana@toque.example", PASSWORD, following) for _ in range(2)]
    said = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(isinstance(one, WrongCredentials) for one in said) == [False, True], "a code opens once"


async def test_who_guesses_at_many_accounts_from_one_network_is_shut_out_and_nobody_else(op: Operation) -> None:
    await acts.add(op, NewUser("ana@toque.example", "Ana", "manager", PASSWORD))
    now, guesser, neighbour = datetime.now(UTC), "2001:db8:1:2::7", "2001:db8:1:2:9::1"
    for _ in range(guarding.TRIES - 1):
        await guarding.wrong(op, guesser, now)
    with pytest.raises(WrongCredentials):
        await acts.sign_in(op, "nobody@toque.example", "wrong", address=neighbour)
    with pytest.raises(guarding.TooManyTries):
        await acts.sign_in(op, "ana@toque.example", PASSWORD, address=guesser)
    assert await acts.sign_in(op, "ana@toque.example", PASSWORD, address="192.0.2.7")
    await guarding.must_be_open(op, guesser, now + guarding.SHUT_FOR + timedelta(minutes=1))
    async with op.database.read() as session:
        kept = (await session.scalars(select(DoorTry))).one()
    assert (kept.failed, len(kept.address)) == (guarding.TRIES, 32), "a hash of one network"
    assert "2001" not in kept.address
    await guarding.wrong(op, "192.0.2.8", now + guarding.KEPT + timedelta(hours=1))
    async with op.database.read() as session:
        assert (await session.scalars(select(DoorTry.failed))).all() == [1], "forgotten after a day"


async def test_the_door_counts_the_address_that_a_request_comes_from(op: Operation, app: FastAPI) -> None:
    now = datetime.now(UTC)
    for _ in range(guarding.TRIES):
        await guarding.wrong(op, "127.0.0.1", now)
    async with stranger(app) as client:
        client.headers["Accept-Language"] = "en-US"
        shut = await client.post("/sign-in", data={"email": "ana@toque.example", "password": PASSWORD})
    assert (shut.status_code, "from your network" in shut.text) == (429, True)


async def test_a_new_password_and_a_disabled_account_end_every_browser(op: Operation) -> None:
    user = await acts.add(op, NewUser("ana@toque.example", "Ana", "manager", PASSWORD))
    first = await acts.sign_in(op, "ana@toque.example", PASSWORD)
    await acts.change_password(op, user, "another long password")
    second = await acts.sign_in(op, "ana@toque.example", "another long password")
    now = datetime.now(UTC)
    async with op.database.read() as session:
        assert await users.signed_in(session, first, now) is None
        assert await users.signed_in(session, second, now) is not None
    await acts.disable(op, user)
    async with op.database.read() as session:
        assert await users.signed_in(session, second, now) is None
    with pytest.raises(WrongCredentials):
        await acts.sign_in(op, "ana@toque.example", "another long password")


@pytest.mark.parametrize(("column", "age"), [("created_at", timedelta(hours=13)), ("seen_at", timedelta(hours=3))])
async def test_a_browser_is_signed_out_after_a_shift_and_when_nobody_was_there_for_long(
    column: str, age: timedelta, op: Operation
) -> None:
    await acts.add(op, NewUser("ana@toque.example", "Ana", "manager", PASSWORD))
    cookie = await acts.sign_in(op, "ana@toque.example", PASSWORD)
    now = datetime.now(UTC)
    async with op.database.write() as session:
        await session.execute(update(SignIn).values({column: now - age}))
    async with op.database.read() as session:
        assert await users.signed_in(session, cookie, now) is None


async def test_a_link_signs_in_once_and_leads_to_no_other_site(op: Operation, app: FastAPI) -> None:
    await acts.add(op, NewUser("ana@toque.example", "Ana", "manager", PASSWORD))
    path = (await acts.link(op, "ana@toque.example")).removeprefix(HOST)
    async with stranger(app) as client:
        entered = await client.get(path, params={"ticket": path.partition("=")[2], "then": "//evil.example"})
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert COOKIE in entered.headers["set-cookie"]
    async with stranger(app) as client:
        assert (await client.get(path)).headers["location"] == "/sign-in"


async def test_what_changes_something_comes_from_a_page_of_ours_only(op: Operation, app: FastAPI) -> None:
    own = await browser(op, app, "administrator")
    form = {"name": "x", "role": "manager"}
    assert (await own.client.post("/settings/tokens", data=form)).status_code == 403, "without the form's token"
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert (await own.client.post("/settings/tokens", data=form, headers=elsewhere)).status_code == 403
    older = {"origin": "https://evil.example"}
    assert (await own.client.post("/settings/tokens", data=form, headers=older)).status_code == 403
    assert (await own.send("/settings/tokens", form)).status_code == 200


async def test_another_company_neither_sees_nor_ends_what_is_not_its_own(op: Operation, app: FastAPI) -> None:
    ours, theirs = await browser(op, app, "administrator"), await browser(op, app, "administrator", company="other")
    made = (await ours.send("/settings/tokens", {"name": "ours alone", "role": "manager"})).text
    token = re.search(r"toque_[\w-]+", made)
    assert token
    assert "ours alone" not in (await theirs.get("/settings/tokens")).text
    for n in range(1, 4):
        await theirs.send(f"/settings/tokens/{n}/revoke")
        assert (await theirs.send(f"/settings/users/{ours.user_id}/disable")).status_code == 404
    bearer = {"authorization": f"Bearer {token[0]}"}
    async with stranger(app) as client:
        assert (await client.get("/api/v1/campaigns", headers=bearer)).status_code == 200
    assert (await ours.get("/me")).status_code == 200
