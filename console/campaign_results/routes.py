"""The results of a campaign: the page, the table of each chart as a file, and everything as a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.campaign_live.drawing import CALL_STEPS
from console.campaign_live.drawing import RESULTS as LAST_STEPS
from console.campaign_results import drawing, files
from console.campaign_results.amounts import cash, one_sum
from console.campaign_results.filters import Filters, read_filters
from console.campaign_results.tables import COMPARED, TABLES, table
from console.campaigns.commanding import acts_for
from console.campaigns.finding import campaign_if_seen, creditor_name, not_found
from console.campaigns.outcomes import OUTCOMES
from console.campaigns.sentences import status_word
from console.frame import page
from console.guard import LOOKS, Guard, Visitor
from dialer.operation import Operation
from dialer.results import costing, reporting
from dialer.results.exporting import Export
from dialer.results.standing import Standing, standing
from dialer.store import report_choices
from dialer.store.models import Campaign

RESULTS = tuple(one for one in (*CALL_STEPS, *LAST_STEPS) if one[0] in costing.RESULTS)


@dataclass(frozen=True, slots=True)
class Found:
    """A campaign that the viewer may see, and what can be asked of it."""

    campaign: Campaign
    creditor: str
    standing: Standing
    scripts: list[str]
    numbers: list[str]


def results_routes(op: Operation, guard: Guard) -> APIRouter:
    """/campaigns/ID/results and its files."""
    router = APIRouter(prefix="/campaigns/{campaign_id}/results", include_in_schema=False)
    may_look = guard.lets(*LOOKS)

    @router.get("")
    async def results(request: Request, campaign_id: int, visitor: Visitor = Depends(may_look)) -> Response:
        """The page, narrowed as the address asks."""
        found = await _found(op, visitor, campaign_id)
        if found is None:
            return not_found(request, visitor)
        filters = read_filters(request.query_params, op.settings.time_zone)
        return page(request, "campaign_results/page.html", visitor, **await _values(op, visitor, found, filters))

    @router.get("/calls.{kind}")
    async def whole(request: Request, campaign_id: int, kind: str, visitor: Visitor = Depends(may_look)) -> Response:
        """Every call and text; as XLSX with all tables."""
        campaign = await _seen(op, visitor, campaign_id)
        if campaign is None or kind not in files.KINDS:
            return not_found(request, visitor)
        only = read_filters(request.query_params, op.settings.time_zone).only
        made = await reporting.summary(op, [campaign.name], only=only)
        return await files.whole_file(op, campaign, Export([campaign.name], Path(f"x.{kind}"), made, only=only))

    @router.get("/{name}.{kind}")
    async def one_table(
        request: Request, campaign_id: int, name: str, kind: str, visitor: Visitor = Depends(may_look)
    ) -> Response:
        """The table of one chart."""
        campaign = await _seen(op, visitor, campaign_id)
        if campaign is None or kind not in files.KINDS or name not in TABLES:
            return not_found(request, visitor)
        only = read_filters(request.query_params, op.settings.time_zone).only
        made = await reporting.summary(op, [campaign.name], only=only)
        days = await reporting.over_time(op, campaign.name, only=only)
        return await files.table_file(campaign, table(name, made, days), kind)

    return router


async def _seen(op: Operation, visitor: Visitor, campaign_id: int) -> Campaign | None:
    async with op.database.survey() as session:
        return await campaign_if_seen(session, visitor, campaign_id)


async def _found(op: Operation, visitor: Visitor, campaign_id: int) -> Found | None:
    async with op.database.survey() as session:
        campaign = await campaign_if_seen(session, visitor, campaign_id)
        if campaign is None:
            return None
        return Found(
            campaign,
            await creditor_name(session, campaign),
            await standing(session, op, campaign),
            await report_choices.scripts(session, campaign.id),
            await report_choices.numbers(session, campaign.id),
        )


async def _values(op: Operation, visitor: Visitor, found: Found, filters: Filters) -> dict[str, Any]:
    """Everything that the page's template shows."""
    campaign = found.campaign
    made = await reporting.summary(op, [campaign.name], only=filters.only)
    over_time = await reporting.over_time(op, campaign.name, only=filters.only)
    hours, weekdays = drawing.heat(made["heat_map"])
    days = over_time["days"]
    return {
        "campaign": campaign,
        "creditor": found.creditor,
        "standing": found.standing,
        "sentence": in_a_sentence(visitor, made),
        "state": status_word(visitor.say, campaign.status),
        "acts": acts_for(campaign.status) if visitor.changes and campaign.list_id is not None else (),
        "found": found,
        "filters": filters,
        "made": made,
        "promises": over_time["promises"],
        "days": days,
        "lines": {name: drawing.line(days, name) for name in ("dialed", "asr", "acd_seconds")},
        "hours": hours,
        "weekdays": weekdays,
        "compared": [(name, made["by"][name]) for name in COMPARED],
        "outcome_words": OUTCOMES,
        "results": RESULTS,
        "small_band": drawing.small_band,
        "cash": partial(cash, visitor.say.language),
        "one_sum": partial(one_sum, visitor.say.language),
    }


def in_a_sentence(visitor: Visitor, made: dict[str, Any]) -> str:
    """What came of it, in one sentence."""
    say, funnel, asr = visitor.say, made["funnel"], made["rates"]["asr"]
    if not funnel["dialed"] and not funnel["received"]:
        return visitor.say("No call was made with what is asked for here.")
    if asr is None:
        return say.n("{count} person called us.", "{count} people called us.", funnel["received"])
    many = "{count} calls: {share} were answered, {right} reached the right person, {promised} brought a promise."
    return say.n(
        "{count} call: {share} was answered, {right} reached the right person, {promised} brought a promise.",
        many,
        funnel["dialed"],
        share=say.percent(asr),
        right=say.number(funnel["right_party"]),
        promised=say.number(funnel["promised"]),
    )
