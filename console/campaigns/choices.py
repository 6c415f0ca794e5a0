"""What may be chosen for a campaign, and what a sent form chooses. The bounds are those of `Plan`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from console.campaigns.finding import lists_seen_by
from console.catalogues import Texts
from console.guard import Visitor
from console.ids import row_id
from dialer.campaigns.drafting import Draft
from dialer.errors import BadInput
from dialer.flows import pinning
from dialer.operation import Operation
from dialer.rules.plan import Plan
from dialer.rules.ranking import orderings
from dialer.rules.retry import policies
from dialer.rules.showing import today_at
from dialer.store import caller_ids, flow_versions
from dialer.store.models import Agent, ContactList, Creditor, ListMember
from ivr_flows.errors import FlowInvalid
from ivr_flows.loading import library
from ivr_flows.nodes import Flow, Ladder

FLOWS = {  # what the flows that come with the product do, in a line
    "lembrete": "A reminder: a short call that settles one matter, or hands it to a person.",
    "pre-vencimento": "A friendly word before the due date.",
    "recado": "A message that anybody may hear, for a person or a machine.",
    "segunda-tentativa": "A second try, for those who did not pay after the reminder.",
    "torpedo": "A short spoken message; a key leads to a person.",
    "ultimo-aviso": "The last notice before the debt goes further.",
}
FIELDS = {  # of Plan -> what the screen calls it
    "hours": "Hours", "caller_ids": "Numbers to show", "retry": "Tries", "pacing": "How it dials",
    "ratio": "Lines per agent", "order": "Whom to call first", "only": "Who is called",
    "message_only": "Only leave the message", "detect": "Machine detection", "voicemail": "Message on a machine",
    "ring_seconds": "Rings for (seconds)", "weight": "Share beside other campaigns",
    "person_gap_minutes": "Least time between two tries (minutes)", "attempts_per_day": "Tries a day",
    "attempts_per_week": "Tries a week", "attempts_total": "Tries in all", "wrapup_seconds": "After a call (seconds)",
}  # fmt: skip
NUMBERS = (
    "ratio", "weight", "ring_seconds", "person_gap_minutes", "attempts_per_day", "attempts_per_week",
    "attempts_total", "wrapup_seconds",
)  # fmt: skip
WORDS = ("hours", "retry", "pacing", "order", "only", "detect", "voicemail")


@dataclass(frozen=True, slots=True)
class ListChoice:
    """A list that may be called."""

    id: int
    name: str
    creditor: str
    people: int


@dataclass(frozen=True, slots=True)
class FlowChoice:
    """A flow that calls, what it does in a line, and for which debts it is."""

    name: str
    title: str
    line: str
    fits: str


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that can be chosen from."""

    lists: tuple[ListChoice, ...]
    flows: tuple[FlowChoice, ...]
    numbers: tuple[str, ...]
    skills: tuple[str, ...]
    retries: tuple[tuple[str, str], ...]
    orders: tuple[tuple[str, str], ...]


async def options(session: AsyncSession, op: Operation, visitor: Visitor) -> Options:
    """What this visitor may choose from."""
    today = today_at(op.settings.time_zone, op.clock.now())
    own = await caller_ids.own_numbers(
        session, visitor.tenant_id, chosen=(), configured=op.settings.caller_ids, today=today
    )
    skills = await session.scalars(select(Agent.skills).where(Agent.tenant_id == visitor.tenant_id))
    say = visitor.say
    return Options(
        lists=await _lists(session, visitor),
        flows=(*_flows(op, say), *await _own_flows(session, op, visitor)),
        numbers=tuple(one.e164 for one in own if one.status != "retired"),
        skills=tuple(sorted({str(one) for row in skills for one in row if "-" not in str(one)})),
        retries=tuple((name, say(one.says) if one.says else name) for name, one in policies().items()),
        orders=tuple((name, say(one.says)) for name, one in orderings().items()),
    )


async def _lists(session: AsyncSession, visitor: Visitor) -> tuple[ListChoice, ...]:
    counted = select(ListMember.list_id, func.count().label("people")).group_by(ListMember.list_id).subquery()
    rows = await session.execute(
        select(ContactList.id, ContactList.name, Creditor.name, counted.c.people)
        .join(Creditor, Creditor.id == ContactList.creditor_id)
        .join(counted, counted.c.list_id == ContactList.id)
        .where(lists_seen_by(visitor))
        .order_by(ContactList.id.desc())
    )
    return tuple(ListChoice(*row) for row in rows.all())


def _flows(op: Operation, say: Texts) -> list[FlowChoice]:
    found = []
    for name in library():
        try:
            flow = op.flow(name)
        except FlowInvalid:
            continue  # the page of flows says what is wrong with it
        if not flow.inbound:
            found.append(flow_choice(say, flow))
    return sorted(found, key=lambda one: (one.name != "lembrete", one.title))


async def _own_flows(session: AsyncSession, op: Operation, visitor: Visitor) -> list[FlowChoice]:
    """Those of the company that are in force and can be used."""
    found = []
    for one in await flow_versions.newest_of_all(session, visitor.tenant_id):
        try:
            flow = await pinning.current(session, op, visitor.tenant_id, one.name)
        except FlowInvalid:
            continue  # a draft, or broken: its own page says so
        if not flow.inbound:
            found.append(
                replace(flow_choice(visitor.say, flow), line=visitor.say("Your own flow: {name}", name=one.name))
            )
    return found


def flow_choice(say: Texts, flow: Flow) -> FlowChoice:
    """A flow as it is offered."""
    line = say(FLOWS[flow.name]) if flow.name in FLOWS else ""
    return FlowChoice(flow.name, flow.title, line, ladder_words(say, flow.ladder))


def ladder_words(say: Texts, ladder: Ladder | None) -> str:
    """For which debts the flow is."""
    if ladder is None:
        return say("Fits any debt")
    if ladder.to_day is not None and ladder.from_day < 0:
        words = "Step {step}: from {days} days before the due date"
        return say(words, step=ladder.step, days=-ladder.from_day)
    return say.n(
        "Step {step}: from {count} day past due", "Step {step}: from {count} days past due", ladder.from_day,
        step=ladder.step,
    )  # fmt: skip


def plan_of(form: FormData, before: Mapping[str, Any] | None = None) -> Plan:
    """The plan that a form chooses; fields that it does not have stay as before. BadInput says what cannot be."""
    given: dict[str, Any] = dict(before or {})
    given |= {name: str(form[name]).strip() for name in WORDS if name in form}
    for name in NUMBERS:
        if name in form:
            text = str(form[name]).strip().replace(",", ".")
            given[name] = text or None
            if not text and name != "person_gap_minutes":
                del given[name]  # an empty field: the usual
    if "plan" in form:  # boxes that are not ticked are not sent
        given["caller_ids"] = tuple(str(one) for one in form.getlist("caller_ids"))
        given["message_only"] = "message_only" in form
    try:
        return Plan.model_validate(given)
    except ValidationError as fault:
        told = (
            f"{FIELDS.get(str(one['loc'][0]), one['loc'][0])}: {str(one['msg']).removeprefix('Value error, ')}"
            for one in fault.errors()
        )
        raise BadInput("; ".join(told)) from None


def draft_of(form: FormData, before: Mapping[str, Any] | None = None) -> Draft:
    """The draft that a form chooses. BadInput says what cannot be."""
    chosen = str(form.get("list_id", ""))
    if (source := row_id(chosen)) is None:
        raise BadInput("Choose the list of people to call")
    flow, skill = str(form.get("flow", "")), str(form.get("skill", "")).strip()
    return Draft(str(form.get("name", "")), source, flow, plan_of(form, before), skill)
