"""The door: signing in and out, and the first visit, when nobody can sign in yet."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from console.frame import templates
from console.guard import COOKIE, Guard, from_here, texts_of
from console.pages import HEADERS
from dialer import users as acts
from dialer.errors import ToqueError
from dialer.guarding import TooManyTries
from dialer.operation import Operation
from dialer.store import users
from dialer.users import NewUser

FIRST_PAGE = "/"
ELSEWHERE = "The request came from another site."


def entrance_router(op: Operation) -> APIRouter:
    """/sign-in, /sign-out and /first-run."""
    router = APIRouter(include_in_schema=False)
    guard = Guard(op)

    @router.get("/sign-in")
    async def door(request: Request, then: str = FIRST_PAGE) -> Response:
        """The form; whoever is signed in goes on, and the very first visitor sets the console up."""
        if await guard.visitor(request) is not None:
            return _go(_own(then))
        async with op.database.read() as session:
            empty = not await users.any_at_all(session)
        return _go("/first-run") if empty else _form(op, request, "sign_in.html", then=_own(then))

    @router.post("/sign-in")
    async def enter(request: Request) -> Response:
        """Check and open."""
        form = await request.form()
        then = _own(str(form.get("then", FIRST_PAGE)))
        if not from_here(request):
            return _form(op, request, "sign_in.html", status=403, then=then, fault=ELSEWHERE)
        typed = [str(form.get(name, "")) for name in ("email", "password", "code")]
        try:
            value = await acts.sign_in(op, *typed, address=_whence(request))
        except ToqueError as fault:
            status = 429 if isinstance(fault, TooManyTries) else 401
            return _form(op, request, "sign_in.html", status=status, then=then, fault=str(fault))
        return signed_in(op, value, then)

    @router.get("/enter")
    async def by_link(ticket: str = "", then: str = FIRST_PAGE) -> Response:
        """Change the ticket of a link into a cookie; the ticket is worth nothing from then on."""
        value = await acts.enter(op, ticket)
        return _go("/sign-in") if value is None else signed_in(op, value, _own(then))

    @router.post("/sign-out")
    async def leave(request: Request) -> Response:
        """End this browser's sign-in."""
        if from_here(request):
            async with op.database.write() as session:
                await users.sign_out(session, now=datetime.now(UTC), cookie=request.cookies.get(COOKIE, ""))
        answer = _go("/sign-in")
        answer.delete_cookie(COOKIE, path="/")
        return answer

    @router.get("/first-run")
    async def first(request: Request) -> Response:
        """The form for the first administrator; only while there is nobody."""
        async with op.database.read() as session:
            if await users.any_at_all(session):
                return _go("/sign-in")
        return _form(op, request, "first_run.html")

    @router.post("/first-run")
    async def begin(request: Request) -> Response:
        """Make the first administrator and sign them in."""
        form = await request.form()
        new = NewUser(
            str(form.get("email", "")), str(form.get("name", "")), "administrator", str(form.get("password", ""))
        )
        if not from_here(request):
            return _form(op, request, "first_run.html", status=403, fault=ELSEWHERE)
        try:
            await acts.add(op, new, only_if_first=True)
            value = await acts.sign_in(op, new.email, new.password)
        except ToqueError as fault:
            return _form(op, request, "first_run.html", status=400, fault=str(fault), new=new)
        return signed_in(op, value, FIRST_PAGE)

    return router


def signed_in(op: Operation, value: str, then: str) -> Response:
    """On to a page, with the cookie."""
    answer = _go(then)
    answer.set_cookie(
        COOKIE,
        value,
        max_age=int(users.SIGNED_IN_AGE.total_seconds()),
        path="/",
        secure=op.addresses.root.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return answer


def said(request: Request, op: Operation, why: str, status: int) -> Response:
    """A page that says why something was not done; for htmx the words alone."""
    if request.headers.get("hx-request"):
        return PlainTextResponse(why, status, headers=HEADERS)
    return _form(op, request, "refused.html", status=status, fault=why)


def _go(where: str) -> Response:
    return RedirectResponse(where, status_code=303, headers=HEADERS)


def _whence(request: Request) -> str:
    """The network address; behind a proxy that the server trusts, the one that the proxy names."""
    return request.client.host if request.client else ""


def _own(path: str) -> str:
    """A path of this site; anything else is the first page: nobody is sent elsewhere from our door."""
    parts = urlsplit(path)
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if safe else FIRST_PAGE


def _form(op: Operation, request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    say = texts_of(request, op.settings.time_zone)
    values = {"then": FIRST_PAGE, "fault": "", "new": None, **values}
    html = templates().get_template(template).render(say=say, **values)
    return HTMLResponse(html, status_code=status, headers=HEADERS)
