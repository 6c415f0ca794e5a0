"""The return file of a list, in the codes of its creditor. It is written for one answer and kept nowhere."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile

from console.guard import CHANGES, Visitor
from console.lists.place import Place, show, sight
from console.pages import HEADERS
from dialer.debts import returning
from dialer.errors import BadInput, ToqueError
from dialer.lists.codes_file import WORDS
from dialer.store import list_figures
from dialer.store.list_figures import Figures
from dialer.uploads import keeping

LARGEST_CODES = 64 * 1024
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def giving_back_routes(place: Place) -> APIRouter:
    """/lists/7/return, and the table of our results to be filled in."""
    router = APIRouter(prefix="/lists", include_in_schema=False)
    changes = Depends(place.guard.lets(*CHANGES))

    @router.get("/codes.csv")
    async def results(visitor: Visitor = changes) -> Response:
        """Our results, and room for the creditor's codes."""
        text = io.StringIO()
        csv.writer(text).writerows([("result", "code"), *((str(one), "") for one in WORDS)])
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="codes.csv"'}
        return Response(text.getvalue(), media_type=TYPES["csv"], headers=headers)

    async def form_of(request: Request, visitor: Visitor, list_id: int, **told: Any) -> Response:
        async with place.op.database.read() as session:
            one = await list_figures.one_list(session, sight(visitor), list_id)
        return show(request, "return", visitor, one=one, **({"fault": ""} | told))

    @router.get("/{list_id:int}/return")
    async def ask(request: Request, list_id: int, visitor: Visitor = changes) -> Response:
        """The form for a return file."""
        return await form_of(request, visitor, list_id)

    @router.post("/{list_id:int}/return")
    async def give_back(request: Request, list_id: int, visitor: Visitor = changes) -> Response:
        """What came of every debt, as the creditor codes it."""
        async with place.op.database.read() as session:
            one = await list_figures.one_list(session, sight(visitor), list_id)
        form = await request.form()
        kind = "xlsx" if form.get("format") == "xlsx" else "csv"
        try:
            return await _written(place, one, form.get("file"), kind)
        except ToqueError as fault:
            return await form_of(request, visitor, list_id, fault=str(fault), status=400)

    return router


async def _written(place: Place, one: Figures, sent: Any, kind: str) -> Response:
    if not isinstance(sent, UploadFile) or not sent.filename:
        if not one.creditor.codes:
            raise BadInput("Choose the file of the creditor's codes: CSV of two columns, or YAML.")
        out = keeping.path_of(place.op, f"{secrets.token_hex(16)}.return.{kind}")
        await returning.give_back(place.op, one.list.name, codes=None, out=out)
        return _answer(one, out, kind)
    codes = await sent.read(LARGEST_CODES + 1)
    if len(codes) > LARGEST_CODES:
        raise BadInput("The file of codes is too large: it has one line for each result.")
    token, _ = await keeping.keep(place.op, _once(codes))
    suffix = ".csv" if sent.filename.lower().endswith(".csv") else ".yaml"
    kept = keeping.path_of(place.op, token)
    named, out = kept.with_name(f"{token}{suffix}"), kept.with_name(f"{token}.return.{kind}")
    kept.rename(named)
    try:
        await returning.give_back(place.op, one.list.name, codes=named, out=out)
    except ToqueError as fault:
        raise type(fault)(str(fault).replace(str(named), sent.filename)) from None
    finally:
        named.unlink(missing_ok=True)
    return _answer(one, out, kind)


def _answer(one: Figures, out: Path, kind: str) -> Response:
    """The file, which is gone when it was sent."""
    gone = BackgroundTask(out.unlink, missing_ok=True)
    name = f"return-{one.list.id}.{kind}"
    return FileResponse(out, media_type=TYPES[kind], filename=name, headers=HEADERS, background=gone)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
