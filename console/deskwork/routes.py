"""What is done at the desk during a call: forms, drafts, the steps of the script. Only the agent, at their own desk.

Every answer is a fragment or nothing; what was done shows on the live page of every window at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select

from console import pages
from console.deskwork import answering, forms
from console.deskwork.about import About, about
from console.deskwork.forms import Form
from console.deskwork.prompter import ending
from console.deskwork.reckoning import Reckoned, reckoned
from console.snapshot import Desk
from console.wording import Words, amount
from dialer.addresses import conference_name
from dialer.attending import drafting, saying, stepping
from dialer.attending.drafting import Typed
from dialer.attending.talk import Seat
from dialer.errors import NotFound, ToqueError
from dialer.operation import Operation
from dialer.rules.offers import Limits, offers
from dialer.store.models import Agent
from ivr_flows.scripts.catalogue import FIELDS


@dataclass(frozen=True, slots=True)
class AtDesk:
    """An agent at the own desk, the words of their language, the creditors whose people they see (None: all)."""

    desk: Desk
    tenant_id: int
    words: Words
    scope: tuple[str, ...] | None = None


UNKNOWN_CURRENCY = "BRL"  # nothing is owed: no sum is asked for
Acting = Callable[[Request, str], Awaitable[AtDesk | Response]]


def work_routes(op: Operation, acting: Acting) -> APIRouter:
    """Everything under /desk/work; `acting` lets in the agent of the desk, or answers otherwise."""
    router = APIRouter(prefix="/work")

    @router.get("/forms/{name}")
    async def form(request: Request, name: str, agent: str = "", attempt: int = 0) -> Response:
        """A form, with what was typed into it and not sent."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        try:
            typed = await _draft(op, at, name, attempt)
            shown = await _form(op, at, name, attempt, typed)
            return _sheet(at, shown, typed, await about(op, _seat(at, attempt), at.scope))
        except ToqueError as fault:
            return answering.fault(fault, at.words)

    @router.post("/forms/{name}")
    async def say(request: Request, name: str, agent: str = "", attempt: int = 0) -> Response:
        """Keep what was said; a form that cannot be kept comes back as it was typed, with the reason."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        typed = await _sent(request)
        try:
            shown = await _form(op, at, name, attempt, typed)
        except ToqueError as fault:
            return answering.fault(fault, at.words)
        typed = forms.own(shown, typed)
        told = await about(op, _seat(at, attempt), at.scope)
        try:
            said = forms.said_by(shown, typed, told.currency or UNKNOWN_CURRENCY)
            await saying.keep(op, _seat(at, attempt), said, form=name)
        except ToqueError as fault:
            plan = _plan(shown, typed, told)  # which says the limit beside the plan
            why = "" if plan and plan.past else _in_words(str(fault), at.words)
            return _sheet(at, shown, typed, told, fault=why, status=422)
        return answering.done(at.words.known(f"action.{name}.done", at.words("kept")))

    @router.post("/drafts/{name}")
    async def draft(request: Request, name: str, agent: str = "", attempt: int = 0) -> Response:
        """Keep what is typed so far."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        typed = await _sent(request)
        try:
            own = forms.own(await _form(op, at, name, attempt, typed), typed)
            await drafting.keep(op, _seat(at, attempt), name, own)
        except ToqueError as fault:
            return answering.fault(fault, at.words)
        return Response(status_code=204, headers=pages.HEADERS)

    @router.post("/steps/{key}")
    async def step(
        request: Request, key: str, agent: str = "", attempt: int = 0, seen: int = 0, script: str = ""
    ) -> Response:
        """Follow a branch (1-9) of the `script` on the screen, or go a step back ("back")."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        try:
            if key == "back":
                await stepping.back(op, _seat(at, attempt), seen)
            else:
                await stepping.take(op, _seat(at, attempt), key, seen, script=script)
        except ToqueError as fault:
            return answering.fault(fault, at.words)
        return await _moved(op, at)

    @router.post("/scripts/{name}")
    async def begin(request: Request, name: str, agent: str = "", attempt: int = 0, seen: int = 0) -> Response:
        """Another script, from its beginning."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        try:
            await stepping.begin(op, _seat(at, attempt), name, seen)
        except ToqueError as fault:
            return answering.fault(fault, at.words)
        return await _moved(op, at)

    return router


def _seat(at: AtDesk, attempt: int) -> Seat:
    return Seat(at.tenant_id, at.desk.name, attempt)


async def _form(op: Operation, at: AtDesk, name: str, attempt: int, typed: Typed) -> Form:
    finish = await ending(op, attempt) if name == forms.ENDING else None
    found = forms.form_of(name, finish, typed)
    if found is None:
        raise NotFound("There is no such form now. Load the page again")
    return found


async def _sent(request: Request) -> Typed:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


async def _draft(op: Operation, at: AtDesk, name: str, attempt: int) -> Typed:
    async with op.database.read() as session:
        agent = await session.scalar(select(Agent).where(Agent.tenant_id == at.tenant_id, Agent.name == at.desk.name))
        assert agent is not None, "the desk was opened just now"
        return (await drafting.kept(session, op, agent, attempt)).get(name, {})


def _sheet(at: AtDesk, form: Form, typed: Typed, told: About, *, fault: str = "", status: int = 200) -> HTMLResponse:
    limits = told.limits if form.fixed.disposition == "promised" else None
    currency = told.currency or UNKNOWN_CURRENCY
    plan = _plan(form, typed, told)
    html = pages.render(
        "desk/sheet.html", at.words, form=form, typed=typed, fault=fault, about=told, on_record=told.known,
        limits=limits, until=_until(limits), currency=currency, coding=told.coding, reckons=_reckons(form), plan=plan,
        past=_past(plan, currency, at.words) if plan else "",
    )  # fmt: skip
    return HTMLResponse(html, status, headers=pages.HEADERS)


def _reckons(form: Form) -> bool:
    return any(field.name == "instalments" for field in form.fields)


def _plan(form: Form, typed: Typed, told: About) -> Reckoned | None:
    """The plan as far as it is typed into a form that asks for one."""
    if told.limits is None or not _reckons(form):
        return None
    return reckoned(typed, told.limits, told.currency)


def _past(plan: Reckoned, currency: str, words: Words) -> str:
    """The limit in the agent's words."""
    match plan.past:
        case "":
            return ""
        case "smallest" | "down":
            most = amount(int(plan.most), currency, words.language)
        case "first_on":
            most = words.day(plan.most, "medium")
        case _:
            most = plan.most
    return words(f"reckoned_past.{plan.past}", most=most)


def _until(limits: Limits | None) -> str:
    """The last day of a promise."""
    return (limits.today + timedelta(days=offers().promise.latest_days)).isoformat() if limits else ""


def _in_words(fault: str, words: Words) -> str:
    """A fault that begins with the name of a field, with the field's label instead."""
    name, colon, rest = fault.partition(": ")
    field = FIELDS.get(name)
    if not colon:
        return words.told(fault)
    label = words.of(field.label) if field else words.known(f"field.{name}", "")
    return f"{label}: {words.told(rest)}" if label else words.told(fault)


async def _moved(op: Operation, at: AtDesk) -> Response:
    """Every window on this desk looks again at once."""
    await op.fanout.publish(f"desk:{conference_name(at.desk.leg_token)}", {"acted": True})
    return Response(status_code=204, headers=pages.HEADERS)
