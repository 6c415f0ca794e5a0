"""Making and changing a campaign: one page, choices left, the forecast right. Drafts save themselves.

What has begun is changed with a button, not by itself: each change counts from the moment it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from console.campaigns import choices
from console.campaigns.finding import campaign_if_seen, free_name, not_found
from console.campaigns.forecasting import Ahead, ahead
from console.frame import page, part
from console.guard import CHANGES, LOOKS, Guard, Visitor
from console.ids import row_id
from console.pages import HEADERS
from dialer.campaigns import campaigning, drafting
from dialer.campaigns.filling import NOT_BEGUN
from dialer.errors import BadInput, ToqueError
from dialer.operation import Operation
from dialer.rules.plan import Plan
from dialer.store.models import Campaign
from ivr_flows.errors import FlowInvalid

FAULTS = (ToqueError, FlowInvalid)


def draft_routes(op: Operation, guard: Guard) -> APIRouter:
    """/campaigns/new, /campaigns/draft, and edit and forecast of a campaign."""
    router = APIRouter(prefix="/campaigns")
    changes, looks = Depends(guard.lets(*CHANGES)), Depends(guard.lets(*LOOKS))

    async def seen(visitor: Visitor, campaign_id: int) -> Campaign | None:
        async with op.database.read() as session:
            return await campaign_if_seen(session, visitor, campaign_id)

    async def form_page(
        request: Request, visitor: Visitor, values: Mapping[str, Any], campaign: Campaign | None, fault: str = ""
    ) -> Response:
        async with op.database.read() as session:
            chooses = await choices.options(session, op, visitor)
        begun = campaign is not None and campaign.status not in NOT_BEGUN
        told: dict[str, Any] = {"options": chooses, "v": values, "campaign": campaign, "begun": begun}
        return page(
            request, "campaigns/form.html", visitor, status=400 if fault else 200, fault=fault, fields=choices.FIELDS,
            **told,
        )  # fmt: skip

    @router.get("/new")
    async def new(request: Request, list: str = "", flow: str = "lembrete", visitor: Visitor = changes) -> Response:
        """An empty page; nothing is kept until a list is chosen. `list`, `flow`: what is chosen already."""
        values = {**_usual(), "name": "", "list_id": list, "flow": flow[:100], "skill": ""}
        return await form_page(request, visitor, values, None)

    @router.post("/draft")
    async def save(request: Request, visitor: Visitor = changes) -> Response:
        """Keep the draft as it is now; the forecast for htmx, else the campaign's page."""
        form = await request.form()
        given = str(form.get("campaign", ""))
        campaign = await seen(visitor, number) if (number := row_id(given)) else None
        if given and campaign is None:
            return not_found(request, visitor)
        by_itself = bool(request.headers.get("hx-request"))
        try:
            draft = choices.draft_of(form, campaign.plan if campaign else None)
            async with op.database.read() as session:
                offered = await choices.options(session, op, visitor)
                _must_be_offered(draft, offered, campaign)
                if not draft.name.strip():
                    draft = replace(draft, name=await _name(session, op, visitor, offered, draft, campaign))
            saved = await drafting.save(op, draft, campaign.id if campaign else None)
        except FAULTS as fault:
            if by_itself:
                told = Ahead(campaign.id if campaign else 0, fault=str(fault))
                return part(
                    "campaigns/_forecast.html", visitor, ahead=told, fresh=None, unsaved=True, now=op.clock.now()
                )
            return await form_page(request, visitor, _values(form), campaign, str(fault))
        if not by_itself:
            return RedirectResponse(f"/campaigns/{saved}", 303, headers=HEADERS)
        return await _forecast(op, visitor, await seen(visitor, saved), saved)

    @router.get("/{campaign_id:int}/edit")
    async def edit(request: Request, campaign_id: int, visitor: Visitor = changes) -> Response:
        """The same page with the campaign's choices."""
        campaign = await seen(visitor, campaign_id)
        if campaign is None or campaign.list_id is None:
            return not_found(request, visitor)
        if campaign.status not in campaigning.MAY["edit"]:
            return RedirectResponse(f"/campaigns/{campaign_id}", 303, headers=HEADERS)
        return await form_page(request, visitor, _of(campaign), campaign)

    @router.post("/{campaign_id:int}/edit")
    async def change(request: Request, campaign_id: int, visitor: Visitor = changes) -> Response:
        """Other choices for a campaign that rests."""
        campaign = await seen(visitor, campaign_id)
        if campaign is None or campaign.list_id is None:
            return not_found(request, visitor)
        form = await request.form()
        try:
            plan = choices.plan_of(form, campaign.plan)
            flow = str(form.get("flow", campaign.flow))
            async with op.database.read() as session:
                offered = await choices.options(session, op, visitor)
            _flow_must_be_offered(flow, offered, campaign)
            skill = str(form.get("skill", campaign.skill)).strip()
            was = Plan.model_validate(campaign.plan).model_dump(mode="json")
            changed = {name: one for name, one in plan.model_dump(mode="json").items() if was.get(name) != one}
            await campaigning.edit(op, campaign.name, changed, flow=flow, skill=skill)
        except FAULTS as fault:
            return await form_page(request, visitor, _of(campaign) | _values(form), campaign, str(fault))
        return RedirectResponse(f"/campaigns/{campaign_id}", 303, headers=HEADERS)

    @router.get("/{campaign_id:int}/forecast")
    async def forecast(request: Request, campaign_id: int, whole: bool = False, visitor: Visitor = looks) -> Response:
        """What would become of its people; `whole`: of every single one."""
        campaign = await seen(visitor, campaign_id)
        if campaign is None or campaign.list_id is None:
            return not_found(request, visitor)
        told = await ahead(op, visitor, campaign, whole=whole)
        return part("campaigns/_forecast.html", visitor, ahead=told, fresh=None, now=op.clock.now())

    return router


async def _forecast(op: Operation, visitor: Visitor, campaign: Campaign | None, saved: int) -> Response:
    """The forecast of a draft that was saved just now; the address becomes that of the draft."""
    told = await ahead(op, visitor, campaign) if campaign is not None else Ahead(saved)
    answer = part("campaigns/_forecast.html", visitor, ahead=told, fresh=saved, now=op.clock.now())
    answer.headers["HX-Replace-Url"] = f"/campaigns/{saved}/edit"
    return answer


async def _name(
    session: AsyncSession, op: Operation, visitor: Visitor, offered: choices.Options, draft: drafting.Draft,
    campaign: Campaign | None,
) -> str:  # fmt: skip
    """A name where none was typed: that of before, else the list's and the day."""
    if campaign is not None:
        return campaign.name
    day = visitor.say.day(op.clock.now().astimezone(visitor.say.zone).date())
    source = next(one.name for one in offered.lists if one.id == draft.list_id)
    return await free_name(session, visitor, f"{source[:60]} · {day}")


def _must_be_offered(draft: drafting.Draft, offered: choices.Options, campaign: Campaign | None) -> None:
    """Only lists within the visitor's scope, and flows by name: a path is none."""
    if draft.list_id not in {one.id for one in offered.lists}:
        raise BadInput("There is no such list. Choose one of those that are offered")
    _flow_must_be_offered(draft.flow, offered, campaign)


def _flow_must_be_offered(flow: str, offered: choices.Options, campaign: Campaign | None) -> None:
    if flow not in {one.name for one in offered.flows} | ({campaign.flow} if campaign else set()):
        raise BadInput("There is no such flow. Choose one of those that are offered")


def _usual() -> dict[str, Any]:
    return Plan().model_dump(mode="json")


def _of(campaign: Campaign) -> dict[str, Any]:
    plan = Plan.model_validate(campaign.plan).model_dump(mode="json")
    return {
        **plan, "name": campaign.name, "list_id": str(campaign.list_id), "flow": campaign.flow,
        "skill": campaign.skill,
    }  # fmt: skip


def _values(form: FormData) -> dict[str, Any]:
    """What was typed, to be shown again beside the fault."""
    typed: dict[str, Any] = {**_usual(), "name": "", "list_id": "", "flow": "", "skill": ""}
    typed |= {name: str(value) for name, value in form.items() if name in typed}
    return typed | {"caller_ids": form.getlist("caller_ids"), "message_only": "message_only" in form}
