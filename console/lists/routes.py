"""All lists, and one of them: figures, who is on it, what uses it, what happened to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import Response

from console.frame import rendered
from console.guard import LOOKS, Guard, Visitor
from console.lists import words
from console.lists.filing import filing_routes
from console.lists.giving_back import giving_back_routes
from console.lists.handing_in import handing_in_routes
from console.lists.place import Place, now, show, sight
from console.lists.telling import live
from dialer.operation import Operation
from dialer.store import list_figures, list_files
from dialer.store.list_figures import Figures
from dialer.uploads import keeping
from dialer.uploads.running import Jobs

SORTS: dict[str, Callable[[Figures], Any]] = {
    "list": lambda one: one.list.name.casefold(),
    "creditor": lambda one: one.creditor.name.casefold(),
    "people": lambda one: -one.people,
    "numbers": lambda one: -one.numbers,
    "debts": lambda one: -one.debts,
    "owed": lambda one: -max(one.owed.values(), default=0),
    "rejected": lambda one: -rejected(one),
    "when": lambda one: -(one.load.id if one.load else 0),
}


def lists_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /lists."""
    jobs = Jobs(op)
    keeping.sweep(op, frozenset())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await jobs.close()

    router = APIRouter(include_in_schema=False, lifespan=lifespan)
    place = Place(op, guard, jobs)
    router.include_router(_looking(place))
    router.include_router(filing_routes(place))
    router.include_router(giving_back_routes(place))
    router.include_router(handing_in_routes(place))
    return router


def _looking(place: Place) -> APIRouter:
    router = APIRouter(prefix="/lists", include_in_schema=False)
    looks = Depends(place.guard.lets(*LOOKS))

    @router.get("")
    async def all_lists(request: Request, visitor: Visitor = looks) -> Response:
        """The lists by creditor, and the files on their way."""
        asked = {name: request.query_params.get(name, "") for name in ("creditor", "q", "sort")}
        async with place.op.database.read() as session:
            found = await list_figures.all_lists(session, sight(visitor))
            files = await list_files.recent(session, sight(visitor), now())
        rows = [one for one in found if _fits(one, asked["creditor"], asked["q"])]
        if asked["sort"] in SORTS:
            rows.sort(key=SORTS[asked["sort"]])
        files = [one for one in files if one.status != "done"]
        creditors = {one.creditor.key: one.creditor.name for one in found}
        more: dict[str, Any] = {
            "faulty": sum(bool(rejected(one)) for one in found),
            "creditors": creditors,
            "rejected": rejected,
        }
        return show(request, "index", visitor, found=found, rows=rows, files=files, asked=asked, **more, **_moment())

    @router.get("/events")
    async def under_way(request: Request, visitor: Visitor = looks) -> Response:
        """The files on their way, as server-sent events."""

        async def look() -> str | None:
            known = await place.guard.visitor(request)
            if known is None or known.role not in LOOKS:
                return None
            async with place.op.database.read() as session:
                files = await list_files.recent(session, sight(known), now())
            values = {"files": [one for one in files if one.status != "done"], "words": words, **_moment()}
            return rendered("lists/under_way.html", visitor, **values)

        return live(look)

    @router.get("/{list_id:int}")
    async def one_list(request: Request, list_id: int, visitor: Visitor = looks) -> Response:
        """One list from within."""
        async with place.op.database.read() as session:
            one = await list_figures.one_list(session, sight(visitor), list_id)
            within = await list_figures.inside(session, one.list)
            using = await list_figures.using(session, list_id)
            history = await list_figures.history(session, one.list)
        values: dict[str, Any] = {
            "one": one,
            "inside": within,
            "using": using,
            "history": history,
            "rejected": rejected(one),
        }
        return show(request, "list", visitor, **values)

    return router


def rejected(one: Figures) -> int:
    """How many rows of its latest load were rejected."""
    return int(one.load.counts.get("rejected", 0)) if one.load else 0


def _fits(one: Figures, creditor: str, words_of_name: str) -> bool:
    return creditor in ("", one.creditor.key) and words_of_name.casefold() in one.list.name.casefold()


def _moment() -> dict[str, Any]:
    return {"silent": list_files.is_silent, "moment": now()}
