"""An agent's own tasks: the case before the call with the gate's word of this moment, the call, the task's answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, Response

from console import pages
from console.deskwork import answering
from console.deskwork.ahead import Ahead, ahead
from console.deskwork.cards import card_routes
from console.deskwork.previews import preview_routes
from console.deskwork.routes import Acting, AtDesk
from dialer import calling
from dialer.calling import Order
from dialer.debts import holding
from dialer.errors import NotFound, ToqueError
from dialer.operation import Operation
from dialer.rules.answers import answers
from dialer.rules.gate import Deny
from dialer.store import sight
from dialer.store.models import Person, Task


def case_routes(op: Operation, acting: Acting) -> APIRouter:
    """Everything under /desk/work/cases, /desk/work/previews and /desk/work/card."""
    router = APIRouter(prefix="/work/cases")

    @router.get("/{task_id}")
    async def case(request: Request, task_id: int, agent: str = "") -> Response:
        """Whose task it is, on which number they would be called, and whether they may be."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        try:
            task, person = await _own(op, at, task_id)
            card = await _card(op, at, person)
            seen, why = await calling.look(op, Order(at.desk.name, person.key)), ""
        except NotFound as error:
            return answering.fault(error, at.words)
        except ToqueError as error:
            seen, why = None, at.words.told(str(error))
        if seen is not None and isinstance(seen.decision, Deny):
            why = at.words.told(calling.refusal(seen.decision))
        values: dict[str, Any] = {
            "task": task,
            "person": person,
            "seen": seen,
            "why": why,
            "answers": answers(task.kind),
            "card": card,
            "now": op.clock.now(),
            "late": pages.late,
            "zone": op.settings.time_zone,
        }
        return HTMLResponse(pages.render("desk/case.html", at.words, **values), headers=pages.HEADERS)

    @router.post("/{task_id}/call")
    async def call(request: Request, task_id: int, agent: str = "") -> Response:
        """Call the person for this agent; the gate's no is an answer."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        try:
            _, person = await _own(op, at, task_id)
            return await answering.called(op, Order(at.desk.name, person.key), at.words)
        except ToqueError as error:
            return answering.fault(error, at.words)

    @router.post("/{task_id}/answers/{outcome}")
    async def answer(request: Request, task_id: int, outcome: str, agent: str = "") -> Response:
        """Close the task with what came of it."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        try:
            await _own(op, at, task_id)
            await holding.answer(op, task_id, outcome, actor=f"agent:{at.desk.name}"[:50])
        except ToqueError as error:
            return answering.fault(error, at.words)
        return answering.done(at.words("task_closed"))

    every = APIRouter()
    every.include_router(router)
    every.include_router(preview_routes(op, acting))
    every.include_router(card_routes(op, acting))
    return every


async def _card(op: Operation, at: AtDesk, person: Person) -> Ahead:
    async with op.database.read() as session:
        return await ahead(session, op, person, at.scope)


async def _own(op: Operation, at: AtDesk, task_id: int) -> tuple[Task, Person]:
    """A task of this agent, about somebody whom they may see; NotFound for every other."""
    async with op.database.read() as session:
        task = await session.get(Task, task_id)
        mine = task is not None and (task.tenant_id, task.owner) == (at.tenant_id, at.desk.name)
        if task is None or not mine or not await sight.sees_person(session, task.person_id, at.scope):
            raise NotFound("There is no such task of yours (any more). Load the page again")
        return task, await session.get_one(Person, task.person_id)
