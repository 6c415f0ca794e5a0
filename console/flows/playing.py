"""The browser phone: call, press, hang up, hear, keep as a test. The engine is the real one, the person invented."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from audio.speech import SpeechError
from console.flows.calls import ROLES, Played, Role, Switchboard
from console.flows.choosing import Chosen, chooser
from console.flows.editing import own_fragments
from console.flows.people import examples
from console.flows.showing import language_of, phone_values, prompts_of
from console.flows.transcript import transcript
from console.frame import part
from console.guard import LOOKS, Guard, Visitor
from console.pages import HEADERS
from dialer.errors import BadInput, NotFound
from dialer.flows import pinning
from dialer.flows.reading import read_text
from dialer.operation import Operation
from dialer.store import flow_versions
from ivr_flows.errors import FlowInvalid
from ivr_flows.nodes import Flow

HX = "hx-request"


def beginning_routes(op: Operation, guard: Guard, switchboard: Switchboard, where: str) -> APIRouter:
    """POST {where}/{name}/call."""
    router = APIRouter(prefix=where, include_in_schema=False)
    may_look, chosen = Depends(guard.lets(*LOOKS)), chooser(op, guard, where)

    @router.post("/{name}/call")
    async def call(request: Request, visitor: Visitor = may_look, what: Chosen = chosen) -> Response:
        """Begin a call, on the flow, on one of its revisions, or on its text as it was edited."""
        form = {key: str(value) for key, value in (await request.form()).items()}
        flow = await _revision(op, what, form.get("revision", ""))
        language = language_of(flow, form.get("lang", ""), visitor)
        try:
            if "text" in form:
                flow = await _edited(flow, form["text"])
                language = language_of(flow, language, visitor)
            chosen = next((one for one in examples(flow) if one.key == form.get("person")), examples(flow)[0])
            played = switchboard.begin(
                visitor.user_id, flow, chosen, language=language, role=_role(form.get("role", ""))
            )
        except BadInput as fault:
            return part(
                "flows/phone.html",
                visitor,
                **phone_values(request, None, flow=flow, language=language, fault=visitor.say.told(str(fault))),
            )
        return _shown(request, visitor, played)

    return router


def playing_routes(guard: Guard, switchboard: Switchboard) -> APIRouter:
    """Everything under /flows/calls."""
    router = APIRouter(prefix="/flows", include_in_schema=False)
    may_look = Depends(guard.lets(*LOOKS))

    @router.post("/calls/{call}")
    async def press(request: Request, call: str, visitor: Visitor = may_look) -> Response:
        """Something happens in the call: `typed` is a word of the terminal player; `turn` says after which turn."""
        form = await request.form()
        try:
            played = switchboard.of(visitor.user_id, call)
        except NotFound as fault:
            return part("flows/gone.html", visitor, fault=visitor.say.told(str(fault)))
        if str(form.get("turn", len(played.inputs))) != str(len(played.inputs)):
            return _shown(request, visitor, played)  # late news of a turn that has passed changes nothing
        try:
            played = switchboard.press(played, str(form.get("typed", "")))
        except BadInput as fault:
            return _shown(request, visitor, played, fault=visitor.say.told(str(fault)))
        return _shown(request, visitor, played)

    @router.get("/calls/{call}/{turn}/{n}.wav")
    async def hear(request: Request, call: str, turn: int, n: int, visitor: Visitor = may_look) -> Response:
        """An utterance of the call as it would sound; 404 when no voice here can say it: then it is read."""
        speech = switchboard.of(visitor.user_id, call).speech(turn, n)
        store = prompts_of(request)
        if store is None:
            raise NotFound("No voice is installed here. Read the words instead.")
        try:
            prompt = await store.render(speech.language, speech.parts)
        except SpeechError:
            raise NotFound("No voice here can say this. Read the words instead.") from None
        sound = await asyncio.to_thread(store.open, prompt.hash)
        return Response(sound, media_type="audio/wav", headers={**HEADERS, "Cache-Control": "private, max-age=1800"})

    @router.get("/calls/{call}/transcript.yaml")
    async def keep(call: str, visitor: Visitor = may_look) -> Response:
        """The call as a transcript test."""
        played = switchboard.of(visitor.user_id, call)
        name = played.flow.name.replace("/", "-")
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}-call.yaml"'}
        return Response(transcript(played), media_type="application/yaml", headers=headers)

    return router


def _role(wanted: str) -> Role:
    return wanted if wanted in ROLES else "person"


async def _revision(op: Operation, what: Chosen, revision: str) -> Flow:
    """The revision that the page showed: of an own flow that may be another version than the usual one."""
    if what.version is None or revision in ("", what.flow.revision):
        return what.flow
    async with op.database.read() as session:
        rows = await flow_versions.versions(session, what.version.tenant_id, what.flow.name)
        row = next((one for one in rows if one.revision == revision), what.version)
        try:
            return await pinning.read(session, op, row)
        except FlowInvalid:
            return what.flow


async def _edited(flow: Flow, text: str) -> Flow:
    try:
        return await asyncio.to_thread(read_text, flow.name, text, own_fragments=own_fragments(flow))
    except FlowInvalid as fault:
        raise BadInput(f"Line {fault.line}: {fault.what}") from fault


def _shown(request: Request, visitor: Visitor, played: Played, *, fault: str = "") -> Response:
    """The phone for htmx; for a browser without scripts the whole page, with the call opened."""
    if request.headers.get(HX):
        values = phone_values(request, played, flow=played.flow, language=played.language, fault=fault)
        return part("flows/phone.html", visitor, **values)
    return RedirectResponse(f"/flows/{played.flow.name}?call={played.id}#phone", status_code=303, headers=HEADERS)
