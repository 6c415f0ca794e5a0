"""Plans as an agent sees them before they are kept: what is typed into the plan's form as dated instalments; what may
be offered and what was agreed as the words of scripts know it. Pure; the limits are those of dialer/rules/offers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from console.deskwork.amounts import minor_of
from dialer.errors import BadInput
from dialer.rules.offers import Instalment, Limits, Past, Wish, discounted, offers, plan
from dialer.store.models import Promise
from ivr_flows.turn import Money, Value


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What would be agreed; or the limit that it is past, and what that is: a number, an ISO day, minor units."""

    parts: tuple[Instalment, ...] = ()
    past: str = ""
    most: str = ""


def reckoned(typed: Mapping[str, str], within: Limits, currency: str) -> Reckoned | None:
    """The plan as far as it is typed (without a day: from today on); None while it cannot be read."""
    count = typed.get("instalments", "").strip()
    if not count.isdigit() or len(count) > 4:
        return None
    try:
        first = date.fromisoformat(typed.get("first_payment_on", "").strip() or within.today.isoformat())
        down = minor_of(typed["part_payment"], currency) if typed.get("part_payment", "").strip() else 0
        off = int(typed.get("discount", "").strip() or "0")
    except (ValueError, BadInput):
        return None
    made = plan(Wish(int(count), first, off, down), within)
    return Reckoned(past=made.limit, most=made.most) if isinstance(made, Past) else Reckoned(made)


def longest(within: Limits) -> tuple[Instalment, ...]:
    """The plan of the most instalments that may be offered, from today on; empty when there is none of two."""
    for count in range(within.instalments, 1, -1):
        made = plan(Wish(count, within.today), within)
        if not isinstance(made, Past):
            return made
    return ()


def offered(within: Limits | None, currency: str) -> dict[str, Value]:
    """What scripts may say of offers; None is not said. Never past the limits, nor what a bill calls a discount."""
    if within is None:
        return {"discount": None}
    off = within.total - discounted(within.total, within.discount_percent)
    told: dict[str, Value] = {
        "offer_until": within.today + timedelta(days=offers().promise.latest_days),
        "discount": Money(off, currency) if off else None,
    }
    if parts := longest(within):
        told |= {
            "instalments": len(parts),
            "instalment_amount": Money(parts[-1].minor, currency),
            "part_payment": Money(parts[0].minor, currency),
            "instalments_after": len(parts) - 1 if len(parts) > 2 else None,
        }
    return told


def agreed(kept: Promise | None) -> dict[str, Value]:
    """What scripts may repeat of an agreement of this call: a promise, or a plan: its first payment and the rest."""
    if kept is None:
        return {}
    reached = [kept.amount_minor, *(int(one["minor"]) for one in kept.schedule)]
    rest = [after - before for before, after in pairwise(reached)]
    told: dict[str, Value] = {"agreed_date": kept.due_on, "agreed_amount": Money(kept.amount_minor, kept.currency)}
    if not rest:
        return told
    even = 0 <= kept.amount_minor - rest[-1] <= len(rest)  # what does not divide is in the first one
    count: dict[str, Value] = {"agreed_instalments": len(reached)} if even else {"agreed_after": len(rest)}
    return told | count | {"agreed_instalment_amount": Money(rest[-1], kept.currency)}
