"""Acts that put a version of an own flow in force: only with a proof, for every country that is called with it.

Live calls go on with the revision that they began with. Going back is a new version with the text of the old one.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import proving
from dialer.errors import BadInput, Conflict, Refused
from dialer.flows import pinning, saving
from dialer.flows.naming import own_name
from dialer.operation import Operation
from dialer.rules.flow_demands import demands
from dialer.rules.packs import Packs
from dialer.store import campaigns, contacts, flow_versions, interactions, who
from dialer.store.models import FlowVersion
from ivr_flows import checking
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import Proof
from ivr_flows.proving.telling import Violation

LIFTED = ("FLOW_NOT_PROVEN", "VARIABLE_MISSING")  # what another version may no longer hold against anybody


@dataclass(frozen=True, slots=True)
class Published:
    """What is in force from now on; `back_to` is the version before whose text it has, None when it is its own."""

    number: int
    places: tuple[str, ...]
    back_to: int | None = None


async def publish(op: Operation, name: str, number: int, *, places: tuple[str, ...] = ()) -> Published:
    """Put a version in force for these countries (none named: all that have a pack).

    NotFound; BadInput for a country without a pack; Refused with the shortest way to what is wrong when it is not
    proven, or when a campaign calls elsewhere; Conflict when somebody has published it first.
    """
    name = own_name(name)
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        flow = await pinning.read(session, op, await saving.found(session, tenant.id, name, number))
    proof = await _proven(op, flow, places)
    try:
        async with op.database.write() as session:
            return await _publish(session, op, flow, number, proof)
    except IntegrityError:  # another version was saved at this very moment
        raise Conflict(f"A version of {name} was saved meanwhile. Look at it, then publish again.") from None


def shortest(violations: tuple[Violation, ...]) -> Violation:
    """The counter-example that is read fastest."""
    return min(violations, key=lambda one: (len(one.path), len(one.way)))


async def _proven(op: Operation, flow: Flow, places: tuple[str, ...]) -> Proof:
    packs = op.packs
    if strangers := [one for one in places if one not in packs.by_country]:
        raise BadInput(f"no pack for {', '.join(strangers)}: choose from {', '.join(sorted(packs.by_country))}")
    if faults := checking.check(flow):
        raise Refused(f"{flow.name} is not sound: {faults[0]}")
    proof = await proving.proof_apart(flow, packs, places)
    if not proof.proven:
        count = len(proof.violations)
        more = f" There {'is' if count == 2 else 'are'} {count - 1} more." if count > 1 else ""
        raise Refused(f"{flow.name} is not proven and stays a draft. {shortest(proof.violations)}{more}")
    return proof


async def _publish(session: AsyncSession, op: Operation, flow: Flow, number: int, proof: Proof) -> Published:
    tenant = await campaigns.tenant(session)
    row = await saving.found(session, tenant.id, flow.name, number)
    await _must_suit_campaigns(session, op, tenant.id, flow, proof)
    newest = await flow_versions.in_force(session, tenant.id, flow.name)
    back_to = number if newest is not None and _is_another(newest, number, proof) else None
    if back_to is not None:
        row = await _copy(session, op, flow, row)
    if not await flow_versions.publish(
        session,
        row.id,
        places=proof.places,
        proof=kept(proof, op.packs),
        by=who.on_record("operator"),
        at=op.clock.now(),
    ):
        raise Conflict(f"Version {number} of {flow.name} is published already.")
    await contacts.unblock(session, tenant.id, LIFTED, at=op.clock.now())
    detail: dict[str, Any] = {
        "flow": flow.name, "version": row.number, "revision": flow.revision, "places": list(proof.places),
    }  # fmt: skip
    await interactions.add(
        session, tenant_id=tenant.id, at=op.clock.now(), kind="flow_published", actor="operator", detail=detail
    )
    return Published(row.number, proof.places, back_to)


def kept(proof: Proof, packs: Packs) -> dict[str, Any]:
    """The proof as it stands beside the version, as JSON. `asked` tells when the law asks for something else."""
    violations = [asdict(one) for one in proof.violations]
    return asdict(proof) | {"violations": violations, "asked": asked_of(packs, proof.places)}


def asked_of(packs: Packs, places: tuple[str, ...]) -> str:
    """What these countries ask of a flow, as a hash."""
    return hashlib.sha256(repr(demands(packs, places)).encode()).hexdigest()[:16]


def _is_another(newest: FlowVersion, number: int, proof: Proof) -> bool:
    """Whether the text of this version comes back in place of the one in force, or is to hold for other places."""
    if newest.number != number:
        return newest.number > number
    sound = not (newest.proof or {}).get("violations")
    return not (sound and set(newest.places or ()) == set(proof.places))


async def _copy(session: AsyncSession, op: Operation, flow: Flow, old: FlowVersion) -> FlowVersion:
    """The old text as the newest version: what is in force is always the last that was published."""
    newest = (await flow_versions.versions(session, old.tenant_id, old.name))[0]
    how = "Again" if old.published_at is not None and newest.number == old.number else "Back to"
    why = f"{how} version {old.number}: {old.why}"[: saving.LONGEST_WHY]
    return await saving.add_version(session, op, flow, tenant_id=old.tenant_id, number=newest.number + 1, why=why)


async def _must_suit_campaigns(
    session: AsyncSession, op: Operation, tenant_id: int, flow: Flow, proof: Proof
) -> None:
    """Whoever is being called with the flow now goes on being called lawfully."""
    called = await flow_versions.countries_called(session, tenant_id, flow.name)
    if lacking := sorted(called - set(proof.places)):
        where = ", ".join(lacking)
        raise Refused(f"Campaigns call people in {where} with {flow.name}: publish it for there as well.")
    if called and flow.inbound:
        raise Refused(f"Campaigns call with {flow.name}: it cannot become one that answers calls.")
    if op.settings.inbound_flow == flow.name and not flow.inbound:
        raise Refused(f"{flow.name} answers the calls to us: its new version must do so too (inbound: true).")
