"""Before a campaign dials: what is missing, for whom, and how many can be called. A clean draft becomes checked.

Never the whole campaign for the sake of a few rows: those are held, by name of what they lack.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import proving
from dialer.campaigns import filling, planning
from dialer.campaigns.planning import Totals
from dialer.errors import Refused
from dialer.flows import pinning
from dialer.operation import Operation
from dialer.rules.plan import Plan
from dialer.rules.showing import today_at
from dialer.settings import is_loopback
from dialer.store import agents, caller_ids, campaigns, interactions
from dialer.store.models import Agent, Campaign
from ivr_flows import checking as flow_checking
from ivr_flows.errors import FlowInvalid
from ivr_flows.nodes import Flow, Transfer
from ivr_flows.proving.phrasing import found_in

OPEN = ("draft", "checked")  # what a check may move
LADDER_RULES = ("LADDER_TOO_EARLY", "LADDER_TOO_LATE", "LADDER_BEHIND")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing: a code, what it is and what to do about it. `stops`: the campaign cannot begin."""

    code: str
    words: str
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found. Counts are of contacts: callable now, later, held, never; the rest are over.

    `held_for` and `branches` count rows by the variable that the list does not have: without the first ones a row
    is held, without the others the flow takes its other way. `ladder` counts by how the flow fits the debts.
    """

    campaign: str
    status: str
    clean: bool
    findings: tuple[Finding, ...]
    contacts: int = 0
    now: int = 0
    later: int = 0
    held: int = 0
    never: int = 0
    first_at: datetime | None = None
    by_rule: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    held_for: dict[str, int] = field(default_factory=dict)
    branches: dict[str, int] = field(default_factory=dict)
    ladder: dict[str, int] = field(default_factory=dict)


async def check(op: Operation, name: str, *, progress: Callable[[int], None] | None = None) -> Checked:
    """Look at everything (NotFound); a draft in which nothing stops is checked afterwards, any other is a draft.

    A campaign that has begun is only looked at. `progress` gets the number of contacts seen so far.
    """
    await filling.fill_if_not_begun(op, name)
    findings = await _findings(op, name)
    totals = Totals()
    if not any(one.code == "FLOW" for one in findings):
        async for one in planning.forecasts(op, name, every_variable=True):
            totals.add(one)
            if progress and totals.contacts % planning.BATCH == 0:
                progress(totals.contacts)
    findings += _of_people(totals)
    clean = not any(one.stops for one in findings)
    return _checked(name, await _keep(op, name, clean=clean), clean, findings, totals)


async def must_be_able_to_start(op: Operation, name: str) -> None:
    """Refused when nobody could be called, saying why; quick, since the first one who could be is enough."""
    await filling.fill_if_not_begun(op, name)
    stops = [one for one in await _findings(op, name) if one.stops]
    if stops:
        raise Refused(" ".join(f"{one.words.rstrip('.')}." for one in stops))
    totals = Totals()
    async for one in planning.forecasts(op, name):
        totals.add(one)
        if totals.callable:
            return
    raise Refused(_nobody(totals).words)


def refuse(op: Operation) -> None:
    """Refused when nothing can be dialled at all: no account, or the carrier cannot call back."""
    settings = op.settings
    if not settings.can_dial:
        raise Refused(
            "No account at a carrier: set TOQUE_TWILIO_ACCOUNT_SID and TOQUE_TWILIO_AUTH_TOKEN"
            " (or try everything without one: toque demo)"
        )
    if settings.real_carrier and (is_loopback(settings.public_url) or not settings.public_url.startswith("https://")):
        raise Refused(
            "The carrier cannot call this server back: set TOQUE_PUBLIC_URL to the https address that reaches it"
        )


async def _findings(op: Operation, name: str) -> list[Finding]:
    """What holds for the campaign as a whole."""
    async with op.database.survey() as session:
        tenant = await campaigns.tenant(session)
        campaign = await campaigns.by_name(session, tenant.id, name)
        plan = Plan.model_validate(campaign.plan)
        flow, found = await _flow(session, op, campaign)
        found += _caller_name(op.settings.caller_name or tenant.name, flow)
        found += await _own_numbers(session, op, campaign, plan)
        if flow is not None:
            found += await _agents(session, campaign, plan, flow)
    try:
        refuse(op)
    except Refused as fault:
        found.append(Finding("ACCOUNT", str(fault)))
    return found


async def _flow(session: AsyncSession, op: Operation, campaign: Campaign) -> tuple[Flow | None, list[Finding]]:
    try:
        chosen = await pinning.in_force(session, op, campaign.tenant_id, campaign.flow)
    except FlowInvalid as fault:
        return None, [Finding("FLOW", f"The flow {campaign.flow} cannot be used. {fault}", stops=True)]
    flow = chosen.flow
    if flow.inbound:
        words = f"The flow {campaign.flow} answers calls of people to us: choose one that calls."
        return flow, [Finding("FLOW_INBOUND", words, stops=True)]
    faults: list[object] = [*flow_checking.check(flow)]
    if not faults:  # seconds of work, once for each revision: not in the way of calls
        places = tuple(one for one in chosen.places or () if one in op.packs.by_country)
        faults += (await asyncio.to_thread(proving.proof_of, flow, op.packs, places)).violations
    if not faults:
        return flow, []
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    first = str(faults[0]).rstrip(".")
    words = f"The flow {campaign.flow} is not sound: {first}{more}. See all: toque flow check {campaign.flow}"
    return flow, [Finding("FLOW_FAULTS", words, stops=True)]


def _caller_name(name: str, flow: Flow | None) -> list[Finding]:
    """Everybody who picks up hears it, and so does a machine (12 CFR 1006.2(j)(1)(i))."""
    languages = flow.languages if flow else ()
    betrayed = next((found for each in languages if (found := found_in(name, "gives_away", each))), None)
    if betrayed is None:
        return []
    words = f"The caller's name says {betrayed!r}, which gives a debt away: set TOQUE_CALLER_NAME to another."
    return [Finding("CALLER_NAME", words, stops=True)]


async def _own_numbers(session: AsyncSession, op: Operation, campaign: Campaign, plan: Plan) -> list[Finding]:
    own = await caller_ids.own_numbers(
        session,
        campaign.tenant_id,
        chosen=plan.caller_ids,
        configured=op.settings.caller_ids,
        today=today_at(op.settings.time_zone, op.clock.now()),
    )
    if any(one.status == "active" for one in own):
        return []
    words = "No number to show: set TOQUE_CALLER_IDS, add one (toque caller-id add +…), or give the campaign one."
    return [Finding("NO_CALLER_ID", words, stops=True)]


async def _agents(session: AsyncSession, campaign: Campaign, plan: Plan, flow: Flow) -> list[Finding]:
    """A flow that hands over to people needs some; without any, whoever asks hears that the team is closed."""
    skills = {node.skill for node in flow.nodes.values() if isinstance(node, Transfer)}
    rows = (await session.scalars(select(Agent).where(Agent.tenant_id == campaign.tenant_id))).all()
    mine = [one for one in rows if agents.fits(one.skills, campaign.skill, None)]
    if plan.pacing == "progressive" and not mine:
        words = (
            "Progressive pacing calls for free agents, and there is none for it: toque agent add NAME --via tel:+…"
        )
        return [Finding("NO_AGENTS", words)]
    if skills and not any(agents.fits(one.skills, skill, None) for one in rows for skill in skills):
        words = "Nobody takes calls of people who press 0 (they hear that the team is closed): toque agent add NAME …"
        return [Finding("NO_AGENTS", words)]
    return []


def _of_people(totals: Totals) -> list[Finding]:
    found = [
        Finding(
            "VARIABLE_MISSING",
            f"{count} {'person is' if count == 1 else 'people are'} held, because the flow needs {variable} and the"
            " list does not say it: load it with toque list update, or take a flow that does without.",
        )
        for variable, count in sorted(totals.missing.items())
    ]
    return found if totals.callable or totals.calls["in_call"] else [*found, _nobody(totals)]


def _nobody(totals: Totals) -> Finding:
    if not totals.contacts:
        words = "Nobody to call: the list holds no person for this campaign. Load people: toque import FILE …"
        return Finding("NOBODY", words, stops=True)
    rules = ", ".join(f"{rule}: {count}" for rule, count in totals.by_rule.most_common(5))
    words = f"Nobody to call among {totals.contacts}: {rules or 'all are done'}. See each: toque campaign plan NAME"
    return Finding("NOBODY", words, stops=True)


async def _keep(op: Operation, name: str, *, clean: bool) -> str:
    """Move a campaign that has not begun; its status afterwards."""
    now = op.clock.now()
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        campaign = await campaigns.by_name(session, tenant.id, name)
        moved = await session.execute(
            update(Campaign)
            .where(Campaign.id == campaign.id, Campaign.status.in_(OPEN))
            .values(status="checked" if clean else "draft", checked_at=now if clean else None)
            .returning(Campaign.status)
            .execution_options(synchronize_session=False)
        )
        status = moved.scalar_one_or_none()
        if status == "checked":
            detail: dict[str, Any] = {"campaign": name}
            kind = "campaign_checked"
            await interactions.add(session, tenant_id=tenant.id, at=now, kind=kind, actor="manager", detail=detail)
    return status or campaign.status


def _checked(name: str, status: str, clean: bool, findings: list[Finding], totals: Totals) -> Checked:
    return Checked(
        campaign=name,
        status=status,
        clean=clean,
        findings=tuple(findings),
        contacts=totals.contacts,
        now=totals.calls["now"],
        later=totals.calls["later"],
        held=totals.calls["held"],
        never=totals.calls["never"],
        first_at=totals.first_at,
        by_rule=dict(sorted(totals.by_rule.items())),
        reasons=totals.reasons,
        held_for=dict(sorted(totals.missing.items())),
        branches=dict(sorted(totals.absent.items())),
        ladder={rule: count for rule in LADDER_RULES if (count := totals.by_rule[rule])},
    )
