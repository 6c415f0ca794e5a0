"""Which flows there are, and which campaigns call with them. Reads only what the visitor may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.guard import Visitor
from dialer.errors import NotFound
from dialer.flows import pinning
from dialer.operation import Operation
from dialer.proving import known
from dialer.store import flow_versions
from dialer.store.models import Campaign, ContactList, Creditor, FlowVersion
from ivr_flows.errors import FlowInvalid
from ivr_flows.loading import library
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import Proof


@dataclass(frozen=True, slots=True)
class Use:
    """A campaign that calls with a flow."""

    id: int
    name: str
    status: str
    inbound: bool


@dataclass(frozen=True, slots=True)
class Shelved:
    """A flow of the list. `proof` None: not looked at since this process began."""

    flow: Flow
    proof: Proof | None
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """An own flow of the list. `flow` is what is in force, else the newest version; None: `fault` says why not."""

    name: str
    newest: FlowVersion
    live: FlowVersion | None
    flow: Flow | None
    fault: str
    uses: tuple[Use, ...]


def flow_of(op: Operation, name: str) -> Flow:
    """A flow of the library; NotFound. Never a file by its path: the name comes from an address."""
    if name not in library():
        raise NotFound(f"There is no flow of this name. There are: {', '.join(library())}")
    return op.flow(name)


async def shelf(op: Operation, visitor: Visitor) -> tuple[list[Shelved], list[Own]]:
    """All flows in the order of the collection ladder, those without a step last; and the company's own by name."""
    async with op.database.read() as session:
        uses = await _uses(session, visitor)
        own = [await _own(session, op, one, uses) for one in await newest_of(session, visitor)]
    flows = sorted((op.flow(name) for name in library()), key=lambda one: (_step(one), one.name))
    return [Shelved(flow, known(flow, op.packs), uses.get(flow.name, ())) for flow in flows], own


async def newest_of(session: AsyncSession, visitor: Visitor) -> Sequence[FlowVersion]:
    """The newest version of each of the visitor's company's own flows."""
    return await flow_versions.newest_of_all(session, visitor.tenant_id)


def text_of(flow: Flow) -> str:
    """The flow's own text, without its fragments."""
    return flow.texts[""]


async def _own(session: AsyncSession, op: Operation, newest: FlowVersion, uses: Mapping[str, tuple[Use, ...]]) -> Own:
    live = await flow_versions.in_force(session, newest.tenant_id, newest.name)
    flow, fault = None, ""
    try:
        if live is not None:
            flow = await pinning.current(session, op, newest.tenant_id, newest.name)
        else:
            flow = await pinning.read(session, op, newest)
    except FlowInvalid as broken:
        fault = broken.what
    return Own(newest.name, newest, live, flow, fault, uses.get(newest.name, ()))


def _step(flow: Flow) -> int:
    return flow.ladder.step if flow.ladder else 99


async def _uses(session: AsyncSession, visitor: Visitor) -> Mapping[str, tuple[Use, ...]]:
    wanted = (
        select(Campaign.id, Campaign.name, Campaign.status, Campaign.flow, Campaign.direction)
        .outerjoin(ContactList, ContactList.id == Campaign.list_id)
        .outerjoin(Creditor, Creditor.id == ContactList.creditor_id)
        .where(Campaign.tenant_id == visitor.tenant_id)
        .order_by(Campaign.id.desc())
    )
    if visitor.creditors is not None:
        wanted = wanted.where(Creditor.key.in_(visitor.creditors))
    found: dict[str, list[Use]] = defaultdict(list)
    for row in await session.execute(wanted):
        found[row.flow].append(Use(row.id, row.name, row.status, row.direction == "in"))
    return {name: tuple(uses) for name, uses in found.items()}
