"""Lists as the 2010-04-01 API pages them: newest first, pages named by the last SID of the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from local_carrier.rest.errors import Refusal

DEFAULT_SIZE, LARGEST_SIZE = 50, 1000
T = TypeVar("T")
Json = dict[str, object]


def page(
    name: str, items: Sequence[tuple[str, T]], view: Callable[[T], Json], *, path: str, query: Mapping[str, str]
) -> Json:
    """Return one page of (sid, item) pairs, already filtered and ordered, with the published paging fields."""
    size = _size(query.get("PageSize", ""))
    number = int(query["Page"]) if query.get("Page", "").isdecimal() else 0
    token = query.get("PageToken", "").removeprefix("PA")
    sids = [sid for sid, _ in items]
    start = sids.index(token) + 1 if token in sids else number * size
    shown = items[start : start + size]
    kept = {key: value for key, value in query.items() if key not in ("Page", "PageToken", "PageSize")}

    def uri(at: int, after: str = "") -> str:
        extra = {"PageToken": f"PA{after}"} if after else {}
        return f"{path}?{urlencode({**kept, 'PageSize': size, 'Page': at, **extra})}"

    more = start + size < len(items)
    return {
        name: [view(item) for _, item in shown],
        "end": max(0, start + len(shown) - 1),
        "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1, shown[-1][0]) if more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": uri(number - 1) if number else None,
        "start": start,
        "uri": uri(number),
    }


def _size(given: str) -> int:
    if not given:
        return DEFAULT_SIZE
    if not given.isdecimal() or int(given) < 1:
        raise Refusal(20001, f"PageSize {given}")
    return min(int(given), LARGEST_SIZE)


def in_time(at: datetime, query: Mapping[str, str], name: str) -> bool:
    """Apply `Name`, `Name>` (at or after) and `Name<` (at or before); dates mean whole days in UTC."""
    for key, keeps in ((f"{name}>", at.__ge__), (f"{name}<", at.__le__)):
        if query.get(key) and not keeps(_time(query[key], key, at)):
            return False
    exact = query.get(name)
    return not exact or _time(exact, name, at).date() == at.date()


def _time(text: str, key: str, at: datetime) -> datetime:
    try:
        given = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Refusal(20001, f"{key} {text}, expected YYYY-MM-DD or an ISO 8601 time") from None
    if len(text) == 10 and key.endswith("<"):
        given = given.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return given if given.tzinfo else given.replace(tzinfo=UTC)
