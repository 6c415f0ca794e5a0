"""One contact, everything that decides about it, and the gate's word for an instant. Asks only; commits nothing.

Placing asks inside its intent transaction, the dry run asks for many at once: both by the same words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import metering
from dialer.callers import Asked, callers
from dialer.errors import Refused
from dialer.flows import pinning
from dialer.operation import Operation
from dialer.rules import ladder, showing
from dialer.rules.facts import NO_METERS, CampaignBar, Meters, Mode, Place, Proposed, Reassigned
from dialer.rules.gate import Decision, Deny, decide
from dialer.rules.ladder import Rung
from dialer.rules.plan import Plan
from dialer.rules.showing import OwnNumber
from dialer.store import caller_ids, records
from dialer.store.models import Campaign, Contact, Number, Person
from dialer.store.records import Record
from ivr_flows.nodes import Flow
from ivr_flows.turn import Caller

WISH_HOLDS = timedelta(hours=12)  # of a call-back that was asked for
BLOCKED_FOR_GOOD = frozenset(
    {
        "OPT_OUT",
        "US_REGF_MEDIUM_OPTOUT",
        "DECEASED",
        "WITHDRAWN",
        "NO_PACK",
        "PLACE_UNKNOWN",
        "NOTHING_DUE",
        "CEASE",
        "US_REGF_CEASE",
        "LAWYER",
        "US_REGF_ATTORNEY",
        "INSOLVENCY",
        "US_BANKRUPTCY",
        "CAMPAIGN_TOTAL",
        "LADDER_BEHIND",
        "LADDER_TOO_LATE",
        "NO_NUMBER",
    }
)
# What `callers` know of everybody who has an open debt: a flow that needs nothing else lacks nothing.
EVERYBODYS = frozenset(
    {
        "caller_name",
        "country",
        "agents_open",
        "has_mobile",
        "first_name",
        "full_name",
        "creditor_name",
        "amount_total",
        "debt_count",
    }
)


@dataclass(frozen=True, slots=True)
class Office:
    """What is the same for all contacts of a campaign: its plan and flow, the numbers to show, today's meters.

    `proven` are the countries that an own flow is proven for (None: no such question).
    """

    campaign: Campaign
    plan: Plan
    flow: Flow
    own: tuple[OwnNumber, ...]
    meters: Mapping[str, Meters] = field(default_factory=dict)
    proven: tuple[str, ...] | None = None

    @property
    def needed(self) -> frozenset[str]:
        """Variables without which the flow cannot speak, and that not everybody has."""
        return needed_by(self.flow) - EVERYBODYS


@dataclass(frozen=True, slots=True)
class Case:
    """One contact with its record. `missing` are variables that the flow needs and nobody supplied.

    `absent` are those that it can do without; known only when every variable was asked for.
    """

    office: Office
    contact: Contact
    record: Record
    number: Number | None
    shown: OwnNumber | None
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def person(self) -> Person:
        """Whom it is about."""
        return self.record.person


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's word at one instant, the debts that the call would be about, and what was proposed.

    Nothing is proposed where there is no number to call.
    """

    decision: Decision
    debts: tuple[str, ...]
    proposed: Proposed | None = None


def is_for_good(denial: Deny) -> bool:
    """Whether a denial ends the contact: nothing in the campaign's life will lift it."""
    return denial.until is None and denial.rule in BLOCKED_FOR_GOOD


def needed_by(flow: Flow) -> frozenset[str]:
    """The variables that the flow cannot do without and that the host supplies."""
    return frozenset(
        name for name, variable in flow.variables.items() if not (variable.optional or variable.from_call)
    )


async def office(session: AsyncSession, op: Operation, campaign: Campaign) -> Office:
    """What holds for every contact of the campaign, as committed now. FlowInvalid: its flow cannot be used."""
    plan = Plan.model_validate(campaign.plan)
    own = await caller_ids.own_numbers(
        session,
        campaign.tenant_id,
        chosen=plan.caller_ids,
        configured=op.settings.caller_ids,
        today=showing.today_at(op.settings.time_zone, op.clock.now()),
    )
    chosen = await pinning.in_force(session, op, campaign.tenant_id, campaign.flow)
    told = await metering.told(session, op, campaign)
    return Office(campaign, plan, chosen.flow, own, told, proven=chosen.places)


async def cases(
    session: AsyncSession,
    op: Operation,
    at_office: Office,
    contacts: Sequence[Contact],
    *,
    every_variable: bool = False,
) -> list[Case]:
    """The cases of these contacts, in their order."""
    found = await records.read(session, [contact.person_id for contact in contacts])
    now = op.clock.now()
    made = [_case(at_office, contact, found[contact.person_id], now) for contact in contacts]
    if not at_office.needed and not every_variable:
        return made
    return await _looked_over(session, op, at_office, made)


def judge(
    op: Operation, case: Case, at: datetime, *, mode: Mode = "prerecorded", asked_for: bool = False
) -> Judgement:
    """Whether the contact may be called at this instant, in this way, and about which debts.

    `asked_for`: the person waits for a call by an agent; a wish on the contact itself counts without it.
    """
    debts, bars = _debts_and_bars(op, case, at)
    if case.number is None:
        return Judgement(Deny("NO_NUMBER", "no usable number of the person is left", "house rule"), debts)
    plan = case.office.plan
    proposed = Proposed(
        at=at,
        person=str(case.person.id),
        number=case.number.e164,
        country=case.number.country,
        mode=mode,
        debts=debts or tuple(str(debt.id) for debt in case.record.debts),
        ring_seconds=plan.ring_seconds,
        delay_seconds=math.ceil(op.carrier.longest_create),
        line_type=case.number.line_type,
        place=cast("Place | None", case.number.place),
        reassigned=cast("Reassigned | None", case.number.reassigned),
        asked_for=asked_for or _asked_for(case, at),
        campaign=str(case.office.campaign.id),
        limits=plan.limits(bars),
        meters=case.office.meters.get(case.number.country, NO_METERS) if _same_day(op, at) else NO_METERS,
    )
    return Judgement(decide(case.record.facts, proposed, op.packs, at), debts, proposed)


def at_number(case: Case, e164: str) -> Case:
    """The same case on that number; Refused when it is no usable number of the person."""
    number = next((one for one in case.record.numbers if one.e164 == e164), None)
    if number is None:
        raise Refused("That is no usable number of this person. Leave --number out, or give one that is on record")
    return replace(case, number=number, shown=_shown(case.office, case.record, number))


def _case(at_office: Office, contact: Contact, record: Record, now: datetime) -> Case:
    numbers = _to_be_called(record, now)
    number = next((one for one in numbers if one.id == contact.number_id), numbers[0] if numbers else None)
    shown = None if number is None else _shown(at_office, record, number)
    return Case(at_office, contact, record, number, shown)


def _shown(at_office: Office, record: Record, number: Number) -> OwnNumber | None:
    return showing.choose(
        at_office.own, shown_before=record.shown_before, seed=record.person.id, country=number.country
    )


def _to_be_called(record: Record, now: datetime) -> tuple[Number, ...]:
    """The person's numbers without those that are to be left alone; all, when each is: the gate then says why."""
    barred = {
        bar.number
        for bar in record.facts.suppressions
        if bar.channel in (None, "phone") and bar.holds(now) and not bar.debts
    }
    return tuple(one for one in record.numbers if one.e164 not in barred) or record.numbers


async def _looked_over(session: AsyncSession, op: Operation, at_office: Office, made: list[Case]) -> list[Case]:
    """The same cases, with what the flow would like to know and nobody said."""
    asked = [
        (at, Asked(case.person, case.number, _from(case)))
        for at, case in enumerate(made)
        if case.number is not None and case.record.debts
    ]
    known = await callers(session, op, [one for _, one in asked], skill=at_office.campaign.skill)
    looked_over = list(made)
    for (at, _), who in zip(asked, known, strict=True):
        looked_over[at] = _with_what_lacks(made[at], who)
    return looked_over


def _with_what_lacks(case: Case, known: Caller) -> Case:
    without = {name for name in case.office.flow.variables if known.values.get(name) is None}
    needed = needed_by(case.office.flow)
    wanted = {
        name
        for name, variable in case.office.flow.variables.items()
        if not variable.from_call and variable.type != "flag"
    }
    return replace(case, missing=tuple(sorted(without & needed)), absent=tuple(sorted((without & wanted) - needed)))


def _from(case: Case) -> str:
    return case.shown.e164 if case.shown else ""


def _debts_and_bars(op: Operation, case: Case, at: datetime) -> tuple[tuple[str, ...], tuple[CampaignBar, ...]]:
    bars: list[CampaignBar] = []
    barred = _barred_debts(case, at)
    about = [debt for debt in case.record.debts if str(debt.id) not in barred] or case.record.debts
    rungs = [Rung(str(debt.id), debt.due_on, debt.step) for debt in about]
    zones = [zone.name for zone in case.record.facts.zones]
    fitting = ladder.fitting(case.office.flow.ladder, rungs, zones=zones, at=at)
    if isinstance(fitting, CampaignBar):
        bars.append(fitting)
        fitting = ()
    if case.missing:
        names = ", ".join(case.missing)
        bars.append(CampaignBar("VARIABLE_MISSING", f"the flow needs {names}, and the list does not say"))
    proven, country = case.office.proven, case.number.country if case.number else None
    if proven is not None and country not in (None, *proven):
        words = f"the flow is proven for {', '.join(proven)} and not for {country}: publish it for there too"
        bars.append(CampaignBar("FLOW_NOT_PROVEN", words))
    full = showing.bar_of(case.shown, place=op.settings.time_zone, at=at)
    # what is used of a later day is not known yet: its room is asked for then
    if full is not None and (full.until is None or _same_day(op, at)):
        bars.append(full)
    return fitting, tuple(bars)


def _barred_debts(case: Case, at: datetime) -> set[str]:
    """Debts that this call must leave out: a bar for one creditor's debts leaves the others to be talked about."""
    here = (None, case.number.e164 if case.number else None)
    return {
        debt
        for bar in case.record.facts.suppressions
        if bar.debts and bar.number in here and bar.channel in (None, "phone") and bar.holds(at)
        for debt in bar.debts
    }


def _same_day(op: Operation, at: datetime) -> bool:
    place = op.settings.time_zone
    return showing.today_at(place, at) <= showing.today_at(place, op.clock.now())


def _asked_for(case: Case, at: datetime) -> bool:
    """Whether the last call ended with a wish to be called at about this time."""
    wished = case.contact.wished_at
    return wished is not None and wished <= at < wished + WISH_HOLDS
