"""The numbers that people see when we call: how each is answered, what of its day is used, how near limits are."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from console.frame import page
from console.guard import CHANGES, LOOKS, Guard, Visitor
from console.pages import HEADERS
from dialer import gauging
from dialer.campaigns import showing
from dialer.errors import BadInput, NotFound, ToqueError
from dialer.gauging import Gauge
from dialer.operation import Operation
from dialer.results import health
from dialer.results.health import Health
from dialer.store import lookup

CAP_LONGEST = 7  # digits


def numbers_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /numbers."""
    router = APIRouter(prefix="/numbers", include_in_schema=False)
    looks, changes = Depends(guard.lets(*LOOKS)), Depends(guard.lets(*CHANGES))

    @router.get("")
    async def show(request: Request, sort: str = "", visitor: Visitor = looks) -> Response:
        """All numbers and all limits."""
        return await _page(op, request, visitor, sort=sort)

    @router.post("")
    async def add(request: Request, visitor: Visitor = changes) -> Response:
        """Show a number from now on, or change its cap and label."""
        form = await request.form()
        given = {name: str(form.get(name, "")).strip() for name in ("number", "cap", "label")}
        try:
            cap = _cap(given["cap"])
            await showing.add(
                op, given["number"].replace(" ", ""), daily_cap=cap, label=given["label"][:100] or None,
                resting=bool(form.get("rest")),
            )  # fmt: skip
        except ToqueError as fault:
            return await _page(op, request, visitor, fault=str(fault), form=given)
        return _back()

    @router.post("/{act}")
    async def change(request: Request, act: str, visitor: Visitor = changes) -> Response:
        """Rest a number, show it again, or never again; what else is chosen of it stays."""
        number = str((await request.form()).get("number", ""))
        try:
            one = await _known(op, number)
            if act == "remove":
                await showing.remove(op, number)
            elif act in ("rest", "resume"):
                await showing.add(op, number, daily_cap=one.shown.daily_cap, resting=act == "rest")
            else:
                raise NotFound("There is no such act on a number")
        except BadInput as fault:
            return await _page(op, request, visitor, fault=str(fault))
        return _back()

    return router


async def _page(
    op: Operation, request: Request, visitor: Visitor, *, sort: str = "", fault: str = "",
    form: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    found = await health.healths(op)
    async with op.database.read() as session:
        shown = await lookup.campaigns(session, visitor.tenant_id, visitor.creditors)
    names = {f'campaign "{one.name}"' for one in shown.values()}
    limits = [one for one in (await gauging.gauges(op)).limits if one.of in names or one.of.startswith("all calls")]
    values: dict[str, Any] = {
        "form": form or {},
        "fault": fault,
        "limits": limits,
        "state_of": state_of,
        "sort": sort,
    }
    return page(
        request, "numbers/numbers.html", visitor, status=400 if fault else 200, numbers=_sorted(found, sort), **values
    )


def _sorted(found: list[Health], by: str) -> list[Health]:
    """As the address says: by calls or by rate of a week (the least answered first); else as they were added."""
    if by == "calls":
        return sorted(found, key=lambda one: -one.windows[1].calls)
    if by == "rate":
        return sorted(found, key=lambda one: (one.windows[1].rate is None, one.windows[1].rate or 0.0))
    return found


def state_of(one: Gauge) -> str:
    """What a limit does to dialling now: "rests", "slower" or "free"."""
    return "rests" if one.pace == 0.0 else "slower" if one.pace < 1.0 else "free"


async def _known(op: Operation, number: str) -> Health:
    found = next((one for one in await health.healths(op) if one.shown.number == number), None)
    if found is None:
        raise NotFound("That is no number of ours: choose one of the table")
    return found


def _cap(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > CAP_LONGEST:
        raise BadInput("The most calls a day is a whole number, like 500; leave it empty for no cap.")
    return int(text)


def _back() -> Response:
    return RedirectResponse("/numbers", status_code=303, headers=HEADERS)
