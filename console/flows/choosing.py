"""Which flow a page is about: one of the library, or an own one at the version that the address names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from console.flows.shelf import flow_of
from console.guard import LOOKS, Guard, Visitor
from dialer.errors import NotFound
from dialer.flows import pinning
from dialer.flows.naming import OWN
from dialer.operation import Operation
from dialer.store import flow_versions
from dialer.store.models import FlowVersion
from ivr_flows.errors import FlowInvalid
from ivr_flows.nodes import Flow

LIBRARY, OWNS = "/flows", "/flows/own"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The flow. Of an own one `version` is the row, `live` the number in force, `newest` the last one's.

    `named`: the address names the version, and the links of the page keep to it.
    """

    flow: Flow
    version: FlowVersion | None = None
    live: int | None = None
    newest: int = 0
    named: bool = False

    def places(self, op: Operation) -> tuple[str, ...]:
        """The countries that it has to be proven for: those it was published for, else (none named) all."""
        asked = self.version.places if self.version is not None else None
        return tuple(str(one) for one in asked or () if one in op.packs.by_country)

    @property
    def values(self) -> dict[str, Any]:
        """What the frame of the pages needs to know of it; `vq` goes to the end of addresses."""
        number = self.version.number if self.version else None
        vq = f"&v={number}" if self.named and number else ""
        return {"version": self.version, "live": self.live, "newest": self.newest, "vq": vq}


def chooser(op: Operation, guard: Guard, where: str, *, newest: bool = False) -> Any:
    """A dependency: the flow that the address names; NotFound. Own flows of other companies do not exist.

    Without a version in the address it is the one in force; with `newest`, where it is edited, the last one saved.
    """
    may_look = Depends(guard.lets(*LOOKS))

    async def chosen(request: Request, visitor: Visitor = may_look) -> Chosen:
        name = request.path_params["name"]
        if where == LIBRARY:
            return Chosen(flow_of(op, name))
        number = request.query_params.get("v", "")
        named = int(number) if number.isdecimal() and len(number) < 9 else None
        return await own_flow(op, visitor, name, named, newest=newest)

    return Depends(chosen)


async def own_flow(op: Operation, visitor: Visitor, name: str, number: int | None, *, newest: bool = False) -> Chosen:
    """An own flow of the visitor's company: that version, else the one in force, else the newest; NotFound."""
    async with op.database.read() as session:
        rows = await flow_versions.versions(session, visitor.tenant_id, OWN + name)
        live = next((one for one in rows if one.published_at is not None), None)
        usual = (None if newest else live) or (rows[0] if rows else None)
        wanted = [usual, *rows] if number is None else [one for one in rows if one.number == number]
        found = await _first_readable(session, op, [one for one in wanted if one is not None])
    if found is None:
        raise NotFound("There is no such flow or version, or its text is lost. See the list of flows.")
    row, flow = found
    return Chosen(flow, row, live.number if live else None, rows[0].number, number is not None)


async def _first_readable(
    session: AsyncSession, op: Operation, rows: Sequence[FlowVersion]
) -> tuple[FlowVersion, Flow] | None:
    """A version whose text is lost does not hide the others: one of them can be gone back to."""
    for row in rows:
        try:
            return row, await pinning.read(session, op, row)
        except FlowInvalid:
            continue
    return None
