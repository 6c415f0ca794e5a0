"""A campaign's choices in words: the usual ones in a few lines, the rest by name."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from console.campaigns.choices import FIELDS, FLOWS
from console.catalogues import Texts
from dialer.flows import pinning
from dialer.flows.naming import is_own
from dialer.operation import Operation
from dialer.rules.phone_numbers import mask
from dialer.rules.plan import Plan
from dialer.store.models import Campaign
from ivr_flows.errors import FlowInvalid

USUAL = Plan()
VALUES = {
    "press1": "people press a key for an agent", "progressive": "one call for each free agent",
    "preview": "agents look first and call", "off": "off", "quick": "quick, while speaking already",
    "beep": "waits for the beep, while speaking already", "first": "before the first word",
    "once": "once per person", "all": "everybody on the list",
    "broken_promise": "only people who broke a promise",
}  # fmt: skip


async def chosen(session: AsyncSession, op: Operation, say: Texts, campaign: Campaign) -> list[tuple[str, str]]:
    """(what, the choice in words), the usual choices first; of the unusual ones only those that are not as usual."""
    plan = Plan.model_validate(campaign.plan)
    shown = ", ".join(mask(one) for one in plan.caller_ids) or say("all that are offered")
    found = [
        (say("Flow"), await _flow(session, op, say, campaign)),
        (say(FIELDS["hours"]), plan.hours or say("whenever the law allows")),
        (say(FIELDS["caller_ids"]), shown),
        (say(FIELDS["retry"]), say(plan.policy.says) if plan.policy.says else plan.retry),
        (say(FIELDS["pacing"]), _pacing(say, plan)),
        (say(FIELDS["order"]), say(plan.ordering.says)),
    ]
    if campaign.skill:
        found.append((say("Agents' skill"), campaign.skill))
    told = {"hours", "caller_ids", "retry", "pacing", "ratio", "order"}
    for name in FIELDS.keys() - told:
        value = getattr(plan, name)
        if value != getattr(USUAL, name):
            found.append((say(FIELDS[name]), _value(say, value)))
    return found


async def _flow(session: AsyncSession, op: Operation, say: Texts, campaign: Campaign) -> str:
    name = campaign.flow
    try:
        title = (await pinning.current(session, op, campaign.tenant_id, name)).title
    except FlowInvalid:
        return name
    if is_own(name):
        return f"{title} ({name})"
    return f"{title}. {say(FLOWS[name])}" if name in FLOWS else title


def _pacing(say: Texts, plan: Plan) -> str:
    words = say(VALUES[plan.pacing])
    if plan.pacing != "press1":
        return words
    return f"{words}; {say('{ratio} lines per agent', ratio=say.number(plan.ratio, 1))}"


def _value(say: Texts, value: object) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, str):
        return say(VALUES.get(value, value))
    return say.number(value) if isinstance(value, int | float) else str(value)
