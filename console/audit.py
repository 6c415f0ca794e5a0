"""What people did, line by line from the record; and whether the record is what was sealed. For who checks others."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from console.frame import page
from console.guard import Guard, Visitor
from console.ids import row_id
from console.pages import HEADERS
from console.people import words
from console.recorded import KINDS as OF_THE_OFFICE
from console.recorded import about
from dialer.operation import Operation
from dialer.record import looking_over
from dialer.rules import masking
from dialer.store import audits, seals, users
from dialer.store.audits import Wanted

ROLES = ("administrator", "auditor")
LINES = 100  # on a page
COLUMNS = ("at", "user", "name", "kind", "person", "detail")
KINDS = {
    **words.KINDS,
    **OF_THE_OFFICE,
    "signed_in": "Signed in",
    "sign_in_failed": "Wrong password",
    "password_changed": "Changed the password",
    "totp_on": "Uses the code of an app",
    "user_added": "Added a user",
    "user_disabled": "Disabled a user",
    "number_do_not_call": "Numbers put on a do-not-call list",
    "number_allowed": "Numbers taken off a do-not-call list",
    "break_booked": "Booked a break",
    "break_cancelled": "Cancelled a break",
    "caller_id_added": "Changed a number that we show",
    "caller_id_removed": "Removed a number that we show",
    "flow_saved": "Saved a version of a flow",
    "flow_published": "Published a version of a flow",
    "flow_unproven": "A flow is proven no more: the law has changed",
    "record_verified": "Had the record verified",
}


def audit_routes(op: Operation, guard: Guard) -> APIRouter:
    """Everything under /audit."""
    router = APIRouter(prefix="/audit", include_in_schema=False)
    checks = Depends(guard.lets(*ROLES))

    @router.get("")
    async def show(
        request: Request, user: str = "", kind: str = "", day: str = "", behind: str = "", visitor: Visitor = checks
    ) -> Response:
        """A page of lines, and how the record stands."""
        wanted = _wanted(visitor, user, kind, day)
        wanted = replace(wanted, behind=row_id(behind))
        async with op.database.read() as session:
            found = await audits.lines(session, visitor.tenant_id, visitor.creditors, wanted, at_most=LINES + 1)
            people = {one.id: one.name for one in await users.of_company(session, visitor.tenant_id)}
            values: dict[str, Any] = {
                "kinds": await audits.kinds(session, visitor.tenant_id),
                "verified": await audits.last_verified(session, visitor.tenant_id),
                "seal": await seals.newest(session, visitor.tenant_id),
            }
        asked = {"user": user, "kind": kind, "day": day}
        more = urlencode(asked | {"behind": found[LINES - 1].id}) if len(found) > LINES else ""
        return page(
            request, "audit/audit.html", visitor, lines=found[:LINES], people=people, asked=asked, more=more,
            query=urlencode(asked), actor=words.actor, about=about, names=KINDS, word=words.word, behind=behind,
            **values,
        )  # fmt: skip

    @router.get("/lines.csv")
    async def export(user: str = "", kind: str = "", day: str = "", visitor: Visitor = checks) -> Response:
        """The same lines, all of them, as CSV in UTF-8."""
        wanted = _wanted(visitor, user, kind, day)
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="audit.csv"'}
        return StreamingResponse(_csv(op, visitor, wanted), media_type="text/csv; charset=utf-8", headers=headers)

    @router.post("/verify")
    async def verify(visitor: Visitor = checks) -> Response:
        """Look the whole record over, now."""
        await looking_over.look_over(op)
        return RedirectResponse("/audit", status_code=303, headers=HEADERS)

    return router


def _wanted(visitor: Visitor, user: str, kind: str, day: str) -> Wanted:
    """What the address asks for; a day is one of the viewer's zone, and what is none asks for nothing."""
    try:
        chosen = date.fromisoformat(day)
        since = datetime(chosen.year, chosen.month, chosen.day, tzinfo=visitor.say.zone)
        stretch = (since, since + timedelta(days=1))
    except (ValueError, OverflowError):
        return Wanted(row_id(user), kind[:40])
    return Wanted(row_id(user), kind[:40], *stretch)


async def _csv(op: Operation, visitor: Visitor, wanted: Wanted) -> AsyncIterator[str]:
    yield _row(COLUMNS)
    async with op.database.read() as session:
        people = {one.id: one.name for one in await users.of_company(session, visitor.tenant_id)}
        async for line in audits.all_lines(session, visitor.tenant_id, visitor.creditors, wanted):
            detail = orjson.dumps(masking.last_resort(line.detail)).decode()
            name = words.actor(line.actor, people)
            yield _row((line.at.isoformat(), line.actor, name, line.kind, line.person_id or "", detail))


def _row(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    # a cell that a spreadsheet would take for a formula is shown as text
    csv.writer(out).writerow([f"'{one}" if str(one)[:1] in "=+-@\t" and str(one) else one for one in cells])
    return out.getvalue()
