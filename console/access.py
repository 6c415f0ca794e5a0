"""Who may sign in, as administrators keep it: users, roles and creditors, and the way back in for who is out."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from console.frame import page
from console.guard import Guard, Visitor
from console.pages import HEADERS
from dialer import users as acts
from dialer.errors import BadInput, Refused, ToqueError
from dialer.operation import Operation
from dialer.store import tokens, users
from dialer.store.models import Agent, Creditor

ONLY_ADMINISTRATORS = ("administrator",)
FIELDS = ("email", "name", "role", "agent")
NOT_YOURSELF = "Your own role and access are kept by another administrator."


def access_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /settings/users."""
    router = APIRouter(prefix="/settings/users", include_in_schema=False)
    administers = Depends(guard.lets(*ONLY_ADMINISTRATORS))

    async def listed(request: Request, visitor: Visitor, *, fault: str = "", **told: Any) -> Response:
        async with op.database.read() as session:
            found = await users.of_company(session, visitor.tenant_id)
            creditors = await _creditors(session, visitor)
            agents = (await session.scalars(
                select(Agent.name).where(Agent.tenant_id == visitor.tenant_id).order_by(Agent.name)
            )).all()  # fmt: skip
        values: dict[str, Any] = {
            "users": found, "creditors": creditors, "agents": agents, "roles": tokens.ROLES, "ticked": [],
            "form": dict.fromkeys(FIELDS, ""), "fault": fault, "password": "", "added": "",
        }  # fmt: skip
        return page(request, "settings/users.html", visitor, status=400 if fault else 200, **(values | told))

    async def one_page(request: Request, visitor: Visitor, user_id: int, *, fault: str = "") -> Response:
        async with op.database.read() as session:
            user = await users.named(session, visitor.tenant_id, user_id)
            creditors = await _creditors(session, visitor)
        values: dict[str, Any] = {"user": user, "creditors": creditors, "roles": tokens.ROLES, "fault": fault}
        return page(request, "settings/user.html", visitor, status=400 if fault else 200, **values)

    async def another(visitor: Visitor, user_id: int) -> None:
        """Raise NotFound for a user of another company, Refused for the visitor's own account."""
        async with op.database.read() as session:
            await users.named(session, visitor.tenant_id, user_id)
        if user_id == visitor.user_id:
            raise Refused(NOT_YOURSELF)

    @router.get("")
    async def all_users(request: Request, visitor: Visitor = administers) -> Response:
        """Who may sign in."""
        return await listed(request, visitor)

    @router.post("")
    async def add_user(request: Request, visitor: Visitor = administers) -> Response:
        """Add somebody; a password is made and shown this once."""
        form = await request.form()
        password = secrets.token_urlsafe(12)
        given = {name: str(form.get(name, "")) for name in FIELDS}
        ticked = _ticked(form)
        scope = tuple(ticked) or None
        new = acts.NewUser(given["email"], given["name"], given["role"], password, scope, given["agent"] or None)
        try:
            await _must_be_there(op, visitor, ticked)
            await acts.add(op, new)
        except ToqueError as fault:
            return await listed(request, visitor, fault=str(fault), form=given, ticked=ticked)
        return await listed(request, visitor, password=password, added=new.email)

    @router.get("/{user_id:int}")
    async def one_user(request: Request, user_id: int, visitor: Visitor = administers) -> Response:
        """What one user may do and see."""
        return await one_page(request, visitor, user_id)

    @router.post("/{user_id:int}")
    async def change_user(request: Request, user_id: int, visitor: Visitor = administers) -> Response:
        """Another role, other creditors; at once, in every browser that is open."""
        form = await request.form()
        ticked = _ticked(form)
        try:
            await another(visitor, user_id)
            await _must_be_there(op, visitor, ticked)
            await acts.change(op, user_id, role=str(form.get("role", "")), creditors=tuple(ticked) or None)
        except (BadInput, Refused) as fault:
            return await one_page(request, visitor, user_id, fault=str(fault))
        return RedirectResponse("/settings/users", status_code=303, headers=HEADERS)

    @router.post("/{user_id:int}/password")
    async def let_in_again(request: Request, user_id: int, visitor: Visitor = administers) -> Response:
        """A new password, shown this once; with it the user is let in again, without the code of an app."""
        try:
            await another(visitor, user_id)
        except Refused as fault:
            return await one_page(request, visitor, user_id, fault=str(fault))
        async with op.database.read() as session:
            email = (await users.named(session, visitor.tenant_id, user_id)).email
        password = await acts.let_in_again(op, user_id)
        return await listed(request, visitor, password=password, added=email)

    @router.post("/{user_id:int}/disable")
    async def disable_user(request: Request, user_id: int, visitor: Visitor = administers) -> Response:
        """They are signed out at once and stay out."""
        async with op.database.read() as session:
            await users.named(session, visitor.tenant_id, user_id)
        if user_id == visitor.user_id:
            return await listed(request, visitor, fault="You cannot disable yourself.")
        await acts.disable(op, user_id)
        return RedirectResponse("/settings/users", status_code=303, headers=HEADERS)

    return router


def _ticked(form: FormData) -> list[str]:
    return [str(one) for one in form.getlist("creditors")]


async def _creditors(session: AsyncSession, visitor: Visitor) -> list[Creditor]:
    found = await session.scalars(
        select(Creditor).where(Creditor.tenant_id == visitor.tenant_id).order_by(Creditor.name)
    )
    return list(found)


async def _must_be_there(op: Operation, visitor: Visitor, keys: list[str]) -> None:
    """Raise BadInput for a creditor that is not one of the company's."""
    async with op.database.read() as session:
        known = {one.key for one in await _creditors(session, visitor)}
    if not known.issuperset(keys):
        raise BadInput("There is no such creditor: choose one of the list")
