"""What people, their lawyers and employers tell us: bars, inconvenient times, consents; each an act of the dialer.

A form that cannot be taken shows the page again with the reason, and with what was typed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from console.guard import CHANGES, Guard, Visitor
from console.pages import HEADERS
from console.people.looking import person_page
from dialer import sparing
from dialer.errors import BadInput, NotFound, Refused, ToqueError
from dialer.heeding import cases, consenting, designating
from dialer.heeding.cases import Order
from dialer.operation import Operation
from dialer.store import lookup
from dialer.store.consents import Agreed
from dialer.store.designations import Inconvenient
from dialer.store.models import Number, Person

DAYS = frozenset("0123456789")  # as their boxes send them; what is no weekday is refused by the act

Act = Callable[[Person, FormData], Awaitable[object]]
HIDDEN_PART = "Part of this person's record belongs to other creditors: name a creditor of yours"


def heeding_routes(op: Operation, guard: Guard) -> APIRouter:
    """The forms of a person's page."""
    router = APIRouter(prefix="/people/{person_id:int}")
    changes = Depends(guard.lets(*CHANGES))

    @router.post("/bar")
    async def bar(request: Request, person_id: int, visitor: Visitor = changes) -> Response:
        """Stop contact."""

        async def act(person: Person, form: FormData) -> object:
            return await cases.bar(op, person.key, _order(visitor, form))

        return await _done(op, request, visitor, person_id, act=act, word="barred")

    @router.post("/unbar")
    async def unbar(request: Request, person_id: int, visitor: Visitor = changes) -> Response:
        """End such a bar."""

        async def act(person: Person, form: FormData) -> object:
            order = _order(visitor, form)
            if not order.because.strip():
                raise BadInput("Say why it no longer holds. It is kept in the record.")
            if order.creditor is None:
                await _must_be_whole(op, visitor, person)
            return await cases.unbar(op, person.key, order)

        return await _done(op, request, visitor, person_id, act=act, word="unbarred")

    @router.post("/designate")
    async def designate(request: Request, person_id: int, visitor: Visitor = changes) -> Response:
        """Keep an inconvenient time or place."""

        async def act(person: Person, form: FormData) -> object:
            return await designating.designate(op, person.key, _named(form), origin="agent")

        return await _done(op, request, visitor, person_id, act=act, word="designated")

    @router.post("/designations/{designation_id:int}/end")
    async def take_back(
        request: Request, person_id: int, designation_id: int, visitor: Visitor = changes
    ) -> Response:
        """The person has taken it back."""

        async def act(person: Person, _form: FormData) -> object:
            return await designating.take_back(op, person.key, ids=[designation_id])

        return await _done(op, request, visitor, person_id, act=act, word="designation-ended")

    @router.post("/consent")
    async def consent(request: Request, person_id: int, visitor: Visitor = changes) -> Response:
        """Keep a consent."""

        async def act(person: Person, form: FormData) -> object:
            day = _day(form, "given_on")
            if day is None:
                raise BadInput("Say on which day the consent was given.")
            creditor = _creditor(visitor, form)
            agreed = Agreed(_text(form, "kind"), day, _text(form, "how")[:200] or None, creditor)
            return await consenting.give(op, person.key, agreed)

        return await _done(op, request, visitor, person_id, act=act, word="consented")

    @router.post("/revoke")
    async def revoke(request: Request, person_id: int, visitor: Visitor = changes) -> Response:
        """The person takes a consent back."""

        async def act(person: Person, form: FormData) -> object:
            return await consenting.revoke(op, person.key, _text(form, "kind"))

        return await _done(op, request, visitor, person_id, act=act, word="revoked")

    @router.post("/numbers/{number_id:int}/bar")
    async def spare(request: Request, person_id: int, number_id: int, visitor: Visitor = changes) -> Response:
        """Leave a number alone, whoever answers there."""

        async def act(person: Person, form: FormData) -> object:
            async with op.database.read() as session:
                number = await session.get(Number, number_id)
            if number is None or number.person_id != person.id:
                raise NotFound("There is no such number of this person")
            return await sparing.add_numbers(op, [(1, number.e164)], country=None, because=_text(form, "because"))

        return await _done(op, request, visitor, person_id, act=act, word="number-barred")

    return router


async def _done(
    op: Operation, request: Request, visitor: Visitor, person_id: int, *, act: Act, word: str
) -> Response:
    """Carry an act out on a person whom the visitor may see; then back to the page, or to what was typed."""
    async with op.database.read() as session:
        person = await lookup.person(session, visitor.tenant_id, visitor.creditors, person_id)
    form = await request.form()
    try:
        await act(person, form)
    except ToqueError as fault:
        typed: dict[str, Any] = {name: form.getlist(name) for name in form if not name.startswith("_")}
        return await person_page(op, request, visitor, person_id, fault=str(fault), form=typed)
    return RedirectResponse(f"/people/{person_id}?done={word}", status_code=303, headers=HEADERS)


async def _must_be_whole(op: Operation, visitor: Visitor, person: Person) -> None:
    """Whoever serves only some creditors must not end what holds for the debts of others."""
    async with op.database.read() as session:
        if not await lookup.whole(session, person, visitor.creditors):
            raise Refused(HIDDEN_PART)


def _order(visitor: Visitor, form: FormData) -> Order:
    """A bar as the form says it; its last day ends when it is over everywhere on earth."""
    day = _day(form, "until")
    until = datetime.combine(day + timedelta(days=1), time(12), UTC) if day else None
    return Order(_text(form, "kind"), _creditor(visitor, form), until, _text(form, "because"))


def _creditor(visitor: Visitor, form: FormData) -> str | None:
    key = _text(form, "creditor")
    if key and not visitor.sees(key):
        raise NotFound("There is no such creditor: choose one of the list")
    return key or None


def _named(form: FormData) -> Inconvenient:
    days = tuple(int(str(one)) for one in form.getlist("days") if str(one) in DAYS)
    return Inconvenient(
        days, _minute(form, "from"), _minute(form, "to"), _day(form, "until"), _text(form, "place") or None
    )


def _minute(form: FormData, name: str) -> int | None:
    text = _text(form, name)
    hours, _, minutes = text.partition(":")
    if not text:
        return None
    if not (text.isascii() and hours.isdigit() and minutes[:2].isdigit()):
        raise BadInput("A time of day is written like 15:00")
    return int(hours) * 60 + int(minutes[:2])


def _day(form: FormData, name: str) -> date | None:
    text = _text(form, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput("A day is written like 2026-12-31") from None


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()
