"""Who may sign in, as an administrator keeps it: scopes that are never lost, and a way back in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from console.settings import settings_routes
from dialer import users as acts
from dialer.operation import Operation
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import Creditor, Interaction, User
from tests.conftest import fresh_database
from tests.console.visitors import HOST, Browser, app_of, browser
from tests.dialer.records import accepts, operation_on

NEW = {"email": "rui@toque.example", "name": "Rui Sá", "role": "manager"}


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite alone: no question of databases is asked here."""
    yield from fresh_database(request, "sqlite", tmp_path)


@pytest.fixture
def op(database: Database) -> Operation:
    return operation_on(database, accepts, public_url=HOST)


@pytest.fixture
def app(op: Operation) -> FastAPI:
    return app_of(op, settings_routes)


@pytest.fixture
async def administrator(op: Operation, app: FastAPI) -> Browser:
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        session.add_all(Creditor(tenant_id=tenant.id, key=key, name=key.title()) for key in ("aurora", "sol"))
    return await browser(op, app, "administrator")


async def user(op: Operation, number: int) -> User:
    async with op.database.read() as session:
        return await session.get_one(User, number)


async def test_a_scope_that_was_ticked_is_kept_when_the_form_comes_back(
    op: Operation, administrator: Browser
) -> None:
    typed = await administrator.send("/settings/users", {**NEW, "email": "no address", "creditors": ["sol"]})
    assert typed.status_code == 400
    assert 'value="sol" checked' in typed.text
    assert 'value="aurora" checked' not in typed.text
    stranger = await administrator.send("/settings/users", {**NEW, "creditors": ["nobody"]})
    assert "There is no such creditor" in stranger.text
    assert (await administrator.send("/settings/users", {**NEW, "creditors": ["sol"]})).status_code == 200
    assert (await user(op, 2)).creditors == ["sol"]


async def test_another_role_and_scope_hold_at_once_and_nobody_changes_their_own(
    op: Operation, app: FastAPI, administrator: Browser
) -> None:
    other = await browser(op, app, "manager")
    assert (await administrator.get(f"/settings/users/{other.user_id}")).status_code == 200
    sent = {"role": "auditor", "creditors": ["aurora"]}
    assert (await administrator.send(f"/settings/users/{other.user_id}", sent)).status_code == 303
    assert (await other.get("/settings")).status_code == 403
    own = await administrator.send(f"/settings/users/{administrator.user_id}", {"role": "auditor"})
    assert "kept by another administrator" in own.text
    assert (await user(op, administrator.user_id)).role == "administrator"
    foreign = await browser(op, app, "administrator", company="elsewhere")
    for path in ("", "/password", "/disable"):
        assert (await foreign.send(f"/settings/users/{other.user_id}{path}", sent)).status_code == 404
    assert (await foreign.get(f"/settings/users/{other.user_id}")).status_code == 404


async def test_who_lost_password_and_app_is_let_in_again_and_the_record_says_by_whom(
    op: Operation, app: FastAPI, administrator: Browser
) -> None:
    other = await browser(op, app, "manager")
    secret = acts.new_totp_secret()
    await acts.use_totp(op, other.user_id, secret, pyotp.TOTP(secret).now())
    await administrator.send(f"/settings/users/{other.user_id}/disable")
    told = await administrator.send(f"/settings/users/{other.user_id}/password")
    password = told.text.split("<code>")[1].split("</code>")[0]
    assert (await other.get("/settings")).status_code == 303, "every browser was signed out"
    assert await acts.sign_in(op, (await user(op, other.user_id)).email, password)
    async with op.database.read() as session:
        lines = (await session.execute(
            select(Interaction.kind, Interaction.actor).where(Interaction.kind.startswith("user_"))
        )).all()  # fmt: skip
    by = f"user {administrator.user_id}"
    assert {(kind, actor) for kind, actor in lines} == {("user_disabled", by), ("user_let_in_again", by)}
    assert password not in (await administrator.get("/settings/users")).text
