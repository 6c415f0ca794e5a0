"""What everybody may change of their own: language, password, the code of an app, a supervisor's line. /me"""

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
from dialer.store.supervisions import LISTENERS
from dialer.supervising import asking

LONGEST_SECRET = 64  # ours have 32 letters; more would not fit into a picture


def account_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /me."""
    router = APIRouter(prefix="/me", include_in_schema=False)
    anybody, listens = Depends(guard.lets(*EVERYBODY)), Depends(guard.lets(*LISTENERS))

    async def shown(request: Request, visitor: Visitor, **told: str) -> Response:
        """The page; `told`: fault, done, secret (of an app that is being set up), line (as it was typed)."""
        async with op.database.read() as session:
            user = await users.named(session, visitor.tenant_id, visitor.user_id)
        secret = told.get("secret", "")
        values = {
            "user": user, "languages": LANGUAGES, "fault": told.get("fault", ""), "done": told.get("done", ""),
            "secret": secret, "code": _picture(acts.totp_address(secret, user.email)) if secret else "",
            "line": told.get("line", user.line or ""), "listens": visitor.role in LISTENERS,
        }  # fmt: skip
        return page(request, "account.html", visitor, status=400 if values["fault"] else 200, **values)

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

    @router.post("/line")
    async def line(request: Request, visitor: Visitor = listens) -> Response:
        """Where the user is called to listen to talks; empty: nowhere."""
        given = str((await request.form()).get("line", ""))
        try:
            await asking.keep_line(op, visitor.user_id, given)
        except ToqueError as fault:
            return await shown(request, visitor, fault=str(fault), line=given)
        return RedirectResponse("/me#line", status_code=303, headers=HEADERS)

    @router.post("/code/new")
    async def new_code(request: Request, visitor: Visitor = anybody) -> Response:
        """A secret for the app; nothing is asked for until the app has shown that it has it."""
        return await shown(request, visitor, secret=acts.new_totp_secret())

    @router.post("/code")
    async def use_code(request: Request, visitor: Visitor = anybody) -> Response:
        """From now on the app's code is asked for."""
        form = await request.form()
        secret = str(form.get("secret", ""))[:LONGEST_SECRET]
        try:
            await acts.use_totp(op, visitor.user_id, secret, str(form.get("code", "")))
        except ToqueError as fault:
            shown_again = secret if acts.is_totp_secret(secret) else ""
            return await shown(request, visitor, fault=str(fault), secret=shown_again)
        return await shown(request, visitor, done="The code is asked for from now on.")

    return router


def _picture(address: str) -> str:
    """A QR code as an SVG picture."""
    return segno.make(address, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff")
