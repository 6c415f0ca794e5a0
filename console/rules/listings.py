"""Do-not-call lists: how large each is, a number looked up, added or taken off, and a whole file taken over.

Numbers come by POST alone, so that none stands in an address or a log.
"""

from __future__ import annotations

import shutil
import tempfile
from asyncio import to_thread
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from console.frame import page
from console.guard import CHANGES, LOOKS, Guard, Visitor
from console.people import words
from dialer import sparing
from dialer.errors import BadInput, NotFound, Refused, ToqueError
from dialer.heeding import listing
from dialer.heeding.listing import LISTED_KINDS, Order, TakenOver
from dialer.heeding.numbers_file import lines_of
from dialer.operation import Operation
from dialer.rules.facts import SuppressionKind
from dialer.sparing import Entry
from dialer.store import lookup

FOR_ALL = "It would end what holds for other creditors too: name a creditor of yours, or ask an administrator"


def listings_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /rules/do-not-call."""
    router = APIRouter(prefix="/rules/do-not-call")
    looks, changes = Depends(guard.lets(*LOOKS)), Depends(guard.lets(*CHANGES))

    @router.get("")
    async def lists(request: Request, visitor: Visitor = looks) -> Response:
        """Every list with how many numbers of it hold."""
        return await _page(op, request, visitor)

    @router.post("/look")
    async def look(request: Request, visitor: Visitor = looks) -> Response:
        """Every bar that holds at a number."""
        form = await request.form()
        try:
            found = await sparing.at_number(op, _text(form, "number"), country=_country(form))
        except ToqueError as fault:
            return await _page(op, request, visitor, fault=str(fault), form=form)
        seen = [one for one in found if one.creditor is None or visitor.sees(one.creditor)]
        return await _page(op, request, visitor, found=seen)

    @router.post("/add")
    async def add(request: Request, visitor: Visitor = changes) -> Response:
        """Leave one number alone."""
        form = await request.form()
        try:
            taken = await sparing.add_numbers(
                op, [(1, _text(form, "number"))], country=_country(form), because=_text(form, "because")
            )
        except ToqueError as fault:
            return await _page(op, request, visitor, fault=str(fault), form=form)
        if taken.rejected:
            return await _page(
                op, request, visitor, fault=f"The number cannot be read: {taken.rejected[0][1]}", form=form
            )
        return await _page(op, request, visitor, taken=taken)

    @router.post("/remove")
    async def remove(request: Request, visitor: Visitor = changes) -> Response:
        """Take one number off a list."""
        form = await request.form()
        try:
            if visitor.creditors is not None:
                raise Refused(FOR_ALL)
            if not _text(form, "because"):
                raise BadInput("Say why it may be called again. It is kept in the record.")
            ended = await sparing.remove_number(
                op, _text(form, "number"), country=_country(form), because=_text(form, "because"),
                list_name=_text(form, "list") or None,
            )  # fmt: skip
        except ToqueError as fault:
            return await _page(op, request, visitor, fault=str(fault), form=form)
        return await _page(op, request, visitor, taken=TakenOver(ended=ended))

    @router.post("/import")
    async def take_over(request: Request, visitor: Visitor = changes) -> Response:
        """Take a file of numbers over."""
        async with request.form() as form:  # the file is closed behind it
            try:
                taken = await _take_over(op, visitor, form)
            except ToqueError as fault:
                return await _page(op, request, visitor, fault=str(fault), form=form)
        return await _page(op, request, visitor, taken=taken)

    return router


async def _take_over(op: Operation, visitor: Visitor, form: FormData) -> TakenOver:
    file, creditor = form.get("file"), _text(form, "creditor") or None
    if not isinstance(file, UploadFile) or not file.filename:
        raise BadInput("Choose a file: text or CSV, one number a line.")
    if creditor is not None and not visitor.sees(creditor):
        raise NotFound("There is no such creditor: choose one of the list")
    replace = _text(form, "replace") == "yes"
    if replace and creditor is None and visitor.creditors is not None:
        raise Refused(FOR_ALL)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"numbers{Path(file.filename).suffix[:8]}"
        await to_thread(_keep, file, path)
        order = Order(
            lines_of(path), name=_text(form, "list") or None, country=_country(form), creditor=creditor,
            kind=cast(SuppressionKind, _text(form, "kind") or "do_not_call"), replace=replace,
            because=_text(form, "because"),
        )  # fmt: skip
        return await sparing.take_over(op, order)


def _keep(file: UploadFile, path: Path) -> None:
    file.file.seek(0)
    with path.open("wb") as out:
        shutil.copyfileobj(file.file, out)


async def _page(
    op: Operation,
    request: Request,
    visitor: Visitor,
    *,
    fault: str = "",
    form: FormData | None = None,
    found: list[Entry] | None = None,
    taken: TakenOver | None = None,
) -> Response:
    async with op.database.read() as session:
        creditors = await lookup.creditors_of(session, visitor.tenant_id, visitor.creditors)
    sizes = [one for one in await listing.lists(op) if one.creditor is None or visitor.sees(one.creditor)]
    typed: dict[str, Any] = {name: value for name, value in (form or {}).items() if isinstance(value, str)}
    return page(
        request, "rules/listings.html", visitor, status=400 if fault else 200, lists=sizes, creditors=creditors,
        countries=sorted(op.packs.by_country), kinds=LISTED_KINDS, words=words, fault=fault, form=typed, found=found,
        taken=taken,
    )  # fmt: skip


def _country(form: FormData) -> str | None:
    return _text(form, "country").upper() or None


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()
