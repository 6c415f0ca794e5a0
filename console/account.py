"""What everybody may change of their own: language, password, the code of an app. /me"""

from __future__ import annotations

import segno
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from console.entrance import signed_in
from console.frame import page
from console.guard import EVERYBODY, Guard, Visitor
from console.pages import HEADERS
from console.wording import LANGUAGES
from dialer import users as acts
from dialer.errors import ToqueError
from dialer.operation import Operation
from dialer.store import users
from dialer.store.models import User


def account_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /me."""
    router = APIRouter(prefix="/me", include_in_schema=False)
    anybody = Depends(guard.lets(*EVERYBODY))

    async def shown(
        request: Request, visitor: Visitor, *, fault: str = "", done: str = "", secret: str = ""
    ) -> Response:
        async with op.database.read() as session:
            user = await users.named(session, visitor.tenant_id, visitor.user_id)
        values = {"user": user, "languages": LANGUAGES, "fault": fault, "done": done, "secret": secret, "code": ""}
        if secret:
            values["code"] = _picture(acts.totp_address(secret, user.email))
        return page(request, "account.html", visitor, status=400 if fault else 200, **values)

    @router.get("")
    async def me(request: Request, visitor: Visitor = anybody) -> Response:
        """The page."""
        return await shown(request, visitor)

    @router.post("/language")
    async def language(request: Request, visitor: Visitor = anybody) -> Response:
        """Another language from the next page on; empty: that of the browser."""
        chosen = str((await request.form()).get("language", ""))
        async with op.database.write() as session:
            user = await session.get_one(User, visitor.user_id)
            user.language = chosen if chosen in LANGUAGES else None
        return RedirectResponse("/me", status_code=303, headers=HEADERS)

    @router.post("/password")
    async def password(request: Request, visitor: Visitor = anybody) -> Response:
        """A new password; every other browser of the user is signed out."""
        form = await request.form()
        async with op.database.read() as session:
            email = (await users.named(session, visitor.tenant_id, visitor.user_id)).email
        try:
            await acts.sign_in(op, email, str(form.get("old", "")), str(form.get("code", "")))
            await acts.change_password(op, visitor.user_id, str(form.get("new", "")))
            cookie = await acts.open_again(op, visitor.user_id)
        except ToqueError as fault:
            return await shown(request, visitor, fault=str(fault))
        return signed_in(op, cookie, "/me")

    @router.post("/code/new")
    async def new_code(request: Request, visitor: Visitor = anybody) -> Response:
        """A secret for the app; nothing is asked for until the app has shown that it has it."""
        return await shown(request, visitor, secret=acts.new_totp_secret())

    @router.post("/code")
    async def use_code(request: Request, visitor: Visitor = anybody) -> Response:
        """From now on the app's code is asked for."""
        form = await request.form()
        secret = str(form.get("secret", ""))
        try:
            await acts.use_totp(op, visitor.user_id, secret, str(form.get("code", "")))
        except ToqueError as fault:
            return await shown(request, visitor, fault=str(fault), secret=secret)
        return await shown(request, visitor, done="The code is asked for from now on.")

    return router


def _picture(address: str) -> str:
    """A QR code as an SVG picture."""
    return segno.make(address, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff")
