"""Campaigns: look, make, clone, check, plan, report, start, pause, resume, stop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import orjson
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from dialer.campaigns import campaigning, checking, planning
from dialer.campaigns.standing import Told
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.results import reporting
from dialer.results.standing import Standing
from dialer.rules.plan import Plan
from webhooks.api.access import Access, Gatekeeper, must_manage, must_read
from webhooks.api.bodies import CampaignBody, CampaignOrder, CheckedBody, CloneOrder, EditOrder, ReportBody
from webhooks.api.problems import ProblemRoute


def _plan(fields: dict[str, Any]) -> Plan:
    try:
        return Plan.model_validate(fields)
    except ValidationError as fault:
        raise BadInput(_in_words(fault)) from None


def _in_words(fault: ValidationError) -> str:
    """Which field cannot be, and why; what was sent is not repeated."""
    told = (f"plan.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in fault.errors(include_input=False))
    return "; ".join(told)


Command = Literal["start", "pause", "resume", "stop"]
COMMANDS = {
    "start": campaigning.start,
    "pause": campaigning.pause,
    "resume": campaigning.resume,
    "stop": campaigning.stop,
}


def campaign_routes(op: Operation, gatekeeper: Gatekeeper, in_words: Callable[[Standing], str]) -> APIRouter:
    """Everything under /campaigns. `in_words` says how one stands, as the pages do."""
    router = APIRouter(prefix="/campaigns", tags=["campaigns"], route_class=ProblemRoute)
    known = Depends(gatekeeper.known)

    async def one(name: str) -> Told:
        (found,) = await campaigning.standing(op, name)
        return found.told(in_words)

    @router.get("", response_model=list[CampaignBody])
    async def campaigns(access: Access = known) -> Any:
        """All campaigns, oldest first."""
        must_read(access)
        return [found.told(in_words) for found in await campaigning.standing(op)]

    @router.get("/{name}", response_model=CampaignBody)
    async def campaign(name: str, access: Access = known) -> Any:
        """One campaign."""
        must_read(access)
        return await one(name)

    @router.get("/{name}/report", responses={200: {"model": ReportBody}})
    async def report(name: str, access: Access = known) -> StreamingResponse:
        """What came of it so far: funnel, rates, cost, what the law blocked, what pays for itself, every call."""
        must_read(access)
        made = await reporting.summary(op, [name])
        return StreamingResponse(reporting.as_json(op, made, [name]), media_type="application/json")

    @router.post("", response_model=CampaignBody, status_code=201)
    async def create(order: CampaignOrder, access: Access = known) -> Any:
        """Make a draft. The plan's fields are those that a campaign shows; nothing is dialled before the start."""
        must_manage(access)
        plan = _plan(order.plan)
        await campaigning.create(
            op, order.name, list_name=order.list_name, flow=order.flow, plan=plan, skill=order.skill
        )
        return await one(order.name)

    @router.post("/{name}/clone", response_model=CampaignBody, status_code=201)
    async def clone(name: str, order: CloneOrder, access: Access = known) -> Any:
        """Make a draft like this campaign, over the same list or another."""
        must_manage(access)
        await campaigning.clone(op, name, order.name, list_name=order.list_name)
        return await one(order.name)

    @router.patch("/{name}", response_model=CampaignBody)
    async def edit(name: str, order: EditOrder, access: Access = known) -> Any:
        """Change a campaign that does not run; one that has not begun is a draft again."""
        must_manage(access)
        try:
            await campaigning.edit(op, name, order.plan, flow=order.flow, skill=order.skill)
        except ValidationError as fault:
            raise BadInput(_in_words(fault)) from None
        return await one(name)

    @router.post("/{name}/check", response_model=CheckedBody)
    async def check(name: str, access: Access = known) -> Any:
        """What is missing, and how many can be called now, later, never. A clean draft is checked afterwards."""
        must_manage(access)
        return await checking.check(op, name)

    @router.get("/{name}/plan")
    async def plan(name: str, access: Access = known) -> StreamingResponse:
        """The dry run, one JSON object a line: for every contact whether and when, or the rule that blocks it."""
        must_read(access)
        await campaigning.standing(op, name)  # NotFound before the first line is sent

        async def lines() -> AsyncIterator[bytes]:
            async for forecast in planning.forecasts(op, name):
                yield orjson.dumps(to_jsonable_python(forecast)) + b"\n"

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    @router.post("/{name}/{command}", response_model=CampaignBody)
    async def change(name: str, command: Command, access: Access = known) -> Any:
        """Start, pause, resume or stop. When pause or stop has answered, no call of the campaign starts any more."""
        must_manage(access)
        await COMMANDS[command](op, name)
        return await one(name)

    return router
