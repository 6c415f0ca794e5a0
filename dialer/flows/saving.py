"""Acts on versions of own flows: save the next one, and keep what is typed until then. Nothing is published here.

Whoever saves names the version that they began from; if another one was saved meanwhile, they are told, and theirs
is not in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import BadInput, Conflict, NotFound, Refused
from dialer.flows.naming import own_name
from dialer.flows.reading import LONGEST_BYTES, read_text, too_long
from dialer.operation import Operation
from dialer.store import campaigns, flow_versions, interactions, who
from dialer.store.models import FlowVersion
from ivr_flows.loading import fragments
from ivr_flows.nodes import Flow

LONGEST_WHY = 300


@dataclass(frozen=True, slots=True)
class Written:
    """A text to be saved: why, and the number of the version that it was made from (0: there was none).

    `fragments` are lent by whoever reads them from a file; those of the version before are known.
    """

    text: str
    why: str
    base: int = 0
    fragments: Mapping[str, str] = field(default_factory=dict)


async def save(op: Operation, name: str, written: Written) -> FlowVersion:
    """The next version of an own flow. FlowInvalid, BadInput; Conflict when another one was saved meanwhile."""
    name, why = own_name(name), written.why.strip()
    if not why or len(why) > LONGEST_WHY:
        raise BadInput(f"Say in 1 to {LONGEST_WHY} characters why the flow is changed: others read it later.")
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        lent = {**await _lent(session, tenant.id, name, written.base), **written.fragments}
    flow = await asyncio.to_thread(read_text, name, written.text, own_fragments=lent)
    try:
        async with op.database.write() as session:
            return await _save(session, op, flow, why, base=written.base)
    except IntegrityError:  # the number was taken at this very moment
        raise Conflict(_overtaken(name, written.base + 1)) from None


async def keep_draft(op: Operation, user_id: int, name: str, *, text: str, base: int) -> None:
    """What somebody has typed so far, in place of what they had typed before. Not looked at: it may be anything."""
    if too_long(text):
        raise BadInput(f"A draft has at most {LONGEST_BYTES} bytes. Split the flow.")
    async with op.database.write() as session:
        await flow_versions.put_draft(session, user_id, name, text=text, base=base, at=op.clock.now())


async def drop_draft(op: Operation, user_id: int, name: str) -> None:
    """Throw away what was typed and not saved."""
    async with op.database.write() as session:
        await flow_versions.drop_draft(session, user_id, name)


async def add_version(
    session: AsyncSession, op: Operation, flow: Flow, *, tenant_id: int, number: int, why: str
) -> FlowVersion:
    """Put a version on record, with who made it. IntegrityError when the number is taken."""
    now = op.clock.now()
    await flow_versions.keep_text(session, tenant_id, flow.name, flow.revision, texts=flow.texts, at=now)
    made = FlowVersion(
        tenant_id=tenant_id, name=flow.name, number=number, revision=flow.revision, why=why,
        saved_by=who.on_record("operator"), saved_at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    detail = {
        "flow": flow.name,
        "version": number,
        "revision": flow.revision,
    }  # why stays in the row
    await interactions.add(session, tenant_id=tenant_id, at=now, kind="flow_saved", actor="operator", detail=detail)
    return made


async def found(session: AsyncSession, tenant_id: int, name: str, number: int) -> FlowVersion:
    """That version; NotFound."""
    row = await flow_versions.version(session, tenant_id, name, number)
    if row is None:
        raise NotFound(f"There is no version {number} of {name}. See them: toque flow versions {name}")
    return row


async def _save(session: AsyncSession, op: Operation, flow: Flow, why: str, *, base: int) -> FlowVersion:
    tenant = await campaigns.tenant(session)
    known = await flow_versions.versions(session, tenant.id, flow.name)
    newest = known[0] if known else None
    if newest is not None and newest.number != base:
        raise Conflict(_overtaken(flow.name, newest.number))
    if newest is None and base:
        raise NotFound(f"There is no version {base} of {flow.name}. Save it as a new flow.")
    if newest is not None and newest.revision == flow.revision:
        raise Refused(f"Nothing is changed: this is the text of version {base} of {flow.name}.")
    return await add_version(session, op, flow, tenant_id=tenant.id, number=base + 1, why=why)


async def _lent(session: AsyncSession, tenant_id: int, name: str, base: int) -> Mapping[str, str]:
    """Those of the version before that the library does not have; of the others the library's own of today."""
    before = await flow_versions.version(session, tenant_id, name, base) if base else None
    kept = await flow_versions.text_of(session, tenant_id, name, before.revision) if before else None
    known = fragments()
    return {name: text for name, text in kept.fragments.items() if name not in known} if kept else {}


def _overtaken(name: str, number: int) -> str:
    return (
        f"Version {number} of {name} was saved meanwhile by somebody else. Yours is not saved and not lost: compare"
        f" the two, and save yours over version {number} if it is to come after it."
    )
