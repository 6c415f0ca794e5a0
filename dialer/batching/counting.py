"""Calls of a batch counted in their meters, under the limits of their countries, in the batch's own transaction.

As `metering.reserve`, for many calls at once: exact, because the rows that are counted in keep all others out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from dialer import metering
from dialer.judging import Case
from dialer.operation import Operation
from dialer.rules.facts import Meters
from dialer.rules.meters import DropLimit
from dialer.store import intents
from dialer.store.driving import Bare
from dialer.store.meters import Counted, counted_for

Place = tuple[int, str]  # a campaign, and a country that it calls


async def reserve(
    bare: Bare, op: Operation, cases: Sequence[Case], *, today: date
) -> dict[Place, dict[str, Meters]] | None:
    """Count the intents; what the gate is told of each campaign and country then; None when there is no room for all.

    The last of them is asked about as if the others were begun: where it has room, they have.
    """
    calls: Counter[Counted] = Counter()
    places: Counter[Place] = Counter()
    for case in cases:
        assert case.number is not None, "the gate denies whoever has no number"
        place = (case.office.campaign.id, case.number.country)
        calls.update(counted_for(*place, case.shown.e164 if case.shown else None))
        places[place] += 1
    tenant_id = cases[0].person.tenant_id
    await intents.count(bare, tenant_id, today, calls)
    told = {}
    for place, begun in places.items():
        if (found := await _told(bare, op, tenant_id, place, begun)) is None:
            return None
        told[place] = found
    return told


async def _told(bare: Bare, op: Operation, tenant_id: int, place: Place, begun: int) -> dict[str, Meters] | None:
    campaign_id, country = place
    limits = metering.limits_of(op, country)
    if not limits:
        return {}
    whose, since = counted_for(campaign_id, country, None), metering.days_of(limits, metering.today(op))
    under_way = {}
    if any(isinstance(limit, DropLimit) for limit in limits):
        before = await intents.under_way(bare, tenant_id, campaign_id)
        under_way[campaign_id] = before and before + begun - 1
    seen = metering.Seen(await intents.sums(bare, tenant_id, whose, since), under_way, metering.today(op))
    if any(one.rests for one in seen.read(op, campaign_id, limits, begun=1)):
        return None
    return {country: seen.told(op, campaign_id, country, begun=1)}
