"""One campaign: how it stands, what was chosen, whom rules hold back, its check, and its plan person by person."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.campaigns.chosen import chosen
from console.campaigns.commanding import acts_for
from console.campaigns.finding import campaign_if_seen, creditor_name, not_found
from console.campaigns.outcomes import OUTCOMES
from console.campaigns.proving import Proven, proven
from console.campaigns.rules import held_back
from console.campaigns.sentences import end_words, in_words, status_word
from console.frame import page, part
from console.guard import CHANGES, LOOKS, Guard, Visitor
from dialer.campaigns import checking, planning
from dialer.campaigns.checking import Checked
from dialer.campaigns.planning import Forecast
from dialer.errors import ToqueError
from dialer.flows import pinning
from dialer.operation import Operation
from dialer.results.counting import blocked_by_rule
from dialer.results.standing import standing
from dialer.store import reports
from dialer.store.models import Campaign, Contact, ContactList, Person
from ivr_flows.errors import FlowInvalid

SHOWN = 200  # rows of the plan on one page; the command line lists all
CALLS = ("now", "later", "held", "never", "in_call", "done")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the plan: who it is about, and what becomes of them."""

    person: int
    key: str
    one: Forecast
    words: str


def overview_routes(op: Operation, guard: Guard) -> APIRouter:
    """/campaigns/{id}, its check and its plan."""
    router = APIRouter(prefix="/campaigns")
    looks, changes = Depends(guard.lets(*LOOKS)), Depends(guard.lets(*CHANGES))

    @router.get("/{campaign_id:int}")
    async def overview(request: Request, campaign_id: int, visitor: Visitor = looks) -> Response:
        """The campaign's page."""
        return await _page(op, request, visitor, campaign_id)

    @router.get("/{campaign_id:int}/head")
    async def head(request: Request, campaign_id: int, visitor: Visitor = looks) -> Response:
        """The part of the page that changes while it is open."""
        async with op.database.read() as session:
            campaign = await campaign_if_seen(session, visitor, campaign_id)
            if campaign is None:
                return not_found(request, visitor)
            values = await _head(session, op, visitor, campaign)
        return part("campaigns/_state.html", visitor, tab="overview", **values)

    @router.post("/{campaign_id:int}/check")
    async def check(request: Request, campaign_id: int, visitor: Visitor = changes) -> Response:
        """Look at everything; a draft in which nothing stops may be started afterwards."""
        async with op.database.read() as session:
            campaign = await campaign_if_seen(session, visitor, campaign_id)
        if campaign is None or campaign.list_id is None:
            return not_found(request, visitor)
        try:
            report = await checking.check(op, campaign.name)
        except ToqueError as fault:
            return await _page(op, request, visitor, campaign_id, fault=str(fault))
        return await _page(
            op, request, visitor, campaign_id, report=report, proof=await _proof(op, request, campaign)
        )

    @router.get("/{campaign_id:int}/check")
    async def checked(request: Request, campaign_id: int, visitor: Visitor = looks) -> Response:
        """The address of a check, opened anew: the campaign as it stands."""
        return await _page(op, request, visitor, campaign_id)

    @router.get("/{campaign_id:int}/plan")
    async def plan(
        request: Request, campaign_id: int, call: str = "", rule: str = "", visitor: Visitor = looks
    ) -> Response:
        """Person by person, the first of them: whether and when, and what holds back. `call`, `rule`: only those."""
        async with op.database.read() as session:
            campaign = await campaign_if_seen(session, visitor, campaign_id)
            if campaign is None or campaign.list_id is None:
                return not_found(request, visitor)
            values = await _head(session, op, visitor, campaign)
        fault, found = "", []
        try:
            found = await _first(op, campaign, call, rule)
        except FlowInvalid as invalid:
            fault = str(invalid)
        async with op.database.read() as session:
            lines = await _lines(session, op, visitor, found)
        values |= {"lines": lines, "call": call, "rule": rule, "fault": fault, "most": SHOWN, "calls": CALLS}
        return page(request, "campaigns/plan.html", visitor, tab="overview", **values)

    return router


async def _page(
    op: Operation, request: Request, visitor: Visitor, campaign_id: int, *, report: Checked | None = None,
    proof: Proven | None = None, fault: str = "",
) -> Response:  # fmt: skip
    async with op.database.read() as session:
        campaign = await campaign_if_seen(session, visitor, campaign_id)
        if campaign is None:
            return not_found(request, visitor)
        values = await _head(session, op, visitor, campaign)
        choices = await chosen(session, op, visitor.say, campaign)
        contacts = await reports.contacts_by_rule(session, [campaign.id])
        source = await session.get(ContactList, campaign.list_id) if campaign.list_id else None
    blocked = blocked_by_rule(contacts)
    outcomes: dict[str, int] = {}
    for status, outcome, _, count in contacts:
        if status == "done" and outcome:
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    told = held_back(visitor.say, op.packs, report.by_rule, report.reasons) if report else []
    values |= {
        "blocked": held_back(visitor.say, op.packs, blocked, {}), "outcomes": sorted(outcomes.items()),
        "outcome_words": OUTCOMES,
        "chosen": choices, "source": source, "report": report, "by_rule": told,
        "proof": proof, "fault": fault,
    }  # fmt: skip
    code = 400 if fault else 200
    return page(request, "campaigns/overview.html", visitor, status=code, tab="overview", **values)


async def _head(session: AsyncSession, op: Operation, visitor: Visitor, campaign: Campaign) -> dict[str, Any]:
    """What the head of each page of a campaign shows."""
    stands = await standing(session, op, campaign)
    return {
        "campaign": campaign, "creditor": await creditor_name(session, campaign), "standing": stands,
        "sentence": in_words(visitor.say, stands), "state": status_word(visitor.say, campaign.status),
        "ends": end_words(visitor.say, stands, op.clock.now()),
        "acts": acts_for(campaign.status) if visitor.changes and campaign.list_id is not None else (),
    }  # fmt: skip


async def _proof(op: Operation, request: Request, campaign: Campaign) -> Proven | None:
    try:
        async with op.database.read() as session:
            used = await pinning.in_force(session, op, campaign.tenant_id, campaign.flow)
        return await proven(op, used, getattr(request.app.state, "prompts", None))
    except FlowInvalid:
        return None


async def _first(op: Operation, campaign: Campaign, call: str, rule: str) -> list[Forecast]:
    found: list[Forecast] = []
    async with aclosing(_each(op, campaign)) as forecasts:  # cut short, the processes of a long list end
        async for one in forecasts:
            if call in ("", one.call) and rule in ("", one.rule):
                found.append(one)
            if len(found) >= SHOWN:
                break
    return found


async def _each(op: Operation, campaign: Campaign) -> AsyncGenerator[Forecast]:
    async for one in planning.forecasts(op, campaign.name):
        yield one


async def _lines(session: AsyncSession, op: Operation, visitor: Visitor, found: Sequence[Forecast]) -> list[Line]:
    ids = [one.contact for one in found]
    rows = await session.execute(
        select(Contact.id, Person.id).join(Person, Person.id == Contact.person_id).where(Contact.id.in_(ids))
    )
    people = {contact: person for contact, person in rows.all()}
    words: dict[str, str] = {}
    for one in found:
        if one.rule and one.rule not in words:
            (told,) = held_back(visitor.say, op.packs, {one.rule: 1}, {one.rule: one.reason or ""})
            words[one.rule] = told.words
    return [Line(people[one.contact], one.key, one, words.get(one.rule or "", "")) for one in found]
