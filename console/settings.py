"""The installation as administrators see it: users, API tokens, and the settings with which it was started."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import SecretStr
from sqlalchemy import select

from console.frame import page
from console.guard import CHANGES, Guard, Visitor
from console.pages import HEADERS
from dialer import users as acts
from dialer.errors import ToqueError
from dialer.operation import Operation
from dialer.settings import Settings
from dialer.store import interactions, tokens, users
from dialer.store.models import Agent, Creditor

ONLY_ADMINISTRATORS = ("administrator",)


def settings_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /settings."""
    router = APIRouter(prefix="/settings", include_in_schema=False)
    looks = Depends(guard.lets(*CHANGES))
    administers = Depends(guard.lets(*ONLY_ADMINISTRATORS))

    @router.get("")
    async def installation(request: Request, visitor: Visitor = looks) -> Response:
        """The settings of this process; secrets are never shown."""
        rows = [(f"TOQUE_{name.upper()}", field.description, _shown(op.settings, name))
                for name, field in Settings.model_fields.items()]  # fmt: skip
        return page(request, "settings/installation.html", visitor, rows=rows)

    async def user_page(request: Request, visitor: Visitor, *, fault: str = "", **told: Any) -> Response:
        async with op.database.read() as session:
            found = await users.of_company(session, visitor.tenant_id)
            creditors = (await session.scalars(
                select(Creditor).where(Creditor.tenant_id == visitor.tenant_id).order_by(Creditor.name)
            )).all()  # fmt: skip
            agents = (await session.scalars(
                select(Agent.name).where(Agent.tenant_id == visitor.tenant_id).order_by(Agent.name)
            )).all()  # fmt: skip
        values: dict[str, Any] = {
            "users": found, "creditors": creditors, "agents": agents, "roles": tokens.ROLES,
            "form": dict.fromkeys(("email", "name", "role", "agent"), ""),
            "fault": fault, "password": "", "added": "",
        }  # fmt: skip
        return page(request, "settings/users.html", visitor, status=400 if fault else 200, **(values | told))

    @router.get("/users")
    async def all_users(request: Request, visitor: Visitor = administers) -> Response:
        """Who may sign in."""
        return await user_page(request, visitor)

    @router.post("/users")
    async def add_user(request: Request, visitor: Visitor = administers) -> Response:
        """Add somebody; a password is made and shown this once."""
        form = await request.form()
        password = secrets.token_urlsafe(12)
        given = {name: str(form.get(name, "")) for name in ("email", "name", "role", "agent")}
        creditors = tuple(str(one) for one in form.getlist("creditors")) or None
        new = acts.NewUser(given["email"], given["name"], given["role"], password, creditors, given["agent"] or None)
        try:
            await acts.add(op, new)
        except ToqueError as fault:
            return await user_page(request, visitor, fault=str(fault), form=given)
        return await user_page(request, visitor, password=password, added=new.email)

    @router.post("/users/{user_id}/disable")
    async def disable_user(request: Request, user_id: int, visitor: Visitor = administers) -> Response:
        """They are signed out at once and stay out."""
        async with op.database.read() as session:
            await users.named(session, visitor.tenant_id, user_id)
        if user_id == visitor.user_id:
            return await user_page(request, visitor, fault="You cannot disable yourself.")
        await acts.disable(op, user_id)
        return RedirectResponse("/settings/users", status_code=303, headers=HEADERS)

    async def token_page(request: Request, visitor: Visitor, **told: Any) -> Response:
        async with op.database.read() as session:
            found = await tokens.of_company(session, visitor.tenant_id)
        roles = [one for one in tokens.ROLES if one != "agent"]
        return page(request, "settings/tokens.html", visitor, tokens=found, roles=roles, **({"made": ""} | told))

    @router.get("/tokens")
    async def all_tokens(request: Request, visitor: Visitor = administers) -> Response:
        """Bearer tokens of the API."""
        return await token_page(request, visitor)

    @router.post("/tokens")
    async def make_token(request: Request, visitor: Visitor = administers) -> Response:
        """A new one, shown this once."""
        form = await request.form()
        role, name = str(form.get("role", "")), str(form.get("name", "")).strip()[:100]
        if role not in tokens.ROLES or role == "agent":
            return await token_page(request, visitor)
        async with op.database.write() as session:
            made = await tokens.create(session, visitor.tenant_id, name or role, role, datetime.now(UTC))
            await interactions.add(
                session, tenant_id=visitor.tenant_id, at=op.clock.now(), kind="token_made", detail={"role": role}
            )
        return await token_page(request, visitor, made=made)

    @router.post("/tokens/{token_id}/revoke")
    async def end_token(token_id: int, visitor: Visitor = administers) -> Response:
        """It opens nothing from now on."""
        async with op.database.write() as session:
            if await tokens.revoke(session, visitor.tenant_id, token_id, datetime.now(UTC)):
                await interactions.add(
                    session, tenant_id=visitor.tenant_id, at=op.clock.now(), kind="token_ended",
                    detail={"token": token_id},
                )  # fmt: skip
        return RedirectResponse("/settings/tokens", status_code=303, headers=HEADERS)

    return router


def _shown(settings: Settings, name: str) -> str:
    """A value for the eye: of a secret only whether it is there."""
    value = getattr(settings, name)
    if isinstance(value, SecretStr):
        return "•••" if value.get_secret_value() else ""
    if name in ("database_url", "redis_url", "twilio_account_sid"):
        return "•••" if value else ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value if value is not None else "")
