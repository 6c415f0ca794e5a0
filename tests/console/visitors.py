"""Somebody in a browser: signed in with a role, of a company, with creditors in sight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from fastapi import APIRouter, FastAPI
from sqlalchemy import select

from console.guard import COOKIE, TOKEN_HEADER, Guard, token_of
from console.router import add_refusals
from dialer.operation import Operation
from dialer.store import campaigns, users
from dialer.store.models import Tenant, User

HOST = "http://toque.example"


def app_of(op: Operation, *places: Callable[[Operation, Guard], APIRouter]) -> FastAPI:
    """An application of these places of the console alone."""
    made = FastAPI()
    for place in places:
        made.include_router(place(op, Guard(op)))
    add_refusals(made, op)
    return made


@dataclass(slots=True)
class Browser:
    """A browser with one sign-in; `send` posts as a page of ours does."""

    client: httpx.AsyncClient
    user_id: int
    cookie: str

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def send(self, path: str, data: dict[str, object] | None = None, **more: object) -> httpx.Response:
        headers = {TOKEN_HEADER: token_of(self.cookie), "sec-fetch-site": "same-origin"}
        return await self.client.post(path, data=data, headers=headers, **more)  # type: ignore[arg-type]


async def browser(
    op: Operation,
    app: FastAPI,
    role: str = "manager",
    *,
    company: str = "",
    creditors: list[str] | None = None,
    agent: str | None = None,
    language: str = "en-US",
) -> Browser:
    """A signed-in browser on the application. `company`: the key of another company, made if need be."""
    now = datetime.now(UTC)
    async with op.database.write() as session:
        if company:
            tenant = await session.scalar(select(Tenant).where(Tenant.key == company))
            if tenant is None:
                session.add(tenant := Tenant(key=company, name=company))
                await session.flush()
        else:
            tenant = await campaigns.tenant(session)
        serial = len((await session.scalars(select(User.id))).all())
        user = User(
            tenant_id=tenant.id, email=f"{role}{serial}@toque.example", name=f"{role} {serial}", role=role,
            password="", creditors=creditors, agent=agent, language=language, created_at=now,
        )  # fmt: skip
        session.add(user)
        await session.flush()
        cookie = await users.open_browser(session, user.id, now)
    transport = httpx.ASGITransport(app=app)
    client = httpx.AsyncClient(transport=transport, base_url=HOST, cookies={COOKIE: cookie})
    return Browser(client, user.id, cookie)
