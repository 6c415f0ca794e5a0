"""Which flow is meant on the command line: of the library, of a file, or an own one, perhaps at a version."""

from __future__ import annotations

from dialer.errors import BadInput
from dialer.flows import pinning, saving
from dialer.flows.naming import is_own, own_name
from dialer.operation import Operation
from dialer.store import campaigns
from ivr_flows import loading
from ivr_flows.nodes import Flow
from toque.commands.acting import act


def chosen(which: str) -> Flow:
    """`lembrete`, `file.yaml`, `own/natal` (what is in force) or `own/natal@3`; FlowInvalid, NotFound, BadInput."""
    if not is_own(which):
        return loading.load(which)

    async def read(op: Operation) -> Flow:
        return await of_company(op, which)

    return act(read)


async def of_company(op: Operation, which: str) -> Flow:
    """The same for an own flow, within an operation."""
    name, number = name_and_number(which)
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        if number is None:
            return await pinning.current(session, op, tenant.id, name)
        return await pinning.read(session, op, await saving.found(session, tenant.id, name, number))


def name_and_number(which: str) -> tuple[str, int | None]:
    """The full name of an own flow and the version that is named, if one is; BadInput."""
    name, at, number = which.partition("@")
    if at and not number.isdigit():
        raise BadInput(f"{which} names no version: write {name}@3, or {name} alone for the one in force.")
    return own_name(name), int(number) if at else None
