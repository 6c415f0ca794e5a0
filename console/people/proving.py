"""What proves something of a person: recordings, the dossier, numbers in clear. Every look is on record."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from console.guard import LOOKS, Guard, Visitor
from console.pages import HEADERS
from console.people.looking import NEEDS_REASON, person_page
from dialer import revealing
from dialer.errors import NotFound, Refused, ToqueError
from dialer.operation import Operation
from dialer.record import dossiers
from dialer.record.dossiers import Asked
from dialer.store import lookup
from dialer.store.models import Person, Recording
from dialer.tapes import keeping

ONLY_A_PART = "You see only a part of this person's record, so no dossier of it can be made: ask an administrator"


def proving_routes(op: Operation, guard: Guard) -> APIRouter:
    """Sound, dossier and numbers in clear."""
    router = APIRouter(prefix="/people/{person_id:int}")
    looks, asks = Depends(guard.lets(*LOOKS)), Depends(guard.lets(*NEEDS_REASON))

    @router.get("/recordings/{recording_id:int}")
    async def sound(person_id: int, recording_id: int, visitor: Visitor = looks) -> Response:
        """The sound of a call with this person."""
        await _must_be_theirs(op, visitor, person_id, recording_id)
        pieces = await keeping.listen(op, recording_id, actor=f"user {visitor.user_id}")
        first = await asyncio.to_thread(next, pieces, b"")  # what cannot be read is told before anything is sent
        return StreamingResponse(_from(first, pieces), media_type="audio/wav", headers=HEADERS)

    @router.post("/dossier")
    async def dossier(request: Request, person_id: int, visitor: Visitor = asks) -> Response:
        """All that is on record, as a file; masked unless a reason is given."""
        person = await _person(op, visitor, person_id)
        form = await request.form()
        try:
            await _must_see_all(op, visitor, person)
            asked = Asked(f"user {visitor.user_id}", str(form.get("reason", "")))
            made = await dossiers.make(op, person.key, asked)
        except ToqueError as fault:
            return await person_page(op, request, visitor, person_id, fault=str(fault))
        if form.get("format") == "pdf":
            return _file(await asyncio.to_thread(_printed, made, visitor.say.language), person_id, "pdf")
        return _file(orjson.dumps(made, option=orjson.OPT_INDENT_2), person_id, "json")

    @router.post("/details")
    async def details(request: Request, person_id: int, visitor: Visitor = asks) -> Response:
        """Numbers, document and address in clear, for a reason."""
        person = await _person(op, visitor, person_id)
        reason = str((await request.form()).get("reason", ""))
        try:
            revealed = await revealing.reveal(op, person, reason)
        except ToqueError as fault:
            return await person_page(op, request, visitor, person_id, fault=str(fault), form={"reason": [reason]})
        return await person_page(op, request, visitor, person_id, revealed=revealed)

    return router


async def _person(op: Operation, visitor: Visitor, person_id: int) -> Person:
    async with op.database.read() as session:
        return await lookup.person(session, visitor.tenant_id, visitor.creditors, person_id)


async def _must_be_theirs(op: Operation, visitor: Visitor, person_id: int, recording_id: int) -> None:
    """Raises NotFound unless it is the sound of a call with this person that the visitor may see."""
    async with op.database.read() as session:
        person = await lookup.person(session, visitor.tenant_id, visitor.creditors, person_id)
        calls = {one.id for one in await lookup.calls(session, person, visitor.creditors)}
        recording = await session.get(Recording, recording_id)
    if recording is None or recording.attempt_id not in calls:
        raise NotFound("There is no such recording of this person")


async def _must_see_all(op: Operation, visitor: Visitor, person: Person) -> None:
    async with op.database.read() as session:
        if not await lookup.whole(session, person, visitor.creditors):
            raise Refused(ONLY_A_PART)


def _from(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    return chain((first,), rest)


def _printed(made: dict[str, object], language: str) -> bytes:
    from dialer.record import printing  # loads slowly; nobody else waits for it

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dossier.pdf"
        printing.write(made, path, language)
        return path.read_bytes()


def _file(content: bytes, person_id: int, ending: str) -> Response:
    kind = {"pdf": "application/pdf", "json": "application/json"}[ending]
    named = {"Content-Disposition": f'attachment; filename="dossier-{person_id}.{ending}"'}
    return Response(content, media_type=kind, headers={**HEADERS, **named})
