"""Puts the console together: every page module's routes, the door, files, and what is said to who may not enter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.datastructures import URL

from audio.prompts import PromptStore
from console.account import account_routes
from console.agents import agent_routes
from console.audit import audit_routes
from console.breaks import break_routes
from console.campaign_live.routes import live_routes
from console.campaign_results.routes import results_routes
from console.campaigns.router import campaigns_routes
from console.desk import desk_router
from console.deskwork.floor import floor_routes
from console.entrance import entrance_router, said
from console.flows import flows_routes
from console.guard import Guard, NotAllowed, NotSignedIn, texts_of
from console.lists import lists_routes
from console.lost import add_lost
from console.numbers import numbers_routes
from console.pages import HEADERS
from console.people import people_routes
from console.rules import rules_routes
from console.settings import settings_routes
from console.today import today_routes
from dialer.errors import NotFound, ToqueError
from dialer.operation import Operation

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"  # names of vendored files carry their version
# Each page module gives its routes; all of them ask the guard who comes.
PAGES: tuple[Callable[[Operation, Guard], APIRouter], ...] = (
    today_routes,
    campaigns_routes,
    account_routes,
    agent_routes,
    break_routes,
    live_routes,
    results_routes,
    lists_routes,
    settings_routes,
    flows_routes,
    people_routes,
    rules_routes,
    numbers_routes,
    audit_routes,
    floor_routes,
)


def console_router(op: Operation) -> APIRouter:
    """Everything that people open in a browser, but the desk."""
    router = APIRouter(include_in_schema=False)
    router.include_router(entrance_router(op))
    guard = Guard(op)
    for page in PAGES:
        router.include_router(page(op, guard))

    @router.get("/static/{path:path}")
    async def static(request: Request, path: str) -> Response:
        """Style sheets and scripts: nothing in them is secret. What the browser has already is not sent again."""
        found = (STATIC / path).resolve()
        if not found.is_relative_to(STATIC) or found.suffix not in TYPES or not found.is_file():
            return PlainTextResponse("There is no such file", 404, headers=HEADERS)
        age = FOR_EVER if found.parent.name == "vendor" else "no-cache"
        headers = {"Cache-Control": age}
        file = FileResponse(found, media_type=TYPES[found.suffix], headers=headers, stat_result=found.stat())
        known = request.headers.get("if-none-match") == file.headers["etag"]
        return Response(status_code=304, headers=headers | {"ETag": file.headers["etag"]}) if known else file

    return router


def console_app(op: Operation, prompts: PromptStore | None) -> FastAPI:
    """The console and the desk, to be mounted at the root. `prompts`: the telephone of the flows plays them."""
    app = FastAPI(openapi_url=None)
    app.state.prompts = prompts
    app.include_router(desk_router(op))
    app.include_router(console_router(op))
    add_refusals(app, op)
    return app


def add_refusals(app: FastAPI, op: Operation) -> None:
    """What is answered to who is not signed in, may not do this, or is lost."""
    add_lost(app, op)

    @app.exception_handler(NotSignedIn)
    async def to_the_door(request: Request, _fault: NotSignedIn) -> Response:
        door = str(URL("/sign-in").include_query_params(then=_back(request)))
        if request.headers.get("hx-request"):
            return Response(status_code=401, headers={**HEADERS, "HX-Redirect": door})
        return RedirectResponse(door, status_code=303, headers=HEADERS)

    @app.exception_handler(ToqueError)
    async def told(request: Request, fault: Exception) -> Response:
        """What no page of its own has told beside the field."""
        why = texts_of(request, op.settings.time_zone).told(str(fault))
        return said(request, op, why, 404 if isinstance(fault, NotFound) else 409)

    @app.exception_handler(NotAllowed)
    async def refused(request: Request, fault: NotAllowed) -> Response:
        return said(request, op, fault.why, 403)


def _back(request: Request) -> str:
    """The page to which somebody comes back from the door, with what its address asks for; not a part of a page."""
    if request.headers.get("hx-request"):
        page = URL(request.headers.get("hx-current-url", "/"))
    else:
        page = request.url if request.method == "GET" else URL("/")
    return page.path + (f"?{page.query}" if page.query else "")
