"""One handed-in file: its columns with a live verdict, a rehearsal, the load with its progress, what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from console.frame import part, rendered
from console.guard import CHANGES, Visitor
from console.lists import words
from console.lists.place import Place, file_page, go, now, show, sight
from console.lists.telling import live
from console.pages import HEADERS
from dialer.errors import BadInput, NotFound, Refused, ToqueError
from dialer.importing import remembered_columns
from dialer.store import list_figures, list_files
from dialer.store.models import ListFile
from dialer.uploads import keeping, previewing
from dialer.uploads.previewing import Preview, Reading
from dialer.uploads.running import told
from dialer.uploads.veiling import veiled

CHANGEABLE = ("new", "checked", "failed")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a file looks like, read in some way; `fault` says why the way that was asked for cannot be."""

    preview: Preview
    fault: str = ""


def filing_routes(place: Place) -> APIRouter:
    """Everything under /lists/files."""
    router = APIRouter(prefix="/lists/files", include_in_schema=False)
    changes = Depends(place.guard.lets(*CHANGES))

    async def found(visitor: Visitor, file_id: int) -> ListFile:
        async with place.op.database.read() as session:
            return await list_files.of(session, sight(visitor), file_id)

    async def mapping_page(request: Request, visitor: Visitor, file: ListFile, **more: Any) -> Response:
        if not keeping.is_here(place.op, file.token):
            return show(request, "gone", visitor, file=file, status=410)
        try:
            seen = more.pop("seen", None) or await _look(place, file)
        except ToqueError as fault:
            words_of_it = told(fault, file.file_name, str(keeping.path_of(place.op, file.token)))
            return show(request, "gone", visitor, file=file, fault=words_of_it, status=400)
        used = tuple(one.field for one in seen.preview.columns if one.field)
        values: dict[str, Any] = {
            "choices": words.choices(file.kind, used, len(seen.preview.columns) - len(used)),
            "seen": seen,
            "veiled": veiled,
            "fault": seen.fault,
        }
        return show(request, "map", visitor, file=file, **(values | more))

    @router.get("/{file_id}")
    async def one(request: Request, file_id: int, visitor: Visitor = changes) -> Response:
        """Where the file stands: its columns, its progress, or what came of it."""
        file = await found(visitor, file_id)
        if file.status in list_files.BUSY:
            return show(request, "progress", visitor, file=file, silent=list_files.is_silent(file, now()))
        if file.status != "done":
            return await mapping_page(request, visitor, file)
        async with place.op.database.read() as session:
            list_id = await list_figures.named(session, sight(visitor), file.list_name)
        rejects = keeping.rejects_of(place.op, file.token).is_file()
        return show(request, "result", visitor, file=file, list_id=list_id, has_rejects=rejects)

    @router.get("/{file_id}/events")
    async def way(request: Request, file_id: int, visitor: Visitor = changes) -> Response:
        """How far it is, as server-sent events; when it is over, the page is loaded anew."""
        await found(visitor, file_id)

        async def look() -> str | None:
            known = await place.guard.visitor(request)
            if known is None or known.role not in CHANGES:
                return None
            async with place.op.database.read() as session:
                file = await list_files.find(session, sight(known), file_id)
            if file is None or file.status not in list_files.BUSY:
                return None
            return rendered("lists/way.html", visitor, file=file, silent=list_files.is_silent(file, now()))

        return live(look)

    @router.post("/{file_id}/preview")
    async def verdict(request: Request, file_id: int, visitor: Visitor = changes) -> Response:
        """Keep how the columns are read, and say what the first rows make of it."""
        file = await found(visitor, file_id)
        seen = await _reread(place, file, await request.form())
        file = await found(visitor, file_id)
        if not request.headers.get("hx-request"):
            return await mapping_page(request, visitor, file, seen=seen)
        return part("lists/verdict.html", visitor, file=file, seen=seen, fault=seen.fault, words=words, again=True)

    @router.post("/{file_id}/rehearse")
    async def rehearse(request: Request, file_id: int, visitor: Visitor = changes) -> Response:
        """Compare every row with what is on record; nothing is written there."""
        return await _start(request, visitor, file_id, rehearse=True)

    @router.post("/{file_id}/load")
    async def load(request: Request, file_id: int, visitor: Visitor = changes) -> Response:
        """Load it; changes of debts only after a rehearsal."""
        return await _start(request, visitor, file_id, rehearse=False)

    async def _start(request: Request, visitor: Visitor, file_id: int, *, rehearse: bool) -> Response:
        file = await found(visitor, file_id)
        form = await request.form()
        if any(name.startswith("c") and name[1:].isdigit() for name in form):
            seen = await _reread(place, file, form)
            file = await found(visitor, file_id)
            if seen.fault or seen.preview.fault or seen.preview.missing:
                return await mapping_page(request, visitor, file, seen=seen, status=400)
        try:
            goes_on = list_files.is_silent(file, now()) and file.status == "loading"
            if file.kind != "import" and not rehearse and file.status != "checked" and not goes_on:
                raise Refused("Rehearse it first: it acts on calls at once.")
            await place.jobs.begin(file, rehearse=rehearse)
        except ToqueError as fault:
            if file.status in CHANGEABLE:
                return await mapping_page(request, visitor, file, fault=str(fault), status=409)
            raise
        return go(request, file_page(file))

    @router.post("/{file_id}/drop")
    async def drop(request: Request, file_id: int, visitor: Visitor = changes) -> Response:
        """Delete the file; what was loaded of it stays."""
        file = await found(visitor, file_id)
        if file.status in list_files.BUSY and not list_files.is_silent(file, now()):
            raise Refused("It is being read right now: wait for its end")
        keeping.forget(place.op, file.token, rejects_too=True)
        async with place.op.database.write() as session:
            await session.delete(await list_files.of(session, sight(visitor), file_id))
        return go(request, "/lists")

    @router.get("/{file_id}/rejects.csv")
    async def rejects(file_id: int, visitor: Visitor = changes) -> Response:
        """Every cell that was not used, as the creditor sent it."""
        file = await found(visitor, file_id)
        path = keeping.rejects_of(place.op, file.token)
        if not path.is_file():
            raise NotFound("The rejected cells are kept for a day. Hand the file in again to see them.")
        return FileResponse(path, media_type="text/csv; charset=utf-8", filename="rejects.csv", headers=HEADERS)

    return router


async def _look(place: Place, file: ListFile) -> _Seen:
    reading = await _reading(place, file)
    path = keeping.path_of(place.op, file.token)
    preview = await asyncio.to_thread(previewing.preview, path, reading, today=place.today())
    fault = told(BadInput(preview.fault), file.file_name, str(path)) if preview.fault else ""
    return _Seen(replace(preview, fault=fault))


async def _reading(place: Place, file: ListFile) -> Reading:
    remembered = await remembered_columns(place.op, file.creditor) if file.kind == "import" else {}
    return Reading(file.kind, file.country, file.mapping, remembered)


async def _reread(place: Place, file: ListFile, form: Any) -> _Seen:
    """Read the file as the form says, and keep that way; a way that cannot be is only shown, with its fault."""
    if file.status not in CHANGEABLE:
        raise Refused("This file is being read, or is done: its columns stay as they are")
    if not keeping.is_here(place.op, file.token):
        raise NotFound("The file is not here any more: hand it in again")
    country = str(form.get("country", "")) or None
    if country is not None and country not in words.COUNTRIES:
        raise BadInput("Choose the country of the list.")
    before = await _look(place, file)
    columns = [one.name for one in before.preview.columns]
    fields = [str(form.get(f"c{n}", "")) for n in range(len(columns))]
    try:
        reading = await _reading(place, file)
        mapping = previewing.chosen(columns, fields, reading)
    except BadInput as fault:
        asked = tuple(replace(one, field=field) for one, field in zip(before.preview.columns, fields, strict=True))
        return _Seen(replace(before.preview, columns=asked), str(fault))
    if (fields, country) != ([one.field for one in before.preview.columns], file.country):
        async with place.op.database.write() as session:
            values = {"mapping": mapping, "country": country, "status": "new", "report": None}
            await list_files.change(session, file.id, was=CHANGEABLE, **values)
        file.mapping, file.country = mapping, country
    return await _look(place, file)
