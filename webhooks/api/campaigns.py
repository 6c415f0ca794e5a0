"""Campaigns: look, report, start, pause, resume, stop."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from dialer import campaigning, reporting
from dialer.operation import Operation
from webhooks.api.access import Access, Gatekeeper, must_manage, must_read
from webhooks.api.bodies import CampaignBody, ReportBody
from webhooks.api.problems import ProblemRoute

Command = Literal["start", "pause", "resume", "stop"]
COMMANDS = {
    "start": campaigning.start,
    "pause": campaigning.pause,
    "resume": campaigning.resume,
    "stop": campaigning.stop,
}


def campaign_routes(op: Operation, gatekeeper: Gatekeeper) -> APIRouter:
    """Everything under /campaigns."""
    router = APIRouter(prefix="/campaigns", tags=["campaigns"], route_class=ProblemRoute)
    known = Depends(gatekeeper.known)

    @router.get("", response_model=list[CampaignBody])
    async def campaigns(access: Access = known) -> Any:
        """All campaigns, oldest first."""
        must_read(access)
        return await campaigning.standing(op)

    @router.get("/{name}", response_model=CampaignBody)
    async def campaign(name: str, access: Access = known) -> Any:
        """One campaign."""
        must_read(access)
        return (await campaigning.standing(op, name))[0]

    @router.get("/{name}/report", responses={200: {"model": ReportBody}})
    async def report(name: str, access: Access = known) -> StreamingResponse:
        """What came of it so far: funnel, rates, cost, what the law blocked, what pays for itself, every call."""
        must_read(access)
        made = await reporting.summary(op, [name])
        return StreamingResponse(reporting.as_json(op, made, [name]), media_type="application/json")

    @router.post("/{name}/{command}", response_model=CampaignBody)
    async def change(name: str, command: Command, access: Access = known) -> Any:
        """Start, pause, resume or stop. When pause or stop has answered, no call of the campaign starts any more."""
        must_manage(access)
        await COMMANDS[command](op, name)
        return (await campaigning.standing(op, name))[0]

    return router
