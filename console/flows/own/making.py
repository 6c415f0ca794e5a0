"""Make an own flow out of one of the library, or of nothing; and save what the editor holds as the next version."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from console.flows.choosing import OWNS, Chosen, chooser
from console.flows.editing import Asked, Typed, text_page
from console.flows.shelf import flow_of, text_of
from console.frame import page
from console.guard import CHANGES, Guard, Visitor
from console.pages import HEADERS
from dialer.errors import Conflict, ToqueError
from dialer.flows import saving
from dialer.flows.naming import LONGEST, OWN
from dialer.flows.saving import Written
from dialer.operation import Operation
from dialer.store import flow_versions
from ivr_flows.errors import FlowInvalid

BLANK = Path(__file__).with_name("blank.yaml")
FAULTS = (ToqueError, FlowInvalid)


def making_routes(op: Operation, guard: Guard) -> APIRouter:
    """/flows/new, and saving and throwing away at /flows/own/{name}."""
    router = APIRouter(prefix="/flows", include_in_schema=False)
    changes, chosen = Depends(guard.lets(*CHANGES)), chooser(op, guard, OWNS, newest=True)

    @router.get("/new")
    async def new(request: Request, of: str = "", visitor: Visitor = changes) -> Response:
        """A name and a reason; `of`: the flow of the library whose text it begins with."""
        text = text_of(flow_of(op, of)) if of else BLANK.read_text(encoding="utf-8")
        return _new_page(request, visitor, of, Typed(text), f"meu-{of}" if of else "")

    @router.post("/new")
    async def make(request: Request, visitor: Visitor = changes) -> Response:
        """Save the first version; with `open` only show the page with the text that was sent."""
        form = {key: str(value) for key, value in (await request.form()).items()}
        name, of, typed = form.get("name", ""), form.get("of", ""), _typed(form, 0)
        if "open" in form:
            return _new_page(request, visitor, of, typed, f"meu-{of}" if of else "")
        try:
            saved = await _save(op, name, typed)
        except Conflict:
            taken = visitor.say("There is a flow of this name already. Choose another name.")
            return _new_page(request, visitor, of, _with(typed, taken), name)
        except FAULTS as fault:
            return _new_page(request, visitor, of, _with(typed, _told(visitor, fault)), name)
        return RedirectResponse(f"/flows/{saved}/text", status_code=303, headers=HEADERS)

    @router.post("/own/{name}/save")
    async def save(request: Request, visitor: Visitor = changes, what: Chosen = chosen) -> Response:
        """The next version. Whoever was overtaken sees their text again, and may save it over the other one."""
        form = {key: str(value) for key, value in (await request.form()).items()}
        typed = _typed(form, what.newest)
        try:
            saved = await _save(op, what.flow.name, typed)
        except Conflict:
            newest = await _newest(op, visitor, what)
            await saving.keep_draft(op, visitor.user_id, what.flow.name, text=typed.text, base=newest)
            words = "Version {number} was saved meanwhile by somebody else. Yours is not saved, and not lost."
            typed = Typed(typed.text, newest, typed.why, visitor.say(words, number=newest))
            return await text_page(op, Asked(request, visitor, what), typed)
        except FAULTS as fault:
            return await text_page(op, Asked(request, visitor, what), _with(typed, _told(visitor, fault)))
        await saving.drop_draft(op, visitor.user_id, what.flow.name)
        return RedirectResponse(f"/flows/{saved}/versions", status_code=303, headers=HEADERS)

    @router.post("/own/{name}/drop")
    async def drop(visitor: Visitor = changes, what: Chosen = chosen) -> Response:
        """Throw the visitor's draft away."""
        await saving.drop_draft(op, visitor.user_id, what.flow.name)
        return RedirectResponse(f"/flows/{what.flow.name}/text", status_code=303, headers=HEADERS)

    return router


def _new_page(request: Request, visitor: Visitor, of: str, typed: Typed, name: str) -> Response:
    status = 409 if typed.fault else 200
    return page(
        request, "flows/new.html", visitor, status=status, of=of, typed=typed, name=name.removeprefix(OWN),
        longest=LONGEST, longest_why=saving.LONGEST_WHY,
    )  # fmt: skip


async def _save(op: Operation, name: str, typed: Typed) -> str:
    """The full name of what was saved."""
    return (await saving.save(op, name, Written(typed.text, typed.why, typed.base))).name


async def _newest(op: Operation, visitor: Visitor, what: Chosen) -> int:
    """The number of the last version, which may have been saved since the page was asked for."""
    async with op.database.read() as session:
        return (await flow_versions.versions(session, visitor.tenant_id, what.flow.name))[0].number


def _typed(form: dict[str, str], newest: int) -> Typed:
    base = form.get("base", "")
    return Typed(
        form.get("text", ""), int(base) if base.isdecimal() and len(base) < 9 else newest, form.get("why", "")
    )


def _with(typed: Typed, fault: str) -> Typed:
    return Typed(typed.text, typed.base, typed.why, fault)


def _told(visitor: Visitor, fault: ToqueError | FlowInvalid) -> str:
    if isinstance(fault, FlowInvalid):
        return visitor.say("line {line}", line=fault.line) + f": {visitor.say.told(fault.what)}"
    return visitor.say.told(str(fault))
