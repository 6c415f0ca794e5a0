"""Results side by side: by channel, script, caller ID, list and campaign. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dialer.results import costing
from dialer.results.costing import Minor, Rates
from dialer.results.group import Calls, Pledge, Texts


@dataclass(frozen=True, slots=True)
class Credit:
    """Payments credited to contacts of one campaign, channel, script and caller ID; `amount` in minor units."""

    campaign_id: int
    channel: str
    script: str
    from_number: str | None
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that a comparison adds up. `names`: campaign -> (its name, its list's)."""

    calls: Sequence[Calls]
    texts: Sequence[Texts]
    pledges: Sequence[Pledge]
    credits: Sequence[Credit]
    names: Mapping[int, tuple[str, str | None]] = field(default_factory=dict)
    rates: Rates = field(default_factory=dict)


Item = Calls | Texts | Pledge | Credit
Key = Callable[[Item], tuple[str | None, ...]]


def compared(books: Books) -> dict[str, Any]:
    """{disposition: {code: calls}, and rows by channel, script, caller_id, list and campaign}.

    A text that was asked for in a call belongs to that call: its cost to the call's flow and channel.
    """
    return {
        "disposition": dispositions(books.calls),
        "channel": _rows(books, ("channel",), lambda item: (_channel(item),)),
        "script": _rows(books, ("channel", "script"), lambda item: (_channel(item), _script(item))),
        "caller_id": _rows(books, ("caller_id",), lambda item: (item.from_number,)),
        "list": _rows(books, ("list",), lambda item: (books.names.get(item.campaign_id, ("", None))[1],)),
        "campaign": _rows(books, ("campaign",), lambda item: (books.names.get(item.campaign_id, ("", None))[0],)),
    }


def together(books: Books) -> dict[str, Any]:
    """The one row of all, as `costing.line`."""
    (row,) = _rows(books, (), lambda _: ()) or [_row(books, ())]
    return row


def dispositions(calls: Iterable[Calls]) -> dict[str, int]:
    """Ended calls by their coded outcome, most frequent first."""
    counted: Counter[str] = Counter()
    for group in calls:
        if group.disposition:
            counted[group.disposition] += group.count
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def _rows(books: Books, names: tuple[str, ...], key: Key) -> list[dict[str, Any]]:
    """A row for each value that occurs, most calls first."""
    parts: dict[tuple[str | None, ...], list[Item]] = {}
    items: tuple[Item, ...] = (*books.calls, *books.texts, *books.pledges, *books.credits)
    for item in items:
        parts.setdefault(key(item), []).append(item)
    rows = [dict(zip(names, value, strict=True)) | _row(books, part) for value, part in parts.items()]
    return sorted(rows, key=lambda row: (-row["dialed"] - row["received"], -row["messages"], str(list(row.values()))))


def _row(books: Books, part: Sequence[Item]) -> dict[str, Any]:
    promised, kept, paid = Minor(), Minor(), Minor()
    for item in part:
        if isinstance(item, Pledge):
            promised[item.currency] += item.promised
            kept[item.currency] += item.kept
        elif isinstance(item, Credit):
            paid[item.currency] += item.amount
    calls = [item for item in part if isinstance(item, Calls)]
    texts = [item for item in part if isinstance(item, Texts)]
    return costing.line(calls, texts, promised=promised, kept=kept, paid=paid, rates=books.rates)


def _channel(item: Item) -> str:
    match item:
        case Credit(channel=channel):
            return channel
        case Texts(flow=None):
            return "sms"
        case _:
            return "call"


def _script(item: Item) -> str:
    match item:
        case Credit(script=script):
            return script
        case Texts(flow=flow, template=template):
            return flow or template
        case _:
            return item.flow
