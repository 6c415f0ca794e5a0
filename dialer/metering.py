"""Acts on meters: a call is counted when it is intended and when it is over; limits are read, and braked for.

Counting happens in the transaction of what is counted. Limits stand in the packs, brakes in `rules/meters.yaml`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.results.counting import LEGAL_WAIT
from dialer.rules.checks.counting import GUARANTEED
from dialer.rules.disposition import REACHED_PERSON, Disposition
from dialer.rules.facts import CampaignBar, Meters
from dialer.rules.meters import (
    Brake,
    Counts,
    DropLimit,
    Limit,
    Over,
    Reading,
    ShortLimit,
    VolumeLimit,
    first_day,
    hardest,
    limits_in,
    metered_as,
    read_limit,
    short_seconds,
)
from dialer.rules.showing import today_at
from dialer.store import agents, meters
from dialer.store.meters import Counted, counted_for
from dialer.store.models import Attempt, Campaign

LATELY = timedelta(days=30)  # a campaign is under the limits of the countries that it has called since
MACHINES = (Disposition.MACHINE, Disposition.FAX, Disposition.VOICEMAIL_LEFT, Disposition.ANNOUNCEMENT)


async def reserve(session: AsyncSession, op: Operation, attempt: Attempt, country: str) -> CampaignBar | None:
    """Count the intent of a call to a country; if that would come too near a limit, count nothing and say why.

    The rows that are counted in keep all other workers out until the transaction ends, so that no two of them take
    the last room.
    """
    today = today_at(op.settings.time_zone, attempt.intent_at)
    whose = counted_for(attempt.campaign_id, country, attempt.from_number)
    await meters.add(session, attempt.tenant_id, today, {(one, "calls"): 1 for one in whose})
    sure = attempt.mode in GUARANTEED  # nobody who answers such a call can be left without an agent
    limits = [one for one in limits_of(op, country) if not (sure and isinstance(one, DropLimit))]
    if not limits:
        return None
    seen = await _see(session, op, attempt.tenant_id, [(attempt.campaign_id, country)])
    full = next((one for one in seen.read(op, attempt.campaign_id, limits, begun=1) if one.rests), None)
    if full is None:
        return None
    await take_back(session, op, attempt, country)
    return CampaignBar(full.limit.rule.code, f"{full.words} ({full.limit.rule.citation})"[:300], full.until)


async def take_back(session: AsyncSession, op: Operation, attempt: Attempt, country: str) -> None:
    """An intent that was counted in this transaction is not made after all."""
    today = today_at(op.settings.time_zone, attempt.intent_at)
    whose = counted_for(attempt.campaign_id, country, attempt.from_number)
    await meters.add(session, attempt.tenant_id, today, {(one, "calls"): -1 for one in whose})


async def settle(session: AsyncSession, op: Operation, attempt: Attempt) -> None:
    """Count a call out that is over as what it was; later news of it changes what it counts as."""
    if attempt.direction != "out" or attempt.closed_at is None:
        return
    country = await meters.country_called(session, attempt)
    names = counts_as(op, attempt, country, await meters.waits(session, attempt.id))
    before = frozenset((attempt.metered or "").split())
    if attempt.metered is not None and names == before:
        return
    if not await meters.restate(session, attempt, names):
        return  # whoever was first has heard the same news: this transaction holds the call
    changed = {name: 1 for name in names - before} | {name: -1 for name in before - names}
    day = today_at(op.settings.time_zone, attempt.intent_at)
    whose = counted_for(attempt.campaign_id, country, attempt.from_number)
    amounts = {(one, name): by for one in whose for name, by in changed.items()}
    await meters.add(session, attempt.tenant_id, day, amounts)


def counts_as(
    op: Operation, attempt: Attempt, country: str, waits: Sequence[tuple[datetime, datetime | None]]
) -> frozenset[str]:
    """The meters that count a call to a country which is over.

    `waits`: when its person asked for an agent, and when one came.
    """
    answered = attempt.answered_at is not None or attempt.carrier_status == "completed"
    reached = attempt.disposition is not None and Disposition(attempt.disposition) in REACHED_PERSON
    due = attempt.answered_at or attempt.intent_at  # an agent who calls by hand is there before anybody answers
    met = reached or attempt.key_pressed or attempt.answered_by == "human"
    over = Over(
        answered=answered,
        met_person=met,
        machine=not met and (attempt.answered_by in ("machine", "fax") or attempt.disposition in MACHINES),
        seconds=_seconds(attempt),
        unmet=any(there is None or there - max(asked, due) > LEGAL_WAIT for asked, there in waits),
    )
    return metered_as(over, short_seconds=short_seconds(op.packs.find(country)))


async def readings(
    session: AsyncSession, op: Operation, campaigns: Sequence[Campaign]
) -> dict[int, dict[str, list[Reading]]]:
    """How the limits stand that these campaigns (of one company) are under: by campaign, and country called lately.

    A campaign that has called nobody yet is under none.
    """
    if not campaigns:
        return {}
    pairs = [(campaign.id, country) for campaign in campaigns for country in op.packs.by_country]
    seen = await _see(session, op, campaigns[0].tenant_id, pairs)
    limits = {country: limits_of(op, country) for country in op.packs.by_country}
    return {
        campaign.id: {one: seen.read(op, campaign.id, limits[one]) for one in seen.called(campaign.id)}
        for campaign in campaigns
    }


async def brakes(session: AsyncSession, op: Operation, campaigns: Sequence[Campaign]) -> dict[int, Brake]:
    """What limits leave of the calls of each of these campaigns (of one company); one without limits is absent.

    A campaign that calls several countries has what the freest of them leaves: people of one that rests are put back
    one by one.
    """
    found: dict[int, Brake] = {}
    for campaign_id, by_country in (await readings(session, op, campaigns)).items():
        left = [hardest(limits) for limits in by_country.values()]
        braking = [one for one in left if one is not None]
        if braking and len(braking) == len(left):
            found[campaign_id] = max(braking, key=lambda one: (one.pace, one.room))
    return found


async def told(session: AsyncSession, op: Operation, campaign: Campaign) -> dict[str, Meters]:
    """What the gate is told of the campaign and of us, by country: rates only once they are worth judging."""
    pairs = [(campaign.id, country) for country in op.packs.by_country if limits_of(op, country)]
    if not pairs:
        return {}
    seen = await _see(session, op, campaign.tenant_id, pairs, calls=False)
    return {country: seen.told(op, campaign.id, country) for _, country in pairs}


def in_words(reading: Reading) -> str:
    """What a limit makes of dialling now, and when that is next looked at."""
    until = reading.until.isoformat(timespec="minutes")
    if reading.rests:
        return f"rests before a limit, {reading.words}; looked at again at {until}"
    if reading.pace < 1.0:
        rest = f"rests at {reading.limit.brakes.rest_at:.0%} of it"
        return f"slower before a limit, {reading.pace:.0%} of the usual calls: {reading.words}; {rest}"
    return f"free: {reading.words}; slower from {reading.limit.brakes.slow_from:.0%} on"


@dataclass(frozen=True, slots=True)
class Seen:
    """Sums of meters since certain days, and how many calls of each campaign may yet turn out to be drops."""

    sums: Mapping[tuple[Counted, str, date], int]
    under_way: Mapping[int, int]
    today: date

    def called(self, campaign_id: int) -> list[str]:
        """The countries that the campaign has called lately."""
        mine, since = f"{campaign_id}:", self.today - LATELY
        return sorted(
            whose.of.removeprefix(mine)
            for (whose, name, day), count in self.sums.items()
            if whose.scope == "campaign" and whose.of.startswith(mine) and (name, day) == ("calls", since) and count
        )

    def read(self, op: Operation, campaign_id: int, limits: Sequence[Limit], *, begun: int = 0) -> list[Reading]:
        """These limits for a campaign. `begun` calls are counted already, and are what is being asked about."""
        now, place = op.clock.now(), op.settings.time_zone
        counts = (self._counts(campaign_id, limit, begun) for limit in limits)
        return [read_limit(limit, one, place=place, at=now) for limit, one in zip(limits, counts, strict=True)]

    def told(self, op: Operation, campaign_id: int, country: str) -> Meters:
        """The same in the words of the gate."""
        found = Meters(authenticated=op.settings.origin_verified)
        for limit in limits_of(op, country):
            counts = self._counts(campaign_id, limit, 0)
            match limit:
                case DropLimit():
                    found = _with_drops(found, limit, counts)
                case ShortLimit() if counts.calls >= limit.calls * limit.brakes.slow_from:
                    short, seconds = counts.calls - counts.long_calls, short_seconds(op.packs.find(country))
                    found = replace(
                        found, calls_today=counts.calls, short_calls_today=short, short_def_seconds=seconds
                    )
                case VolumeLimit():
                    found = replace(found, calls_month=counts.calls)
                case _:
                    pass
        return found

    def _counts(self, campaign_id: int, limit: Limit, begun: int) -> Counts:
        whose = _whose(campaign_id, limit)
        since = first_day(limit, self.today)
        calls, long_calls, live, drops = (
            self.sums.get((whose, name, since), 0) for name in ("calls", "long_calls", "live_answers", "legal_drops")
        )
        return Counts(calls - begun, long_calls, live, drops, self.under_way.get(campaign_id, 0))


async def _see(
    session: AsyncSession, op: Operation, tenant_id: int, pairs: Collection[tuple[int, str]], *, calls: bool = True
) -> Seen:
    """What the meters say of campaigns and countries; `calls`: also how many calls are under way."""
    whose = {one for campaign, country in pairs for one in counted_for(campaign, country, None)}
    limits = [limit for country in {country for _, country in pairs} for limit in limits_of(op, country)]
    since = days_of(limits, today(op)) | {today(op) - LATELY}
    dropping = {limit.country for limit in limits if isinstance(limit, DropLimit)}
    risky = {campaign for campaign, country in pairs if country in dropping}
    staffed = calls and risky and await agents.any_known(session, tenant_id)  # without agents nobody is due to one
    # before the sums: a call that ends between the two looks is seen twice rather than not at all
    under_way = await meters.under_way(session, risky) if staffed else {}
    return Seen(await meters.sums(session, tenant_id, whose, since), under_way, today(op))


def today(op: Operation) -> date:
    """The day at our own place, by which meters count."""
    return today_at(op.settings.time_zone, op.clock.now())


def days_of(limits: Iterable[Limit], on: date) -> set[date]:
    """The first days of what these limits look at."""
    return {first_day(limit, on) for limit in limits}


def limits_of(op: Operation, country: str) -> tuple[Limit, ...]:
    """The limits that calls to a country are under today."""
    return limits_in(op.packs.find(country), today(op), verified=op.settings.origin_verified)


def _whose(campaign_id: int, limit: Limit) -> Counted:
    if limit.scope == "tenant":
        return Counted("tenant", limit.country)
    return Counted("campaign", f"{campaign_id}:{limit.country}")


def _with_drops(found: Meters, limit: DropLimit, counts: Counts) -> Meters:
    if counts.live_answers < limit.brakes.judged_from:
        return found
    if limit.days == 1:
        return replace(found, live_answers_24h=counts.live_answers, abandoned_24h=counts.legal_drops)
    return replace(found, live_answers_30d=counts.live_answers, abandoned_30d=counts.legal_drops)


def _seconds(attempt: Attempt) -> float | None:
    """From the answer to the end, as the carrier says, or as we have heard."""
    if attempt.seconds is not None:
        return float(attempt.seconds)
    if attempt.answered_at is None or attempt.ended_at is None:
        return None
    return (attempt.ended_at - attempt.answered_at).total_seconds()
