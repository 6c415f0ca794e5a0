"""The installation as administrators see it: the settings with which it was started, API tokens, and access."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import SecretStr

from console.access import ONLY_ADMINISTRATORS, access_routes
from console.frame import page
from console.guard import CHANGES, Guard, Visitor
from console.pages import HEADERS
from dialer.operation import Operation
from dialer.settings import Settings
from dialer.store import interactions, tokens


def settings_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /settings."""
    outer = APIRouter(include_in_schema=False)
    router = APIRouter(prefix="/settings", include_in_schema=False)
    looks = Depends(guard.lets(*CHANGES))
    administers = Depends(guard.lets(*ONLY_ADMINISTRATORS))

    @router.get("")
    async def installation(request: Request, visitor: Visitor = looks) -> Response:
        """The settings of this process; secrets are never shown."""
        rows = [(f"TOQUE_{name.upper()}", field.description, _shown(op.settings, name))
                for name, field in Settings.model_fields.items()]  # fmt: skip
        return page(request, "settings/installation.html", visitor, rows=rows)

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

    outer.include_router(router)
    outer.include_router(access_routes(op, guard))
    return outer


def _shown(settings: Settings, name: str) -> str:
    """A value for the eye: of a secret only whether it is there."""
    value = getattr(settings, name)
    if isinstance(value, SecretStr):
        return "•••" if value.get_secret_value() else ""
    if name in ("database_url", "redis_url", "twilio_account_sid"):
        return "•••" if value else ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value if value is not None else "")
