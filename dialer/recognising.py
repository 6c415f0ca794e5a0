"""Who may be at a number that calls or writes to us. A guess from the number alone: it is never an identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.store import suppressions
from dialer.store.models import Attempt, Number, Person
from ivr_flows.turn import Value

RECENTLY = timedelta(days=7)
ANONYMOUS = "anonymous"  # instead of the number of a caller who shows none
LANGUAGES = {
    "BR": "pt-BR", "PT": "pt-BR", "AO": "pt-BR", "MZ": "pt-BR",
    "FR": "fr-FR", "BE": "fr-FR", "MC": "fr-FR", "LU": "fr-FR", "SN": "fr-FR", "CI": "fr-FR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Party:
    """`person` is the one on record at the number if there is exactly one; else somebody who owes us nothing.

    `known` says which. `number` is that person's.
    """

    person: Person
    number: Number
    known: bool


async def party_at(session: AsyncSession, op: Operation, tenant_id: int, e164: str, *, ours: str) -> Party:
    """Who may be at a number (or ANONYMOUS) that reached `ours`, the number of ours that was called or texted."""
    if e164 != ANONYMOUS:
        met = await suppressions.holders(session, tenant_id, e164)
        if len(met) == 1:
            return Party(met[0], await _number_of(session, met[0], e164), known=True)
    return await _stranger(session, op, tenant_id, e164, ours=ours)


async def _number_of(session: AsyncSession, person: Person, e164: str) -> Number:
    found = await session.scalar(select(Number).where(Number.person_id == person.id, Number.e164 == e164))
    assert found is not None, "the person was found by this number"
    return found


async def _stranger(session: AsyncSession, op: Operation, tenant_id: int, e164: str, *, ours: str) -> Party:
    """The record of everything that comes from a number of which we know nobody, or several."""
    keys = [f"caller:{index}" for index in op.database.keyring.indexes("number", e164)]  # keys are shown: no number
    person = await session.scalar(select(Person).where(Person.tenant_id == tenant_id, Person.key.in_(keys)))
    if person is not None:
        return Party(person, await _number_of(session, person, e164), known=False)
    country, line_type = _kind_of(e164, ours)
    person = Person(
        tenant_id=tenant_id,
        key=keys[0],
        kind="caller",
        name="",
        language=LANGUAGES.get(country, "en-US"),
        country=country,
        created_at=op.clock.now(),
    )
    session.add(person)
    await session.flush()
    number = Number(
        tenant_id=tenant_id, person_id=person.id, e164=e164, country=country, rank=0, line_type=line_type,
        status="usable",
    )  # fmt: skip
    session.add(number)
    await session.flush()
    return Party(person, number, known=False)


def _kind_of(e164: str, ours: str) -> tuple[str, str]:
    """Country and kind of line; of a number that tells none, the country of ours, where the call came in."""
    found = read(e164, "US") if e164.startswith("+") else None
    if isinstance(found, PhoneNumber):
        return found.country, found.line_type
    here = read(ours, "US") if ours.startswith("+") else None
    return (here.country if isinstance(here, PhoneNumber) else "US"), "other"


def language_of(e164: str, ours: str) -> str:
    """What is spoken where a number is; of one that tells nothing, where ours is. Asks nothing but the number."""
    return LANGUAGES.get(_kind_of(e164, ours)[0], "en-US")


async def told_of_call(session: AsyncSession, op: Operation, attempt: Attempt) -> dict[str, Value]:
    """The flags that only a call to us has; nothing for a call of ours."""
    if attempt.direction != "in":
        return {}
    person = await session.get_one(Person, attempt.person_id)
    called = select(Attempt.id).where(
        Attempt.tenant_id == attempt.tenant_id,
        Attempt.direction == "out",
        Attempt.to_number == attempt.to_number,
        Attempt.status != "denied",
        Attempt.intent_at > op.clock.now() - RECENTLY,
    )
    return {
        "known_caller": person.kind != "caller",
        "called_recently": await session.scalar(called.limit(1)) is not None,
        "number_withheld": attempt.to_number == ANONYMOUS,
    }
