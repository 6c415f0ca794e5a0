"""Which flows there are, and which campaigns call with them. Reads only what the visitor may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from console.guard import Visitor
from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.proving import known
from dialer.store.models import Campaign, ContactList, Creditor
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


def flow_of(op: Operation, name: str) -> Flow:
    """A flow of the library; NotFound. Never a file by its path: the name comes from an address."""
    if name not in library():
        raise NotFound(f"There is no flow of this name. There are: {', '.join(library())}")
    return op.flow(name)


async def shelf(op: Operation, visitor: Visitor) -> list[Shelved]:
    """All flows in the order of the collection ladder, those without a step last."""
    uses = await _uses(op, visitor)
    flows = sorted((op.flow(name) for name in library()), key=lambda one: (_step(one), one.name))
    return [Shelved(flow, known(flow, op.packs), uses.get(flow.name, ())) for flow in flows]


def text_of(flow: Flow) -> str:
    """The flow's own file."""
    return Path(flow.source).read_text(encoding="utf-8")


def _step(flow: Flow) -> int:
    return flow.ladder.step if flow.ladder else 99


async def _uses(op: Operation, visitor: Visitor) -> Mapping[str, tuple[Use, ...]]:
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
    async with op.database.read() as session:
        for row in await session.execute(wanted):
            found[row.flow].append(Use(row.id, row.name, row.status, row.direction == "in"))
    return {name: tuple(uses) for name, uses in found.items()}
