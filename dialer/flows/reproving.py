"""Own flows in force under a law that has changed: proven anew; one that is proven no more rests its campaigns.

Calls that go on end as they began. A flow is looked at again only where its places ask for something else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import structlog

from dialer import proving
from dialer.errors import Refused
from dialer.flows import pinning
from dialer.flows.publishing import asked_of, kept
from dialer.operation import Operation
from dialer.rules.packs import Packs
from dialer.store import flow_versions, interactions
from dialer.store.models import FlowVersion
from ivr_flows.errors import FlowInvalid
from ivr_flows.proving.proof import Proof
from ivr_flows.proving.telling import Violation

log = structlog.get_logger("toque.law")


async def prove_again(op: Operation, packs: Packs, tenant_ids: Collection[int]) -> int:
    """Look at every own flow of these companies whose law has changed; how many are proven no more."""
    lost = 0
    for tenant_id in tenant_ids:
        for row in await _in_force(op, tenant_id):
            places = tuple(str(one) for one in row.places or () if one in packs.by_country)
            if places and (row.proof or {}).get("asked") != asked_of(packs, places):
                lost += not await _prove(op, packs, row, places)
    return lost


async def _in_force(op: Operation, tenant_id: int) -> Sequence[FlowVersion]:
    async with op.database.read() as session:
        names = [one.name for one in await flow_versions.newest_of_all(session, tenant_id)]
        found = [await flow_versions.in_force(session, tenant_id, name) for name in names]
    return [one for one in found if one is not None]


async def _prove(op: Operation, packs: Packs, row: FlowVersion, places: tuple[str, ...]) -> bool:
    """Keep the new proof beside the version; whether it is one."""
    try:
        async with op.database.read() as session:
            flow = await pinning.read(session, op, row)
        proof = await proving.proof_apart(flow, packs, places)
    except FlowInvalid:
        return True  # its campaigns rest for that already
    except Refused as fault:
        proof = Proof(row.name, row.revision, places, 0, 0, 0.0, (Violation("F6", row.name, "", str(fault), ""),))
    async with op.database.write() as session:
        await flow_versions.put_proof(session, row.id, kept(proof, packs))
        if not proof.proven:
            detail = {"flow": row.name, "version": row.number, "revision": row.revision}
            await interactions.add(
                session, tenant_id=row.tenant_id, at=op.clock.now(), kind="flow_unproven", detail=detail
            )
    if not proof.proven:
        log.error("flow_unproven", flow=row.name, version=row.number, todo="mend it and publish it anew")
    return proof.proven
