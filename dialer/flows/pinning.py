"""Which flow speaks: for a new call the one in force, for a call that has begun the revision that it began with.

What stands in the database is believed only when its text hashes to its revision. It publishes nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.flows.naming import is_own
from dialer.operation import Operation
from dialer.store import flow_versions
from dialer.store.models import Attempt, FlowVersion
from ivr_flows.errors import FlowFailed, FlowInvalid
from ivr_flows.loading import parse
from ivr_flows.nodes import Flow


@dataclass(frozen=True, slots=True)
class InForce:
    """A flow for new calls. `places` (ISO 3166) are those that it is proven for; None: a flow of the library,
    which is proven for all that have a pack before a campaign begins."""

    flow: Flow
    places: tuple[str, ...] | None = None


async def in_force(session: AsyncSession, op: Operation, tenant_id: int, name: str) -> InForce:
    """What new calls of the company say under this name. FlowInvalid: nobody can be called with it."""
    if not is_own(name):
        return InForce(op.flow(name))
    row = await flow_versions.in_force(session, tenant_id, name)
    if row is None:
        raise FlowInvalid("No version of this flow is published: publish a proven one.", source=name, line=1)
    _must_be_proven(row)
    return InForce(await _read(session, op, tenant_id, name, row.revision), tuple(map(str, row.places or ())))


async def current(session: AsyncSession, op: Operation, tenant_id: int, name: str) -> Flow:
    """The flow alone; FlowInvalid."""
    return (await in_force(session, op, tenant_id, name)).flow


async def of_call(session: AsyncSession, op: Operation, attempt: Attempt, revision: str | None = None) -> Flow:
    """The flow of a call. `revision` is that of its state, once something was said; FlowFailed if it cannot be read.

    Before the first word it is what the gate was asked about, or, where that is lost, what is in force now.
    """
    try:
        return await _of_call(session, op, attempt, revision)
    except FlowInvalid as fault:
        raise FlowFailed(str(fault)) from fault


def at_hand(op: Operation, attempt: Attempt, revision: str) -> Flow | None:
    """The flow of a call that has begun with this revision, if nothing must be read for it."""
    if is_own(attempt.flow):
        return op.flows.find((attempt.tenant_id, attempt.flow, revision))
    try:
        flow = op.flow(attempt.flow)
    except FlowInvalid:
        return None
    return flow if flow.revision == revision else None


async def read(session: AsyncSession, op: Operation, row: FlowVersion) -> Flow:
    """The flow of a saved version; FlowInvalid when its text is lost or was changed."""
    return await _read(session, op, row.tenant_id, row.name, row.revision)


async def keep(session: AsyncSession, op: Operation, attempt: Attempt, flow: Flow) -> None:
    """A release or a file may change under a call that goes on: its text is on record before its first word.

    It is remembered as kept only when a later call has found it: this transaction may still be undone.
    """
    key = (attempt.tenant_id, attempt.flow, flow.revision)
    if key in op.flows.on_record or not flow.texts:
        return
    if await flow_versions.is_kept(session, *key):
        op.flows.on_record.add(key)
        return
    await flow_versions.keep_text(session, *key, texts=flow.texts, at=op.clock.now())


async def _of_call(session: AsyncSession, op: Operation, attempt: Attempt, revision: str | None) -> Flow:
    tenant_id, name = attempt.tenant_id, attempt.flow
    wanted = revision or attempt.flow_revision
    if is_own(name) and wanted is not None:
        return await _read(session, op, tenant_id, name, wanted)
    try:
        flow = await current(session, op, tenant_id, name)
    except FlowInvalid:  # a file that is gone: what was read from it may be on record
        if wanted is None:
            raise
        return await _read(session, op, tenant_id, name, wanted)
    if wanted in (None, flow.revision):
        return flow
    if revision is None and not await flow_versions.is_kept(session, tenant_id, name, str(wanted)):
        return flow
    return await _read(session, op, tenant_id, name, str(wanted))


async def _read(session: AsyncSession, op: Operation, tenant_id: int, name: str, revision: str) -> Flow:
    """From memory, else from the database; FlowInvalid."""
    key = (tenant_id, name, revision)
    if (known := op.flows.find(key)) is not None:
        return known
    row = await flow_versions.text_of(session, *key)
    if row is None:
        raise FlowInvalid(f"The text of revision {revision} is not on record.", source=name, line=1)
    full = name if is_own(name) else ""  # of a file or a folder the last part is the name
    flow = await asyncio.to_thread(parse, row.text, name, name=full, fragments=row.fragments)
    if flow.revision != revision:
        what = f"The text on record is not that of revision {revision}: it was changed in the database."
        raise FlowInvalid(f"{what} Save and publish the flow anew.", source=name, line=1)
    op.flows.remember(key, flow)
    return flow


def _must_be_proven(row: FlowVersion) -> None:
    proof = row.proof or {}
    if wrong := proof.get("violations"):
        what = f"The law has changed, and version {row.number} is not proven any more: {_said(wrong[0])}"
        raise FlowInvalid(what, source=row.name, line=1)
    if not row.places or proof.get("revision") != row.revision or proof.get("violations") != []:
        what = f"Version {row.number} is published without a proof of its text: publish a proven one."
        raise FlowInvalid(what, source=row.name, line=1)


def _said(violation: dict[str, Any]) -> str:
    where, what = (
        " ".join(str(violation[part]) for part in parts if violation.get(part))
        for parts in (("code", "node"), ("what", "remedy"))
    )
    return f"{where}: {what}"
