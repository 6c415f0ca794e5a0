"""Queries for sealing the record: what is new, whose chain it goes to, and the seal over all of it.

Whoever seals holds the company's row to the end of the transaction, so that there is one at a time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store import chain
from dialer.store.chain import Line, Step
from dialer.store.models import Interaction, Person, Purge, Seal, Tenant
from dialer.store.sealing import Keyring

PAGE = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unsealed(before: datetime) -> ColumnElement[bool]:
    """Whether rows wait for their seal that were written before then."""
    return exists().where(Interaction.n.is_(None), Interaction.at <= before)


def in_ms(at: datetime) -> int:
    """Milliseconds UTC."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def line_of(row: Interaction) -> Line:
    """A row as it is signed."""
    return Line(
        id=row.id, tenant_id=row.tenant_id, person_id=row.person_id, attempt_id=row.attempt_id,
        at=in_ms(row.at), kind=row.kind, actor=row.actor, detail=row.detail,
    )  # fmt: skip


async def hold(session: AsyncSession) -> list[tuple[int, int, str | None]]:
    """The companies, held to the end of the transaction: id, and where the chain of their own rows ends."""
    rows = await session.execute(
        update(Tenant)
        .values(record_n=Tenant.record_n)
        .returning(Tenant.id, Tenant.record_n, Tenant.record_head)
        .execution_options(synchronize_session=False)
    )
    return [(row.id, row.record_n, row.record_head) for row in rows]


async def waiting(session: AsyncSession, tenant_id: int, limit: int) -> Sequence[Interaction]:
    """Rows without a seal, in the order of their ids; what is committed late comes with a later step."""
    rows = await session.scalars(
        select(Interaction)
        .where(Interaction.tenant_id == tenant_id, Interaction.n.is_(None))
        .order_by(Interaction.id)
        .limit(limit)
    )
    return rows.all()


async def ends_of(session: AsyncSession, person_ids: Sequence[int]) -> dict[int, tuple[int, str | None]]:
    """Where the chains of these people end: rows, head. Held; who is being written about now is left out."""
    rows = await session.execute(
        select(Person.id, Person.record_n, Person.record_head)
        .where(Person.id.in_(person_ids))
        .order_by(Person.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return {row.id: (row.record_n, row.record_head) for row in rows}


async def write(session: AsyncSession, links: Sequence[Mapping[str, Any]]) -> None:
    """Put places, chains and the seal on rows: [{"row": id, "place": n, "link": chain, "step": seal}]."""
    table = _table(Interaction)
    places: dict[str, Any] = {"n": bindparam("place"), "chain": bindparam("link"), "seal": bindparam("step")}
    await (await session.connection()).execute(
        update(table).where(table.c.id == bindparam("row"), table.c.n.is_(None)).values(places), list(links)
    )


async def move_ends(
    session: AsyncSession, model: type[Person] | type[Tenant], ends: Sequence[Mapping[str, Any]]
) -> None:
    """Note where chains end now: [{"whose": id, "rows": n, "end": head}]."""
    table = _table(model)
    values: dict[str, Any] = {"record_n": bindparam("rows"), "record_head": bindparam("end")}
    if ends:
        await (await session.connection()).execute(
            update(table).where(table.c.id == bindparam("whose")).values(values), list(ends)
        )


async def newest(session: AsyncSession, tenant_id: int) -> Seal | None:
    """The latest seal of a company."""
    return await session.scalar(select(Seal).where(Seal.tenant_id == tenant_id).order_by(Seal.n.desc()).limit(1))


async def add(session: AsyncSession, step: Step, at: datetime, signature: str) -> None:
    """One more seal. Unique by its place: a second one of the same place is refused by the database."""
    values = {"digest": step.digest, "chain": signature}
    await session.execute(
        insert(Seal).values(tenant_id=step.tenant_id, n=step.n, at=at, rows=step.rows, last_id=step.last_id, **values)
    )


def step_of(seal: Seal) -> Step:
    """A seal as it is signed."""
    return Step(seal.tenant_id, seal.n, in_ms(seal.at), seal.rows, seal.last_id, seal.digest)


async def of_person(session: AsyncSession, person_id: int) -> Sequence[Interaction]:
    """All that is on record of a person, in the order of the chain; what has no seal yet stands last."""
    rows = await session.scalars(
        select(Interaction)
        .where(Interaction.person_id == person_id)
        .order_by(Interaction.n.is_(None), Interaction.n, Interaction.id)
    )
    return rows.all()


async def all_sealed(session: AsyncSession) -> AsyncIterator[Interaction]:
    """Every sealed row, chain after chain: people in order, the companies' own rows last. Flat in memory."""
    rows = await session.stream_scalars(
        select(Interaction)
        .where(Interaction.n.is_not(None))
        .order_by(Interaction.person_id.is_(None), Interaction.person_id, Interaction.tenant_id, Interaction.n)
        .execution_options(yield_per=PAGE)
    )
    async for row in rows:
        yield row


async def purge(session: AsyncSession, keyring: Keyring, person: Person, *, why: str, at: datetime) -> None:
    """Take a person's whole record away, through the one way that the database allows.

    A signed mark stays: how much it was, where its chain ended, and what it was to each seal.
    """
    rows = await of_person(session, person.id)
    held = await session.execute(select(Person.record_n, Person.record_head).where(Person.id == person.id))
    n, head = held.one()
    shares: dict[str, tuple[int, int]] = {}
    for row in rows:
        if row.chain is not None:
            count, total = shares.get(str(row.seal), (0, 0))
            shares[str(row.seal)] = (count + 1, total + chain.share_of(row.chain))
    sums = {step: [count, chain.sum_of([total])] for step, (count, total) in shares.items()}
    last = max((row.id for row in rows), default=0)
    mark = Purge(tenant_id=person.tenant_id, person_id=person.id, n=n, head=head, sums=sums, why=why, at=at)
    mark.last_id = last
    mark.mac = keyring.sign(purge_text(mark))
    session.add(mark)
    await session.flush()
    await session.execute(
        delete(Interaction)
        .where(Interaction.person_id == person.id, Interaction.id <= last)
        .execution_options(synchronize_session=False)
    )


def purge_text(mark: Purge) -> str:
    """What is signed of the mark of a purge."""
    return "purge\n" + chain.canonical(
        {
            "tenant": mark.tenant_id, "person": mark.person_id, "n": mark.n, "head": mark.head, "last": mark.last_id,
            "sums": mark.sums, "why": mark.why, "at": in_ms(mark.at),
        }
    )  # fmt: skip


def _table(model: type[Any]) -> Table:
    table = model.__table__
    assert isinstance(table, Table), "every model is a table"
    return table
