"""The rule packs in force, one by one: what each rule asks for, where it stands written, and how sure we are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from console.frame import page
from console.guard import LOOKS, Guard, Visitor
from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.rules.differences import Placed, rules_of
from dialer.rules.packs import Pack, Packs, load_packs

STALE = timedelta(days=365)
CONFIDENCE = {
    "H": "official text",
    "M": "its summary or a quotation",
    "L": "weak or conflicting sources",
    "MEM": "not checked",
    "HOUSE": "a rule of our own",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """A country's pack at a glance; `fault`: why it cannot be used. `pack` None: no pack of it can be read at all."""

    country: str
    pack: Pack | None
    rules: int
    shipped: bool
    stale: bool
    fault: str


def packs_routes(op: Operation, guard: Guard) -> APIRouter:
    """The list of packs, and each with its rules."""
    router = APIRouter(prefix="/rules")
    looks = Depends(guard.lets(*LOOKS))

    @router.get("")
    async def overview(request: Request, visitor: Visitor = looks) -> Response:
        """Which packs are in force, and which are broken."""
        return page(request, "rules/packs.html", visitor, packs=summaries(op.packs, datetime.now(UTC).date()))

    @router.get("/packs/{country}")
    async def of_country(request: Request, country: str, place: str = "", visitor: Visitor = looks) -> Response:
        """Every rule of a pack; with a place only the country's and that place's."""
        pack = op.packs.find(country)
        if pack is None:
            raise NotFound("There is no rule pack of that country, so nobody there is called")
        chosen = place if place in pack.regions else ""
        rows = [one for one in rules_of(pack) if not chosen or one.place in (pack.country, chosen)]
        values: dict[str, Any] = {"pack": pack, "rows": rows, "place": chosen, "said": said, "sure": CONFIDENCE}
        fault = op.packs.broken.get(country, "")
        return page(request, "rules/pack.html", visitor, fault=fault, **values)

    return router


def summaries(packs: Packs, today: date) -> list[Summary]:
    """Every country that has a pack, or whose pack is broken."""
    shipped = load_packs().by_country
    found = []
    for country in sorted(packs.by_country.keys() | packs.broken.keys()):
        pack = packs.by_country.get(country)
        found.append(
            Summary(
                country=country,
                pack=pack,
                rules=len(rules_of(pack)) if pack else 0,
                shipped=pack is not None and pack is shipped.get(country),
                stale=pack is not None and today - pack.last_checked > STALE,
                fault=packs.broken.get(country, ""),
            )
        )
    return found


def said(one: Placed) -> list[str]:
    """What a rule asks for, a line for each of its parameters."""
    return [
        f"{name.replace('_', ' ')}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in one.parameters.items()
    ]
