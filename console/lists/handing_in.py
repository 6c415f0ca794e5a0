"""Handing files in: a new list, and what a creditor sends later. A file is kept apart until somebody loads it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from console.guard import CHANGES, Visitor
from console.lists import words
from console.lists.place import Place, file_page, go, now, show, sight
from dialer.errors import BadInput, NotFound, ToqueError
from dialer.store import list_figures, lists
from dialer.store.models import ListFile
from dialer.uploads import keeping

BLOCK = 1 << 20
BLANK = {"creditor": "", "creditor_key": "", "creditor_name": "", "list": "", "country": ""}


def handing_in_routes(place: Place) -> APIRouter:
    """/lists/new, and /lists/7/update, /withdraw, /payments."""
    router = APIRouter(prefix="/lists", include_in_schema=False)
    changes = Depends(place.guard.lets(*CHANGES))

    async def form_of_new(request: Request, visitor: Visitor, **told: Any) -> Response:
        async with place.op.database.read() as session:
            known = await list_figures.creditors(session, sight(visitor))
        limit = place.op.settings.list_megabytes
        values: dict[str, Any] = {"creditors": known, "limit": limit, "given": BLANK, "fault": ""}
        return show(request, "new", visitor, **(values | told))

    @router.get("/new")
    async def new(request: Request, visitor: Visitor = changes) -> Response:
        """The form for a new list, or for more of one."""
        given = BLANK | {name: str(request.query_params.get(name, "")) for name in ("creditor", "list")}
        return await form_of_new(request, visitor, given=given)

    @router.post("/new")
    async def hand_in(request: Request, visitor: Visitor = changes) -> Response:
        """Keep the file; its columns come next."""
        form = await request.form()
        given = {name: str(form.get(name, "")).strip() for name in BLANK}
        try:
            creditor, name = _creditor(visitor, given)
            if not 1 <= len(given["list"]) <= 100:
                raise BadInput("Give the list a name of 1 to 100 characters.")
            async with place.op.database.read() as session:
                await lists.must_be_free(session, visitor.tenant_id, creditor, given["list"])
            chosen = {"creditor": creditor, "creditor_name": name, "list_name": given["list"]}
            file = await _keep(place, visitor, form, kind="import", country=given["country"] or None, **chosen)
        except ToqueError as fault:
            return await form_of_new(request, visitor, given=given, fault=str(fault), status=400)
        return go(request, file_page(file))

    @router.get("/{list_id:int}/{kind}")
    async def send(request: Request, list_id: int, kind: str, visitor: Visitor = changes) -> Response:
        """The form for what the creditor of a list sends later."""
        return await form_of_change(request, visitor, list_id, kind)

    async def form_of_change(request: Request, visitor: Visitor, list_id: int, kind: str, **told: Any) -> Response:
        async with place.op.database.read() as session:
            figures = await list_figures.one_list(session, sight(visitor), list_id)
        _must_be_a_change(kind)
        values: dict[str, Any] = {
            "one": figures,
            "kind": kind,
            "limit": place.op.settings.list_megabytes,
            "fault": "",
        }
        return show(request, "change", visitor, **(values | told))

    @router.post("/{list_id:int}/{kind}")
    async def hand_change_in(request: Request, list_id: int, kind: str, visitor: Visitor = changes) -> Response:
        """Keep the file; its columns and a rehearsal come next."""
        async with place.op.database.read() as session:
            figures = await list_figures.one_list(session, sight(visitor), list_id)
        _must_be_a_change(kind)
        form = await request.form()
        try:
            chosen = {"creditor": figures.creditor.key, "creditor_name": None, "list_name": figures.list.name}
            reopens = kind == "update" and bool(form.get("reopens"))
            file = await _keep(place, visitor, form, kind=kind, country=None, reopens=reopens, **chosen)
        except ToqueError as fault:
            return await form_of_change(request, visitor, list_id, kind, fault=str(fault), status=400)
        return go(request, file_page(file))

    return router


def _must_be_a_change(kind: str) -> None:
    if kind not in list_figures.CHANGES:
        raise NotFound("There is no such page. See the lists: Lists")


def _creditor(visitor: Visitor, given: dict[str, str]) -> tuple[str, str | None]:
    """(key, name) of the creditor that was chosen or named; a new one only by who sees all of them."""
    if given["creditor"]:
        if not visitor.sees(given["creditor"]):
            raise NotFound("There is no such creditor. Choose one of the list.")
        return given["creditor"], None
    if visitor.creditors is not None:
        raise BadInput("Choose the creditor.")
    name = given["creditor_name"]
    if not 1 <= len(name) <= 200:
        raise BadInput("Choose the creditor, or give a new one's name as people shall hear it.")
    key = given["creditor_key"] or re.sub(r"[^\w.-]+", "-", name.casefold()).strip("-")
    if not re.fullmatch(r"[\w.-]{1,64}", key):
        raise BadInput("The creditor's short key has up to 64 letters, digits, points and hyphens.")
    return key, name


async def _keep(place: Place, visitor: Visitor, form: FormData, **values: Any) -> ListFile:
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise BadInput("Choose a file: CSV or XLSX, with headings.")
    if values["country"] and values["country"] not in words.COUNTRIES:
        raise BadInput("Choose the country of the list.")
    keeping.sweep(place.op, place.jobs.busy())
    token, size = await keeping.keep(place.op, _blocks(sent))
    file = ListFile(
        tenant_id=visitor.tenant_id, user_id=visitor.user_id, token=token, size=size, mapping={}, status="new",
        file_name=PurePath(sent.filename.replace("\\", "/")).name[:200], created_at=now(), **values,
    )  # fmt: skip
    async with place.op.database.write() as session:
        session.add(file)
    return file


async def _blocks(sent: UploadFile) -> AsyncIterator[bytes]:
    while block := await sent.read(BLOCK):
        yield block
