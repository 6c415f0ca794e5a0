"""Acts that report: what came of campaigns, as one object, and every call of it as a stream. They change nothing.

How each figure is defined stands in `dialer.results`, at the function that counts it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.results import comparing, costing, counting, days, heat
from dialer.results.comparing import Books, Credit
from dialer.results.costing import Rates
from dialer.results.crediting import credit
from dialer.results.group import EVERYTHING, Only
from dialer.rules.phone_numbers import mask
from dialer.store import campaigns, credits, reports
from dialer.store.credits import Touch
from dialer.store.models import Campaign
from dialer.store.reports import Call

NO_RATES: Rates = {}


async def report(op: Operation, campaign_name: str) -> dict[str, Any]:
    """The report of a campaign with every call in it; for a large one take `summary` and `as_json`."""
    made = await summary(op, [campaign_name])
    return made | {"calls": [line async for line in call_lines(op, [campaign_name])]}


async def summary(
    op: Operation, names: Sequence[str], *, rates: Rates = NO_RATES, only: Only = EVERYTHING
) -> dict[str, Any]:
    """The report of one or several campaigns (NotFound when there is none of a name), ready for JSON.

    {campaign, funnel, rates, cost, blocked_by_rule, seconds, messages, money, by, heat_map}; `campaign` is the names,
    joined. `seconds` of business time from the first start to the last end, or to now. `only` narrows the calls and
    texts, and payments by the contact that they are credited to; it does not narrow the people.
    """
    now = op.clock.now()
    async with op.database.survey() as session:
        found = await chosen(session, names)
        ids = [campaign.id for campaign in found]
        contacts = await reports.contacts_by_rule(session, ids)
        books = await _books(session, found, rates, only)
        waits = counting.wait_rates([wish async for wish in reports.wishes(session, ids, only)], now)
        dialled = await reports.dialled(session, ids, only)
    all_in_all = comparing.together(books)
    return {
        "campaign": ", ".join(campaign.name for campaign in found),
        "funnel": counting.contact_funnel(contacts) | counting.call_funnel(books.calls),
        "rates": counting.call_rates(books.calls) | waits,
        "cost": costing.cost(books.calls, books.texts),
        "blocked_by_rule": counting.blocked_by_rule(contacts),
        "seconds": _seconds(found, now),
        "messages": costing.messages(books.texts),
        "money": {name: all_in_all[f"{name}_amount"] for name in ("promised", "kept", "paid")}
        | {"returned": all_in_all["returned"]},
        "by": comparing.compared(books),
        "heat_map": heat.heat_map(dialled),
    }


async def over_time(op: Operation, name: str, *, only: Only = EVERYTHING) -> dict[str, Any]:
    """{days, promises}: calls of a campaign by day at our own place (`days.by_day`), promises by how they stand.

    NotFound when there is no campaign of that name.
    """
    async with op.database.survey() as session:
        ids = [campaign.id for campaign in await chosen(session, [name])]
        dialled = await reports.dialled(session, ids, only)
        promises = await reports.promises_by_status(session, ids, only)
    return {"days": days.by_day(dialled, op.settings.time_zone), "promises": promises}


async def as_json(
    op: Operation, made: dict[str, Any], names: Sequence[str], *, full_numbers: bool = False
) -> AsyncIterator[bytes]:
    """A summary with its `calls` as JSON text, a call a line; never all of it in memory."""
    head = orjson.dumps(made, option=orjson.OPT_INDENT_2)
    yield head[: -len(b"\n}")] + b',\n  "calls": ['
    between = b"\n    "
    async for line in call_lines(op, names, full_numbers=full_numbers):
        yield between + orjson.dumps(line)
        between = b",\n    "
    yield b"\n  ]\n}"


async def call_lines(
    op: Operation, names: Sequence[str], *, full_numbers: bool = False, last: int | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Every call, as the report lists it: {attempt, to_masked, status, answered_by, turns, keys, disposition}.

    With `full_numbers`, `to` is there as well; with `last`, only so many, those begun last.
    """
    async with op.database.survey() as session:
        ids = [campaign.id for campaign in await chosen(session, names)]
        async for call, keys in reports.calls(session, ids, last=last):
            yield {
                "attempt": call.id,
                "to_masked": mask(call.to_number),
                "status": last_word(call),
                "answered_by": call.answered_by,
                "turns": call.turn + 1,
                "keys": keys,
                "disposition": call.disposition,
                **({"to": call.to_number} if full_numbers else {}),
            }


async def every_name(op: Operation) -> list[str]:
    """The names of all campaigns, oldest first."""
    async with op.database.survey() as session:
        tenant = await campaigns.tenant(session)
        names = select(Campaign.name).where(Campaign.tenant_id == tenant.id).order_by(Campaign.id)
        return list(await session.scalars(names))


async def chosen(session: AsyncSession, names: Sequence[str]) -> list[Campaign]:
    """The campaigns of these names, each once; NotFound for one that there is not."""
    tenant = await campaigns.tenant(session)
    return [await campaigns.by_name(session, tenant.id, name) for name in dict.fromkeys(names)]


def last_word(call: Call) -> str:
    """The carrier's last word of a call that is over, else how it stands."""
    return (call.carrier_status if call.status == "ended" else None) or call.status


async def _books(session: AsyncSession, found: Sequence[Campaign], rates: Rates, only: Only) -> Books:
    ids = [campaign.id for campaign in found]
    lists = await reports.list_names(session, ids)
    return Books(
        calls=await reports.call_groups(session, ids, only),
        texts=await reports.text_groups(session, ids, only),
        pledges=await reports.pledges(session, ids, only),
        credits=await _credits(session, ids, only),
        names={campaign.id: (campaign.name, lists.get(campaign.id)) for campaign in found},
        rates=rates,
    )


async def _credits(session: AsyncSession, ids: Sequence[int], only: Only) -> list[Credit]:
    """Payments credited to contacts of these campaigns; one whose last contact was another's is left to that one."""
    sums: Counter[tuple[int, str, str, str | None, str]] = Counter()
    async for paid in credits.payments(session, ids):
        touches = await credits.touches(session, [one.person_id for one in paid])
        for payment, touch in credit(paid, touches):
            if (
                touch is not None
                and touch.campaign_id is not None
                and touch.campaign_id in ids
                and _asked(only, touch)
            ):
                key = (touch.campaign_id, touch.channel, touch.script, touch.from_number, payment.currency)
                sums[key] += payment.amount
    return [Credit(*key, amount) for key, amount in sums.items()]


def _asked(only: Only, touch: Touch) -> bool:
    """Whether a report that is narrowed so is about this contact."""
    return (
        (only.since is None or touch.at >= only.since)
        and (only.until is None or touch.at < only.until)
        and only.channel in (None, touch.channel)
        and only.script in (None, touch.script)
        and only.number in (None, touch.from_number)
    )


def _seconds(found: Sequence[Campaign], now: datetime) -> int:
    started = [campaign.started_at for campaign in found if campaign.started_at is not None]
    if not started:
        return 0
    ended = [campaign.ended_at or now for campaign in found if campaign.started_at is not None]
    return max(0, int((max(ended) - min(started)).total_seconds()))
