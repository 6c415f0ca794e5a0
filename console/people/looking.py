"""Looks people up and shows one of them: why, and when next; everything that happened; what holds them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.frame import page
from console.guard import LOOKS, Guard, Visitor
from console.people import words
from dialer import explaining, finding, retelling
from dialer.errors import NotFound
from dialer.explaining import OVER, Standing
from dialer.finding import Found
from dialer.heeding import cases, consenting
from dialer.operation import Operation
from dialer.retelling import Call, Deed, Line, Text
from dialer.revealing import Revealed
from dialer.store import consents, designations, lookup, users
from dialer.store.campaigns import BY_HAND
from dialer.store.models import Number, Payment, Person, Promise, Task

LATEST = 60  # moments that are shown at once
NEEDS_REASON = ("administrator", "manager", "auditor")


@dataclass(frozen=True, slots=True)
class Row:
    """One person in the answer to a search; `owed` minor units by currency, `creditors` by name."""

    found: Found
    name: str
    creditors: tuple[str, ...]
    owed: tuple[tuple[int, str], ...]
    zone: str | None
    decisive: Standing | None


def looking_routes(op: Operation, guard: Guard) -> APIRouter:
    """The search and the page of a person."""
    router = APIRouter(prefix="/people")
    looks = Depends(guard.lets(*LOOKS))

    @router.get("")
    async def ask(request: Request, visitor: Visitor = looks) -> Response:
        """An empty search."""
        return page(request, "people/search.html", visitor, rows=None, asked="", words=words, most=finding.MOST)

    @router.post("")
    async def search(request: Request, visitor: Visitor = looks) -> Response:
        """Who fits. By POST, so that nothing personal stands in an address or a log."""
        asked = str((await request.form()).get("q", "")).strip()[:200]
        rows = await _rows(op, visitor, asked) if asked else None
        return page(request, "people/search.html", visitor, rows=rows, asked=asked, words=words, most=finding.MOST)

    @router.get("/{person_id:int}")
    async def show(
        request: Request, person_id: int, done: str = "", everything: bool = False, visitor: Visitor = looks
    ) -> Response:
        """One person."""
        told = words.DONE.get(done, "")
        return await person_page(op, request, visitor, person_id, done=told, everything=everything)

    return router


async def person_page(
    op: Operation,
    request: Request,
    visitor: Visitor,
    person_id: int,
    *,
    fault: str = "",
    form: dict[str, Any] | None = None,
    done: str = "",
    everything: bool = False,
    revealed: Revealed | None = None,
) -> Response:
    """The page of a person: as it stands now, or with what went wrong beside what was typed. Raises NotFound."""
    async with op.database.read() as session:
        person = await lookup.person(session, visitor.tenant_id, visitor.creditors, person_id)
        values = await _all_of(session, op, visitor, person)
    moments = values.pop("moments")
    shown = moments if everything else moments[:LATEST]
    return page(
        request, "people/person.html", visitor, status=400 if fault else 200, person=person, moments=shown,
        more=len(moments) - len(shown), fault=fault, form=form or {}, done=done, revealed=revealed, words=words,
        newest=next((one for one in moments if isinstance(one, Call)), None), kind_of=kind_of, kinds=cases.KINDS,
        agreements=tuple(consenting.KINDS),
        may_reveal=visitor.role in NEEDS_REASON, over=OVER, by_hand=BY_HAND, **values,
    )  # fmt: skip


async def _all_of(session: AsyncSession, op: Operation, visitor: Visitor, person: Person) -> dict[str, Any]:
    known = (
        await session.scalars(select(Number).where(Number.person_id == person.id).order_by(Number.rank, Number.id))
    ).all()
    zone, standings = await _standings(session, op, visitor, person)
    at_numbers = [one.e164 for one in known]
    theirs = await lookup.bars(session, person, at_numbers, visitor.creditors)
    now = op.clock.now()
    return {
        "numbers": known,
        "key": await lookup.key_of(session, person, visitor.creditors),
        "debts": await lookup.debts(session, person, visitor.creditors),
        "bars": [(bar, key) for bar, key in theirs if bar.until is None or bar.until > now],
        "consents": (await consents.of_people(session, [person.id])).get(person.id, ()),
        "designations": (await designations.of_people(session, [person.id])).get(person.id, ()),
        "people": {one.id: one.name for one in await users.of_company(session, visitor.tenant_id)},
        "creditors": await lookup.creditors_of(session, visitor.tenant_id, visitor.creditors),
        "whole": await lookup.whole(session, person, visitor.creditors),
        "moments": await retelling.story(session, op, person, visitor.creditors),
        "zone": zone,
        "standings": standings,
        "decisive": decisive(standings),
    }


async def _standings(
    session: AsyncSession, op: Operation, visitor: Visitor, person: Person
) -> tuple[str | None, list[Standing]]:
    """How the person stands in campaigns that the visitor may see, and with agents; and where the person may be."""
    zone, standings = await explaining.now_of(session, op, person)
    shown = {one.name for one in (await lookup.campaigns(session, person.tenant_id, visitor.creditors)).values()}
    return zone, [one for one in standings if one.status == BY_HAND or one.campaign in shown]


def decisive(standings: Sequence[Standing]) -> Standing | None:
    """What answers "when next?": the running campaign whose word comes first, else another one, else an agent."""
    open_ones = [one for one in standings if one.status not in OVER]
    return min(open_ones, key=_order, default=None)


def _order(one: Standing) -> tuple[bool, bool, bool, float]:
    at = one.next_at.timestamp() if one.next_at else float("inf")
    return (one.status != "running" or one.contact != "waiting", one.status == BY_HAND, not one.allowed, at)


def kind_of(moment: object) -> str:
    """Which part of the template tells a moment."""
    match moment:
        case Call():
            return "call"
        case Text():
            return "text"
        case Line():
            return "line"
        case Deed(row=Promise()):
            return "promise"
        case Deed(row=Payment()):
            return "payment"
        case Deed(row=Task()):
            return "task"
        case _:
            raise TypeError(f"the story of a person has no {type(moment).__name__}")


async def _rows(op: Operation, visitor: Visitor, asked: str) -> list[Row]:
    try:
        found = await finding.people_like(op, asked, creditors=visitor.creditors)
    except NotFound:
        return []
    async with op.database.read() as session:
        return [await _row(session, op, visitor, one) for one in found]


async def _row(session: AsyncSession, op: Operation, visitor: Visitor, one: Found) -> Row:
    person = await session.get_one(Person, one.id)
    owed: Counter[str] = Counter()
    names: dict[str, None] = {}
    for debt, creditor in await lookup.debts(session, person, visitor.creditors):
        names[creditor.name] = None
        if debt.status in ("open", "promised", "held"):
            owed[debt.currency] += debt.amount_minor
    zone, standings = await _standings(session, op, visitor, person)
    amounts = tuple((minor, currency) for currency, minor in sorted(owed.items()))
    return Row(one, person.name, tuple(names), amounts, zone, decisive(standings))
