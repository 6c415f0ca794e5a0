"""When people of a place may be called: the week as its laws have it, one instant asked for, and its holidays."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.frame import page
from console.guard import LOOKS, Guard, Visitor
from dialer.errors import BadInput, ToqueError
from dialer.operation import Operation
from dialer.rules import week
from dialer.rules.week import Asked

AHEAD = 180  # days of holidays that are shown
FIRST_PLACE = "BR-SP"


def hours_routes(op: Operation, guard: Guard) -> APIRouter:
    """The hours of a place."""
    router = APIRouter(prefix="/rules")
    looks = Depends(guard.lets(*LOOKS))

    @router.get("/hours")
    async def hours(
        request: Request, place: str = "", day: str = "", at: str = "", visitor: Visitor = looks
    ) -> Response:
        """The week from a day on at a place, and whether a call may be made there at a time of that day."""
        packs, fault = op.packs, ""
        places = week.places_of(packs)
        values: dict[str, Any] = {"week": None, "asked": None, "holidays": []}
        chosen = place or _first(places)
        first = op.clock.now().astimezone(visitor.say.zone).date()
        try:
            first = _day(day) or first
            values["week"] = week.week_at(packs, chosen, first, language=visitor.say.language)
            values["asked"] = _asked(op, chosen, first, at) if at else None
            values["holidays"] = week.holidays_from(packs, chosen, first, days=AHEAD, language=visitor.say.language)
        except ToqueError as problem:
            fault = str(problem)
        return page(
            request, "rules/hours.html", visitor, status=400 if fault else 200, reachable=places, place=chosen,
            day=first, at=at, fault=fault, later=first + timedelta(days=7), earlier=first - timedelta(days=7),
            broken=packs.broken.get(chosen.partition("-")[0], ""), bars=bars, **values,
        )  # fmt: skip

    return router


def bars(one: week.Day, zone: str) -> list[tuple[int, int]]:
    """The open spans of a day as minutes from its midnight, for drawing: (from, length)."""
    place = ZoneInfo(zone)
    found = []
    for begins, ends in one.spans:
        local = begins.astimezone(place)
        found.append((local.hour * 60 + local.minute, int((ends - begins).total_seconds() // 60)))
    return found


def _asked(op: Operation, place: str, day: date, at: str) -> Asked:
    try:
        hour = time.fromisoformat(at)
    except ValueError:
        raise BadInput("A time of day is written like 15:00") from None
    zone = ZoneInfo(week.zone_of(op.packs, place))
    return week.may_call(op.packs, place, datetime.combine(day, hour.replace(tzinfo=None), zone))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput("A day is written like 2026-12-31") from None
    if found is not None and not 2000 <= found.year <= 2100:
        raise BadInput("A day lies between 2000 and 2100")
    return found


def _first(places: list[tuple[str, str]]) -> str:
    codes = [code for code, _ in places]
    return FIRST_PLACE if FIRST_PLACE in codes else codes[0] if codes else FIRST_PLACE
