"""The agent's desk: the page, its live events, the agent's own acts, and the door with its one-time links."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from console import acts, doors, headset, live, pages
from console.deskwork.cases import case_routes
from console.deskwork.routes import AtDesk, work_routes
from console.guard import from_here
from console.snapshot import Desk, look, look_again
from console.wording import Words, words_for
from dialer.errors import NotFound, ToqueError
from dialer.operation import Operation
from dialer.store import who
from ivr_flows.scripts.loading import library

ACTS = {"ready": acts.ready, "pause": acts.pause, "done": acts.done, "hang_up": acts.hang_up}
OWN_HEADER = "x-toque-desk"  # another site cannot send it without asking first, and is never answered


@dataclass(frozen=True, slots=True)
class Opened:
    """A desk that the viewer may see."""

    viewer: doors.Viewer
    desk: Desk


Shut = Literal["stranger", "other", "floor"]


def desk_router(op: Operation) -> APIRouter:
    """Everything under /desk, to be mounted at the root."""
    router = APIRouter(prefix="/desk", include_in_schema=False)

    @router.get("")
    async def desk(request: Request, agent: str = "") -> Response:
        """The page."""
        await asyncio.to_thread(library)  # scripts are read once: before the first call, and holding nobody up
        seen = await _open(op, request, agent)
        if seen == "floor":
            return RedirectResponse("/desk/floor", status_code=303, headers=pages.HEADERS)
        if not isinstance(seen, Opened):
            return _shut(request, op, seen)
        words = seen.viewer.words(request)
        works = seen.viewer.is_agent(seen.desk.name)
        first = pages.fragment(seen.desk, words, op.settings.time_zone, works=works)
        worn = await headset.offered(op, seen.viewer.tenant_id, seen.desk.name) if works else None
        speed = op.settings.clock_speed
        answer = pages.page("desk.html", words, desk=seen.desk, live=first, speed=speed, headset=worn)
        answer.headers.update(headset.headers(worn))
        return answer

    @router.get("/enter")
    async def enter(request: Request, ticket: str = "") -> Response:
        """Change the ticket of a link into a cookie; the ticket is worth nothing from then on."""
        value = await doors.redeem(op, ticket)
        if value is None:
            return _shut(request, op, "spent")
        return _signed_in(request, op, value)

    @router.get("/events")
    async def events(request: Request, agent: str = "") -> Response:
        """Server-sent events, for as long as the viewer may look."""
        seen = await _open(op, request, agent)
        if not isinstance(seen, Opened):
            return _shut(request, op, "other" if seen == "floor" else seen)
        works = seen.viewer.is_agent(seen.desk.name)

        async def again(known: Desk | None) -> Desk | None:
            fresh = await _open(op, request, agent, known)
            return fresh.desk if isinstance(fresh, Opened) else None

        words = seen.viewer.words(request)

        def shown(desk: Desk) -> str:
            return pages.fragment(desk, words, op.settings.time_zone, works=works)

        body = live.stream(op.fanout, again, shown, works=works)
        headers = {**pages.HEADERS, "X-Accel-Buffering": "no"}  # proxies must not hold events back
        return StreamingResponse(body, media_type="text/event-stream", headers=headers)

    async def working(request: Request, agent: str) -> AtDesk | Response:
        seen = await _acting(op, request, agent)
        if isinstance(seen, Response):
            return seen
        if not seen.viewer.is_agent(seen.desk.name):
            why = "Only the agent keeps what is said in a talk. Ask them to do it"
            return _problem(403, why, seen.viewer.words(request))
        return AtDesk(seen.desk, seen.viewer.tenant_id, seen.viewer.words(request), seen.viewer.creditors)

    router.include_router(work_routes(op, working))
    router.include_router(case_routes(op, working))
    router.include_router(headset.headset_routes(op, working))

    @router.post("/{act}")
    async def change(request: Request, act: str, agent: str = "") -> Response:
        """Ready, pause or done."""
        seen = await _acting(op, request, agent)
        if isinstance(seen, Response):
            return seen
        if act not in ACTS:
            return _problem(404, f"There is nothing called {act[:20]} to do at the desk", seen.viewer.words(request))
        try:
            if act == "pause":
                await acts.pause(op, seen.desk, reason=str((await request.form()).get("reason", "")))
            else:
                await ACTS[act](op, seen.desk)
        except ToqueError as error:
            return _problem(409, str(error), seen.viewer.words(request))
        return Response(status_code=204, headers=pages.HEADERS)

    @router.post("/packets/{packet_id}/shown")
    async def shown(request: Request, packet_id: int, agent: str = "") -> Response:
        """The screen shows this packet."""
        viewer = await _actor(op, request, agent)
        if isinstance(viewer, Response):
            return viewer
        if not viewer.is_agent(agent or viewer.name):
            return _problem(403, "Only the agent's own screen says that it shows a card", viewer.words(request))
        if not await acts.acknowledge(op, packet_id, viewer.name, viewer.tenant_id):
            return _problem(404, f"Packet {packet_id} is not for this desk", viewer.words(request))
        return Response(status_code=204, headers=pages.HEADERS)

    @router.get("/assets/{name}")
    async def asset(name: str) -> Response:
        """Script and style sheet: nothing in them is secret."""
        found = pages.asset(name)
        if found is None:
            return Response("There is no such file", 404, headers=pages.HEADERS)
        return Response(found, media_type=pages.ASSETS[name], headers=pages.HEADERS)

    return router


async def _open(op: Operation, request: Request, agent: str, known: Desk | None = None) -> Opened | Shut:
    """The desk of that agent, or of the agent who is signed in, if the viewer may see it.

    `known` is the desk as it was a moment ago: while nothing has changed, it is found by one question.
    """
    async with op.database.read() as session:
        viewer = await doors.viewer(session, request)
        if viewer is None:
            return "stranger"
        name = agent or viewer.name
        if not name and viewer.role in doors.LOOKS_AT_ALL:
            return "floor"
        if not viewer.may_look(name):
            return "other"
        try:
            scope = viewer.creditors
            mine = known is not None and known.name == name
            desk = await look_again(session, op, viewer.tenant_id, known, scope) if known and mine else None
            return Opened(viewer, desk or await look(session, op, viewer.tenant_id, name, scope))
        except NotFound:
            return "other"


async def _acting(op: Operation, request: Request, agent: str) -> Opened | Response:
    """The desk, if the request comes from the page itself and its viewer may act there."""
    viewer = await _actor(op, request, agent)
    if isinstance(viewer, Response):
        return viewer
    try:
        async with op.database.read() as session:
            name = agent or viewer.name
            return Opened(viewer, await look(session, op, viewer.tenant_id, name, viewer.creditors))
    except NotFound as missing:
        return _problem(403, str(missing), viewer.words(request))


async def _actor(op: Operation, request: Request, agent: str) -> doors.Viewer | Response:
    """Who acts, if the request comes from the page of a desk at which they may act."""
    async with op.database.read() as session:
        viewer = await doors.viewer(session, request)
    words = words_for(request.headers.get("accept-language", ""))
    if viewer is None:
        return _problem(401, "You are not signed in (any more). Open the desk with a new link", words)
    if not viewer.may_act(agent or viewer.name) or OWN_HEADER not in request.headers:
        return _problem(403, "Only the agent, at their own desk, may do this", words)
    if not from_here(request):
        return _problem(403, "The request came from another site. Do it on the desk itself", words)
    who.acts_for(viewer.tenant_id, viewer.on_record)
    return viewer


def _shut(request: Request, op: Operation, why: Literal["stranger", "other", "spent"]) -> Response:
    """The page that says how to get in."""
    words = words_for(request.headers.get("accept-language", ""))
    answer = pages.page("door.html", words, status=403 if why == "other" else 401, why=why, root=op.addresses.root)
    if why != "other":
        answer.headers["WWW-Authenticate"] = 'Bearer realm="toque"'
    return answer


def _signed_in(request: Request, op: Operation, value: str) -> Response:
    """On to the desk, with the cookie.

    A browser that followed a link on another site would leave a strict cookie out of the redirect; a page of ours
    that moves on by itself gets it sent (RFC 6265bis section 5.2).
    """
    answer: Response = RedirectResponse("/desk", status_code=303, headers=pages.HEADERS)
    if request.headers.get("sec-fetch-site") == "cross-site":
        answer = pages.page("entering.html", words_for(request.headers.get("accept-language", "")))
    answer.set_cookie(
        doors.COOKIE,
        value,
        max_age=int(doors.SIGNED_IN_AGE.total_seconds()),
        path="/desk",
        secure=op.addresses.root.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return answer


def _problem(status: int, detail: str, words: Words) -> Response:
    return JSONResponse({"detail": words.told(detail)}, status_code=status, headers=pages.HEADERS)
