"""Looks people up by what somebody knows of them: key, contract, number, document or a name's beginning. Read-only.

What comes back is masked: enough to be sure, not enough to be copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.rules import masking
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.store import campaigns, lookup, people
from dialer.store.models import Number, Person

MOST = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A person on record. `name` and `numbers` are masked; `bars` the kinds of contact bars that hold now."""

    id: int
    key: str
    kind: str
    name: str
    language: str
    numbers: tuple[str, ...]
    open_debts: int
    bars: tuple[str, ...]


async def people_like(op: Operation, text: str, *, creditors: Sequence[str] | None = None) -> list[Found]:
    """At most 20 people that fit, in the order in which they were loaded; NotFound when nobody does.

    `creditors`: only people of these (keys), and only their debts are counted; None: of all.
    """
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        rows = await session.scalars(
            select(Person)
            .where(lookup.seen(tenant.id, creditors), or_(*_ways(op, text.strip(), creditors)))
            .order_by(Person.id)
            .limit(MOST)
        )
        found = [await _look(session, op, person, creditors) for person in rows]
    if not found:
        raise NotFound("Nobody on record fits. Give a key, a contract, a number with +, a document or a name")
    return found


def _ways(op: Operation, text: str, creditors: Sequence[str] | None) -> list[ColumnElement[bool]]:
    ways: list[ColumnElement[bool]] = [Person.key == text, Person.key.endswith(f":{text}", autoescape=True)]
    ways.append(Person.id.in_(lookup.with_contract(text, creditors)))
    number = read(text, "BR") if text.startswith("+") else None
    if isinstance(number, PhoneNumber):
        ways.append(Person.id.in_(select(Number.person_id).where(Number.e164 == number.e164)))
    letters = "".join(one for one in text.upper() if one.isalnum())
    if len(letters) >= 8 and any(one.isdigit() for one in letters):
        written = [letters, *(f"{country}:{letters}" for country in op.packs.by_country)]  # as lists keep them
        indexes = [index for one in written for index in op.database.keyring.indexes("document", one)]
        ways.append(Person.document_index.in_(indexes))
    if len(text) >= 3 and not any(one.isdigit() for one in text):
        ways.append(func.lower(Person.name).startswith(text.lower(), autoescape=True))
        shapes = {text, text.title(), text.upper()}  # SQLite's lower() knows no Â
        ways.extend(Person.name.startswith(one, autoescape=True) for one in sorted(shapes))
    return ways


async def _look(session: AsyncSession, op: Operation, person: Person, creditors: Sequence[str] | None) -> Found:
    now = op.clock.now()
    known = await people.numbers(session, person.id)
    bars = (await people.bars_of(session, person.tenant_id, {person.id: known}))[person.id]
    holding = {_in_words(bar.kind, bar.channel) for bar in bars if bar.until is None or bar.until > now}
    return Found(
        id=person.id,
        key=await lookup.key_of(session, person, creditors) if person.kind != "caller" else "caller",
        kind=person.kind,
        name=masking.name(person.name),
        language=person.language,
        numbers=tuple(masking.number(one.e164) for one in known),
        open_debts=sum(one.status in people.OPEN_DEBT for one, _ in await lookup.debts(session, person, creditors)),
        bars=tuple(sorted(holding)),
    )


def _in_words(kind: str, channel: str | None) -> str:
    return f"{kind} ({channel})" if channel else kind
