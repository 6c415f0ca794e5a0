"""What it cost and what came back, by whatever calls and texts are grouped by. Pure.

Amounts of different currencies are kept apart and never added: {"USD": 1.25, "BRL": 3.5}, in units of the currency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from dialer.results.counting import call_funnel, call_rates, was_answered
from dialer.results.group import Calls, Texts

RESULTS = ("answered", "human", "right_party", "promised", "payment_code", "transferred")
SENT = ("sent", "delivered", "failed", "unknown")
MICROS = Decimal(1_000_000)

Amounts = dict[str, float]  # currency -> units of it
Minor = Counter[str]  # currency -> its smallest unit
Rates = Mapping[str, Decimal]  # currency of the carrier -> how much one unit of it is in the money of the debts


def cost(calls: Sequence[Calls], texts: Sequence[Texts]) -> dict[str, Any]:
    """{currency, total, totals, calls, minutes, messages, segments, unpriced, per_result}.

    `calls` were dialed or received, `minutes` are those that a carrier bills (begun minutes of answered calls),
    `messages` went out. `unpriced`: answered calls and messages whose price the carrier has not told (yet).
    `currency` and `total` are None as long as nothing is priced, or when there are several; `totals` has each.
    `per_result`: the cost of all divided by each kind of result, None where it cannot be.
    """
    totals = spent(calls, texts)
    currency = next(iter(totals)) if len(totals) == 1 else None
    total = totals.get(currency) if currency else None
    funnel = call_funnel(calls)
    return {
        "currency": currency,
        "total": total,
        "calls": funnel["dialed"] + funnel["received"],
        "minutes": sum(group.minutes for group in calls if was_answered(group)),
        "totals": totals,
        "messages": sent(texts),
        "segments": sum(group.segments for group in texts if _went_out(group)),
        "unpriced": unpriced(calls, texts),
        "per_result": {name: _each(total, funnel[name]) for name in RESULTS},
    }


def spent(calls: Iterable[Calls], texts: Iterable[Texts]) -> Amounts:
    """What the carrier charged, by currency."""
    micros: Counter[str] = Counter()
    groups: tuple[Calls | Texts, ...] = (*calls, *texts)
    for group in groups:
        if group.priced and group.currency:
            micros[group.currency] += group.micros
    return {currency: float(Decimal(sum_) / MICROS) for currency, sum_ in sorted(micros.items())}


def unpriced(calls: Iterable[Calls], texts: Iterable[Texts]) -> int:
    """Answered calls and messages that went out, of which no price is known."""
    of_calls = sum(group.count - group.priced for group in calls if was_answered(group))
    return of_calls + sum(group.count - group.priced for group in texts if _went_out(group))


def sent(texts: Iterable[Texts]) -> int:
    """Messages that the carrier was asked to send and did not refuse to take."""
    return sum(group.count for group in texts if _went_out(group))


def messages(texts: Sequence[Texts]) -> dict[str, int]:
    """Texts by what came of them: sent (of these delivered, failed), denied by a rule, and those received."""

    def counted(**alike: str) -> int:
        return sum(
            group.count for group in texts if all(getattr(group, name) == value for name, value in alike.items())
        )

    return {
        "sent": sent(texts),
        "delivered": counted(direction="out", status="delivered"),
        "failed": counted(direction="out", status="failed"),
        "denied": counted(direction="out", status="denied"),
        "received": counted(direction="in"),
        "opted_out": counted(direction="in", read_as="opt_out"),
        "replies": counted(direction="in", read_as="reply"),
    }


def line(
    calls: Sequence[Calls], texts: Sequence[Texts], *, promised: Minor, kept: Minor, paid: Minor, rates: Rates
) -> dict[str, Any]:
    """One row of a comparison: steps, answer rate, cost, cost of a result, money, and what a unit spent brought in.

    `promised` and `kept` are promises to pay and what has arrived for them; `paid` are payments credited to these
    contacts (`crediting.credit`). `returned` is paid ÷ cost where both have one currency, or a rate is given.
    """
    told = cost(calls, texts)
    funnel = call_funnel(calls)
    return {
        **{name: funnel[name] for name in ("dialed", "received", *RESULTS, "opted_out")},
        "asr": call_rates(calls)["asr"],
        "messages": told["messages"],
        "cost": told["totals"],
        "unpriced": told["unpriced"],
        "per_right_party": told["per_result"]["right_party"],
        "per_promise": told["per_result"]["promised"],
        "promised_amount": amounts(promised),
        "kept_amount": amounts(kept),
        "paid_amount": amounts(paid),
        "returned": returned(told["totals"], amounts(paid), rates),
    }


def returned(cost_of: Amounts, paid: Amounts, rates: Rates) -> float | None:
    """Paid ÷ cost; None without cost, or when the currencies differ and no rate leads from one to the other."""
    if not cost_of or len(paid) > 1:
        return None
    money = next(iter(paid), None)
    spent_in = Decimal(0)
    for currency, amount in cost_of.items():
        rate = Decimal(1) if money in (None, currency) else rates.get(currency)
        if rate is None:
            return None
        spent_in += Decimal(str(amount)) * rate
    earned = Decimal(str(paid[money])) if money else Decimal(0)
    return round(float(earned / spent_in), 2) if spent_in else None


def amounts(minor: Minor) -> Amounts:
    """Smallest units as units of each currency."""
    return {
        currency: float(Decimal(value).scaleb(-get_currency_precision(currency)))
        for currency, value in sorted(minor.items())
    }


def _went_out(group: Texts) -> bool:
    return group.direction == "out" and group.status in SENT


def _each(total: float | None, count: int) -> float | None:
    return round(total / count, 4) if total is not None and count else None
