"""Campaigns in preview at the desk: the next case with its whole card and the gate's word, then call or skip.

A call back that the agent has agreed and that is due comes before any case of a campaign.
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select

from console import pages
from console.deskwork import answering, matter
from console.deskwork.ahead import ahead
from console.deskwork.routes import Acting, AtDesk
from dialer import calling, previewing
from dialer.calling import Order
from dialer.errors import BadInput, NotFound, ToqueError
from dialer.operation import Operation
from dialer.rules.gate import Deny
from dialer.store import agents, sight
from dialer.store.models import Campaign, Person, Task

SKIPS = ("other_time", "just_talked", "to_check", "not_mine", "other")  # words: console/texts, skips.*


def preview_routes(op: Operation, acting: Acting) -> APIRouter:
    """Everything under /desk/work/previews."""
    router = APIRouter(prefix="/work/previews")

    @router.get("/{campaign_id}")
    async def case(request: Request, campaign_id: int, agent: str = "") -> Response:
        """The next case of the campaign, or the agent's own call back that is due."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        try:
            await _offered(op, at, campaign_id)
            own = await _own_call_back(op, at)
            if own is not None:
                return RedirectResponse(f"/desk/work/cases/{own}?agent={quote(agent)}", 303, headers=pages.HEADERS)
            return await _next(op, at, campaign_id)
        except ToqueError as error:
            return answering.fault(error, at.words)

    @router.post("/{campaign_id}/people/{person_id}/call")
    async def call(request: Request, campaign_id: int, person_id: int, agent: str = "") -> Response:
        """Call this person for the agent as a try of the campaign; the gate's no is an answer."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        try:
            return await answering.called(op, await _order(op, at, campaign_id, person_id), at.words)
        except ToqueError as error:
            return answering.fault(error, at.words)

    @router.post("/{campaign_id}/people/{person_id}/skip")
    async def skip(request: Request, campaign_id: int, person_id: int, agent: str = "") -> Response:
        """Leave this person for later, for one of our reasons; the next case comes back."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        why = str((await request.form()).get("why", ""))
        try:
            if why not in SKIPS:
                raise BadInput("Choose why this case is left for later")
            await calling.skip(op, await _order(op, at, campaign_id, person_id), why=why)
            return await _next(op, at, campaign_id)
        except ToqueError as error:
            return answering.fault(error, at.words)

    return router


async def _offered(op: Operation, at: AtDesk, campaign_id: int) -> None:
    async with op.database.read() as session:
        agent = await agents.by_name(session, at.tenant_id, at.desk.name)
        mine = await previewing.offered_to(session, agent, at.scope)
    if campaign_id not in [one.id for one in mine]:
        raise NotFound("That campaign offers you no cases (any more). Load the page again")


async def _own_call_back(op: Operation, at: AtDesk) -> int | None:
    """The agent's own call back that is due first, if the person may be called now."""
    async with op.database.read() as session:
        rows = await session.execute(
            select(Task.id, Task.person_id, Person.key)
            .join(Person, Person.id == Task.person_id)
            .where(Task.tenant_id == at.tenant_id, Task.owner == at.desk.name, Task.status == "open")
            .where(Task.kind == "call_back", Task.due_at <= op.clock.now())
            .order_by(Task.due_at, Task.id)
            .limit(matter.SHOWN_TASKS)
        )
        due = [row for row in rows if await sight.sees_person(session, row.person_id, at.scope)]
    for task, _, key in due:
        seen = await calling.look(op, Order(at.desk.name, key))
        if not isinstance(seen.decision, Deny):
            return int(task)
    return None


async def _next(op: Operation, at: AtDesk, campaign_id: int) -> Response:
    seen = await previewing.next_case(op, at.desk.name, campaign_id)
    card = None
    if seen is not None:
        async with op.database.read() as session:
            card = await ahead(session, op, await session.get_one(Person, seen.person), at.scope)
    html = pages.render(
        "desk/preview.html", at.words, seen=seen, card=card, campaign=campaign_id, skips=SKIPS, now=op.clock.now(),
        late=pages.late, zone=op.settings.time_zone,
    )  # fmt: skip
    return HTMLResponse(html, headers=pages.HEADERS)


async def _order(op: Operation, at: AtDesk, campaign_id: int, person_id: int) -> Order:
    await _offered(op, at, campaign_id)
    async with op.database.read() as session:
        person = await session.get(Person, person_id)
        if person is None or not await sight.sees_person(session, person_id, at.scope):
            raise NotFound("There is no such case of yours (any more). Load the page again")
        name = (await session.get_one(Campaign, campaign_id)).name
        return Order(at.desk.name, person.key, campaign=name)
