"""Shows what is masked of a person to somebody who says why; the reason is on record before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from dialer.errors import BadInput
from dialer.heeding.reasons import must_name_nobody
from dialer.operation import Operation
from dialer.record.gathering import opened
from dialer.store import interactions
from dialer.store.models import Number, Person


@dataclass(frozen=True, slots=True)
class Revealed:
    """In clear: numbers (E.164) by their id, and what else is sealed of a person."""

    numbers: Mapping[int, str]
    document: str | None
    email: str | None
    address: str | None


async def reveal(op: Operation, person: Person, reason: str) -> Revealed:
    """Numbers, document, e-mail and address of a person. BadInput without a reason, or if that names somebody."""
    if not reason.strip():
        raise BadInput("Say why the numbers are needed. It is kept in the record.")
    must_name_nobody(reason)
    async with op.database.write() as session:
        await interactions.add(
            session, tenant_id=person.tenant_id, person_id=person.id, at=op.clock.now(), kind="details_shown",
            actor="operator", detail={"reason": reason.strip()},
        )  # fmt: skip
    keyring = op.database.keyring
    async with op.database.read() as session:
        rows = await session.scalars(select(Number).where(Number.person_id == person.id))
        numbers = {one.id: one.e164 for one in rows}
    return Revealed(
        numbers=numbers,
        document=opened(keyring, person.document),
        email=opened(keyring, person.email),
        address=opened(keyring, person.address),
    )
