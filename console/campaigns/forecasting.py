"""The living forecast of a draft: how many would be called, who would not and why, when, and for how much."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from babel.numbers import get_currency_precision
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.campaigns.finding import seen_by
from console.campaigns.rules import Held, held_back
from console.guard import Visitor
from dialer.campaigns.checking import LADDER_RULES
from dialer.campaigns.sampling import Outlook, outlook
from dialer.operation import Operation
from dialer.store.models import Attempt, Campaign
from ivr_flows.errors import FlowInvalid

LATELY = timedelta(days=30)
PRICED_FROM = 20  # calls; fewer tell nothing of what the next ones cost


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the forecast shows. Counts are of everybody on the list, reckoned up where a sample was looked at.

    `cost`: in words, of calling everybody once at the prices of the last month; empty when they are not known.
    `fault`: why nothing can be foreseen.
    """

    campaign: int
    people: int = 0
    looked: int = 0
    called: int = 0
    now: int = 0
    later: int = 0
    blocked: tuple[Held, ...] = ()
    waits: tuple[Held, ...] = ()
    ladder: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    done_by: datetime | None = None
    cost: str = ""
    fault: str = ""

    @property
    def sampled(self) -> bool:
        """Whether only a part was looked at."""
        return self.looked < self.people


async def ahead(op: Operation, visitor: Visitor, campaign: Campaign, *, whole: bool = False) -> Ahead:
    """What would become of the campaign's people as things are."""
    try:
        seen = await outlook(op, campaign, whole=whole)
    except FlowInvalid as fault:
        return Ahead(campaign.id, fault=str(fault))
    called = seen.scaled(seen.totals.callable)
    async with op.database.read() as session:
        price = await _price(session, visitor, op.clock.now() - LATELY)
    return Ahead(
        campaign=campaign.id,
        people=seen.people,
        looked=seen.looked,
        called=called,
        now=seen.scaled(seen.totals.calls["now"]),
        later=called - seen.scaled(seen.totals.calls["now"]),
        blocked=_held(op, visitor, seen, seen.blocked),
        waits=_held(op, visitor, seen, seen.later),
        ladder=seen.scaled(sum(seen.totals.by_rule[one] for one in LADDER_RULES)),
        first_at=seen.first_at,
        last_at=seen.last_at,
        done_by=seen.done_by,
        cost=_in_money(visitor, price, called),
    )


def _held(op: Operation, visitor: Visitor, seen: Outlook, by_rule: Counter[str]) -> tuple[Held, ...]:
    counts = {rule: seen.scaled(count) for rule, count in by_rule.items()}
    return tuple(held_back(visitor.say, op.packs, counts, seen.totals.reasons))


async def _price(session: AsyncSession, visitor: Visitor, since: datetime) -> tuple[str, Decimal] | None:
    """(currency, mean price of a call) of the campaigns that the visitor may see; the currency with most calls."""
    count = func.count(Attempt.price_micros)
    mine = select(Campaign.id).where(seen_by(visitor))
    row = (
        await session.execute(
            select(Attempt.price_currency, count, func.sum(Attempt.price_micros))
            .where(Attempt.campaign_id.in_(mine), Attempt.intent_at > since, Attempt.price_micros.is_not(None))
            .group_by(Attempt.price_currency)
            .order_by(count.desc())
            .limit(1)
        )
    ).first()
    if row is None or row[0] is None or int(row[1]) < PRICED_FROM:
        return None
    return str(row[0]), Decimal(int(row[2] or 0)) / int(row[1]) / 1_000_000


def _in_money(visitor: Visitor, price: tuple[str, Decimal] | None, calls: int) -> str:
    if price is None:
        return ""
    currency, each = price
    return visitor.say.money(round((each * calls).scaleb(get_currency_precision(currency))), currency)
