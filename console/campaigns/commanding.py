"""Start, pause, resume, stop and clone: each says beforehand what it will do, and does it when confirmed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from console.campaigns import choices
from console.campaigns.finding import campaign_if_seen, creditor_name, free_name, not_found
from console.campaigns.forecasting import ahead
from console.campaigns.sentences import status_word
from console.frame import page
from console.guard import CHANGES, Guard, Visitor
from console.pages import HEADERS
from dialer.campaigns import campaigning
from dialer.errors import BadInput, ToqueError
from dialer.operation import Operation
from dialer.results.standing import Standing, standing
from dialer.store.models import Campaign

ACTS: dict[str, Callable[[Operation, str], Awaitable[None]]] = {
    "start": campaigning.start,
    "pause": campaigning.pause,
    "resume": campaigning.resume,
    "stop": campaigning.stop,
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """An act that somebody is about to confirm."""

    act: str
    campaign: Campaign
    stands: Standing
    creditor: str


def acts_for(status: str) -> tuple[str, ...]:
    """What may be done with a campaign of this status; a start only after a check that found nothing in the way."""
    found = [act for act in ACTS if status in campaigning.MAY[act] and (act != "start" or status == "checked")]
    may_edit = ("edit",) if status in campaigning.MAY["edit"] else ()
    return (*(one for one in found if one != "stop"), *may_edit, "clone", *(one for one in found if one == "stop"))


def command_routes(op: Operation, guard: Guard) -> APIRouter:
    """/campaigns/{id}/start, pause, resume, stop and clone: GET says what it will do, POST does it."""
    router = APIRouter(prefix="/campaigns")
    changes = Depends(guard.lets(*CHANGES))

    async def seen(session: AsyncSession, visitor: Visitor, campaign_id: int, act: str) -> _Asked | None:
        campaign = await campaign_if_seen(session, visitor, campaign_id)
        if campaign is None or campaign.list_id is None:
            return None
        stands = await standing(session, op, campaign)
        return _Asked(act, campaign, stands, await creditor_name(session, campaign))

    async def confirm(request: Request, visitor: Visitor, asked: _Asked, fault: str = "") -> Response:
        may = asked.act in acts_for(asked.campaign.status)
        told = await ahead(op, visitor, asked.campaign) if may and asked.act == "start" else None
        values: dict[str, Any] = {
            "act": asked.act, "campaign": asked.campaign, "standing": asked.stands, "creditor": asked.creditor,
            "may": may, "ahead": told, "state": status_word(visitor.say, asked.campaign.status), "fault": fault,
            "now": op.clock.now(),
        }  # fmt: skip
        return page(request, "campaigns/confirm.html", visitor, status=400 if fault else 200, **values)

    def command(act: str) -> None:
        @router.get(f"/{{campaign_id:int}}/{act}")
        async def ask(request: Request, campaign_id: int, visitor: Visitor = changes) -> Response:
            """What the act will do."""
            async with op.database.read() as session:
                asked = await seen(session, visitor, campaign_id, act)
            return not_found(request, visitor) if asked is None else await confirm(request, visitor, asked)

        @router.post(f"/{{campaign_id:int}}/{act}")
        async def do(request: Request, campaign_id: int, visitor: Visitor = changes) -> Response:
            """Do it."""
            async with op.database.read() as session:
                asked = await seen(session, visitor, campaign_id, act)
            if asked is None:
                return not_found(request, visitor)
            try:
                await ACTS[act](op, asked.campaign.name)
            except ToqueError as fault:
                return await confirm(request, visitor, asked, str(fault))
            return RedirectResponse(f"/campaigns/{campaign_id}", 303, headers=HEADERS)

    for one in ACTS:
        command(one)

    async def clone_page(
        request: Request, visitor: Visitor, campaign: Campaign, name: str, list_id: str = "", fault: str = ""
    ) -> Response:
        async with op.database.read() as session:
            lists = (await choices.options(session, op, visitor)).lists
        values = {"campaign": campaign, "lists": lists, "name": name, "list_id": list_id, "fault": fault}
        return page(request, "campaigns/clone.html", visitor, status=400 if fault else 200, **values)

    @router.get("/{campaign_id:int}/clone")
    async def ask_clone(request: Request, campaign_id: int, visitor: Visitor = changes) -> Response:
        """A name and a list for a draft like this one."""
        async with op.database.read() as session:
            campaign = await campaign_if_seen(session, visitor, campaign_id)
            if campaign is None or campaign.list_id is None:
                return not_found(request, visitor)
            name = await free_name(session, visitor, campaign.name)
        return await clone_page(request, visitor, campaign, name, str(campaign.list_id))

    @router.post("/{campaign_id:int}/clone")
    async def clone(request: Request, campaign_id: int, visitor: Visitor = changes) -> Response:
        """Make the draft."""
        async with op.database.read() as session:
            campaign = await campaign_if_seen(session, visitor, campaign_id)
            lists = (await choices.options(session, op, visitor)).lists
        if campaign is None or campaign.list_id is None:
            return not_found(request, visitor)
        form = await request.form()
        name, list_id = str(form.get("name", "")).strip(), str(form.get("list_id", campaign.list_id))
        try:
            if not 1 <= len(name) <= 100:
                raise BadInput("The campaign needs a name of at most 100 characters")
            chosen = next((one.name for one in lists if str(one.id) == list_id), None)
            if chosen is None:
                raise BadInput("There is no such list. Choose one of those that are offered")
            made = await campaigning.clone(op, campaign.name, name, list_name=chosen)
        except ToqueError as fault:
            return await clone_page(request, visitor, campaign, name, list_id, str(fault))
        return RedirectResponse(f"/campaigns/{made}/edit", 303, headers=HEADERS)

    return router
