"""Calls of a batch counted in their meters, under the limits of their countries, in the batch's own transaction.

As `metering.reserve`, for many calls at once: exact, because the rows that are counted in keep all others out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dialer import metering
from dialer.judging import Case
from dialer.operation import Operation
from dialer.rules.meters import DropLimit, Limit
from dialer.store import intents
from dialer.store.driving.driver import Bare
from dialer.store.meters import counted_for

Place = tuple[int, str]  # a campaign, and a country that it calls


def _place(case: Case) -> Place:
    assert case.number is not None, "the gate denies whoever has no number"
    return case.office.campaign.id, case.number.country


async def told(bare: Bare, op: Operation, cases: Sequence[Case]) -> list[Case]:
    """The same cases, with what the gate is told of campaign and country as committed now."""
    found = {}
    for campaign_id, country in dict.fromkeys(map(_place, cases)):
        limits = metering.limits_of(op, country)
        seen = await _see(bare, op, cases[0].person.tenant_id, (campaign_id, country), limits) if limits else None
        meters = {country: seen.told(op, campaign_id, country)} if seen else {}
        found[campaign_id, country] = meters
    return [replace(case, office=replace(case.office, meters=found[_place(case)])) for case in cases]


async def reserve(bare: Bare, op: Operation, cases: Sequence[Case], *, today: date) -> bool:
    """Count the intents; False: there is no room for all of them before a limit.

    The last of them is asked about as if the others were begun: where it has room, they have. From here to the end of
    the transaction all others wait who count there, so this comes late.
    """
    tenant_id = cases[0].person.tenant_id
    calls = Counter(
        one for case in cases for one in counted_for(*_place(case), case.shown.e164 if case.shown else None)
    )
    await intents.count(bare, tenant_id, today, calls)
    for campaign_id, country in dict.fromkeys(map(_place, cases)):
        if limits := metering.limits_of(op, country):
            seen = await _see(bare, op, tenant_id, (campaign_id, country), limits, begun=1)
            if any(one.rests for one in seen.read(op, campaign_id, limits, begun=1)):
                return False
    return True


async def _see(
    bare: Bare, op: Operation, tenant_id: int, place: Place, limits: Sequence[Limit], *, begun: int = 0
) -> metering.Seen:
    """As `metering`: calls under way before the sums, so that one which ends between is seen twice.

    `begun` of those under way are what is asked about.
    """
    campaign_id, country = place
    dropping = any(isinstance(limit, DropLimit) for limit in limits)
    others = max(0, await intents.under_way(bare, tenant_id, campaign_id) - begun) if dropping else 0
    whose, since = counted_for(campaign_id, country, None), metering.days_of(limits, metering.today(op))
    return metering.Seen(await intents.sums(bare, tenant_id, whose, since), {campaign_id: others}, metering.today(op))
