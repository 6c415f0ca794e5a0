"""Everybody on a list, as their call would know them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.callers import Asked, callers
from dialer.operation import Operation
from dialer.store import campaigns, records
from dialer.store.models import ListMember, Person
from ivr_flows.turn import Caller

BATCH = 500


async def everybody(op: Operation, list_name: str) -> AsyncGenerator[Caller, None]:
    """Everybody on the list as their call would know them."""
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        chosen = await campaigns.list_by_name(session, tenant.id, list_name)
        last = 0
        while rows := await _members(session, chosen.id, after=last):
            last = rows[-1][0]
            numbers = await records.numbers_of(session, [person.id for _, person in rows])
            asked = [Asked(person, numbers[person.id][0], _shown(op)) for _, person in rows if person.id in numbers]
            for who in await callers(session, op, asked, skill=""):
                yield who


async def _members(session: AsyncSession, list_id: int, *, after: int) -> Sequence[tuple[int, Person]]:
    rows = await session.execute(
        select(ListMember.id, Person)
        .join(Person, Person.id == ListMember.person_id)
        .where(ListMember.list_id == list_id, ListMember.id > after)
        .order_by(ListMember.id)
        .limit(BATCH)
    )
    return [(member_id, person) for member_id, person in rows.all()]


def _shown(op: Operation) -> str:
    return op.settings.caller_ids[0] if op.settings.caller_ids else ""
