"""Booked breaks: who has one when, how those of today stand, and the form that books more. Pauses nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import get_day_names
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from console.deskwork.seats import WHY_PAUSED
from console.frame import page
from console.guard import CHANGES, LOOKS, Guard, Visitor
from console.pages import HEADERS
from dialer.errors import BadInput, NotFound, ToqueError
from dialer.operation import Operation
from dialer.resting import booking
from dialer.resting.booking import Wish
from dialer.resting.standing import Span, Standing, standing
from dialer.rules import breaks as rules
from dialer.store import breaks
from dialer.store.models import Agent

PLANS = (*CHANGES, "supervisor")
# How a break stands -> its words, and how loud they are.
STANDS = {
    "ahead": ("booked", "muted"),
    "due": ("its time has come", "warn"),
    "on": ("on it now", ""),
    "overdue": ("should be back", "warn"),
    "taken": ("taken", "good"),
    "late": ("taken late", "warn"),
    "missed": ("missed", "danger"),
    "away": ("not here", "muted"),
}
WORK_DAYS = ("1", "2", "3", "4", "5")


def break_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /agents/breaks."""
    router = APIRouter(prefix="/agents/breaks", include_in_schema=False)
    looks, plans = Depends(guard.lets(*LOOKS)), Depends(guard.lets(*PLANS))

    @router.get("")
    async def show(request: Request, visitor: Visitor = looks) -> Response:
        """Everything that is booked, and the forms."""
        return page(request, "agents/breaks.html", visitor, **(await _seen(op, visitor)))

    @router.post("")
    async def book(request: Request, visitor: Visitor = plans) -> Response:
        """Book one break, or the usual ones of a shift, for one agent or several."""
        form = await request.form()
        try:
            async with op.database.read() as session:
                names = _chosen(str(form.get("who", "")), await _staff(session, visitor))
            await booking.book(op, names, _wishes(form))
        except ToqueError as fault:
            values = await _seen(op, visitor) | {"fault": str(fault), "form": form}
            return page(request, "agents/breaks.html", visitor, status=409, **values)
        return RedirectResponse("/agents/breaks", status_code=303, headers=HEADERS)

    @router.post("/{booking_id}/cancel")
    async def cancel(booking_id: int, visitor: Visitor = plans) -> Response:
        """A booking is no more; a break that has begun goes on."""
        try:
            await booking.cancel(op, booking_id)
        except NotFound as missing:
            return Response(visitor.say.told(str(missing)), 404, HEADERS)
        return RedirectResponse("/agents/breaks", status_code=303, headers=HEADERS)

    return router


async def of_today(
    session: AsyncSession, visitor: Visitor, staff: Sequence[Agent], now: datetime
) -> dict[int, list[Standing]]:
    """Agent -> the breaks of the viewer's day."""
    today = now.astimezone(visitor.say.zone).date()
    since = datetime(today.year, today.month, today.day, tzinfo=visitor.say.zone)
    return await standing(session, staff, Span(since, _midnight_after(since), now))


def _midnight_after(since: datetime) -> datetime:
    after = since.date() + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=since.tzinfo)


def day_names(language: str) -> dict[int, str]:
    """The weekdays in short, Monday (1) first."""
    names = get_day_names("abbreviated", locale=Locale.parse(language, sep="-"))
    return {one: names[one - 1].rstrip(".") for one in rules.WEEK}


def in_days(weekdays: Sequence[int], names: dict[int, str]) -> str:
    """Weekdays in words; three and more in a row as from–to."""
    days = sorted(weekdays)
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{names[days[0]]}–{names[days[-1]]}"
    return ", ".join(names[one] for one in days)


async def _staff(session: AsyncSession, visitor: Visitor) -> Sequence[Agent]:
    rows = await session.scalars(select(Agent).where(Agent.tenant_id == visitor.tenant_id).order_by(Agent.name))
    return rows.all()


async def _seen(op: Operation, visitor: Visitor) -> dict[str, Any]:
    now = op.clock.now()
    async with op.database.read() as session:
        staff = await _staff(session, visitor)
        booked = await breaks.of_agents(session, [one.id for one in staff])
        today = await of_today(session, visitor, staff, now)
    names = day_names(visitor.say.language)
    stands = [one.stand for many in today.values() for one in many]
    return {
        "staff": staff, "booked": booked, "today": today, "stands": STANDS, "why": WHY_PAUSED, "days": names,
        "in_days": in_days, "zone": op.settings.time_zone, "reasons": rules.reasons(), "sets": rules.sets(),
        "skills": sorted({str(skill) for one in staff for skill in one.skills}), "longest": rules.LONGEST,
        "amiss": sum(one in ("missed", "overdue") for one in stands), "many": sum(map(len, booked.values())),
        "form": FormData(), "fault": "", "plans": visitor.role in PLANS, "work_days": WORK_DAYS,
        "shifts": {name: _offsets(name) for name in rules.sets()},
    }  # fmt: skip


def _offsets(name: str) -> list[tuple[int, int, str]]:
    """The breaks of a set: minutes after the shift began, for how many minutes, why."""
    return [(one.after, one.minutes, one.reason) for one in rules.sets()[name].breaks]


def _chosen(who: str, staff: Sequence[Agent]) -> list[str]:
    """The names of the agents that are meant: one ("agent:7"), those with a skill ("skill:loans"), all ("all")."""
    kind, _, value = who.partition(":")
    if kind == "all":
        return [one.name for one in staff]
    if kind == "skill":
        return [one.name for one in staff if value in one.skills]
    return [one.name for one in staff if kind == "agent" and str(one.id) == value]


def _wishes(form: FormData) -> list[Wish]:
    """What the form asks for; BadInput."""
    days = frozenset(int(str(one)) for one in form.getlist("day") if str(one) in map(str, rules.WEEK))
    zone, starts = str(form.get("zone", "")).strip(), booking.time_of(str(form.get("starts", "")))
    if name := str(form.get("set", "")):
        return booking.wishes_of(name, starts, days, zone)
    minutes = str(form.get("minutes", "")).strip()
    if not minutes.isdecimal() or len(minutes) > 4:
        raise BadInput(f"A break has 1 to {rules.LONGEST} minutes. Write how long it is meant to be")
    return [Wish(days, starts, int(minutes), str(form.get("reason", "")), zone)]
