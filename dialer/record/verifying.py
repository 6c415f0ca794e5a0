"""Verifies the record against its signatures: what was changed, taken away, added or moved since it was sealed.

Reads only. What nobody but an outsider can know - that all of it was set back to an earlier day - is what an anchor
kept elsewhere is for (`anchor`, `against`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.store import campaigns, chain, people, seals
from dialer.store.chain import NOTHING
from dialer.store.models import Interaction, Person, Purge, Seal, Tenant
from dialer.store.sealing import Keyring

MOST = 100  # faults that are told one by one


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not fit: where (a row, the end of a chain, a seal), whose, and in words."""

    where: str
    whose: str
    what: str


@dataclass(slots=True)
class Finding:
    """What was looked at, and what does not fit (the first hundred faults)."""

    rows: int = 0
    waiting: int = 0
    chains: int = 0
    seals: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything fits."""
        return not self.faults

    def add(self, where: str, whose: str, what: str) -> None:
        """Keep a fault, unless there are too many to tell."""
        if len(self.faults) < MOST:
            self.faults.append(Fault(where, whose, what))


@dataclass(slots=True)
class Walk:
    """One chain, followed row by row. `befores` are the heads that a key of ours may have signed there."""

    keyring: Keyring
    scope: str
    finding: Finding
    n: int = 0
    chain: str | None = None

    def take(self, row: Interaction) -> None:
        """The next row of the chain."""
        line, place = seals.line_of(row), row.n or 0
        where = f"row {row.id} (place {row.n})"
        if place != self.n + 1:
            gap = f"place {self.n + 1}" if place == self.n + 2 else f"places {self.n + 1} to {place - 1}"
            self.finding.add(where, self.scope, f"before it the rows of {gap} are missing")
        elif not any(
            self.keyring.signed(chain.text_of(line, place, before), row.chain)
            for before in heads(self.keyring, self.scope, self.n, self.chain)
        ):
            self.finding.add(where, self.scope, "it is not what was sealed: it, or its place, was changed")
        self.n, self.chain = place, row.chain
        self.finding.rows += 1

    def end(self, n: int, head: str | None) -> None:
        """What is noted as the end of the chain."""
        self.finding.chains += 1
        if n != self.n:
            what = f"{n} rows were sealed, {self.n} are there: rows at the end were taken away or added"
            self.finding.add("end of the chain", self.scope, what)
        elif n and not self.keyring.signed(chain.head_text(self.scope, n, self.chain or ""), head):
            self.finding.add("end of the chain", self.scope, "the last row is not the one that was sealed last")


def heads(keyring: Keyring, scope: str, n: int, link: str | None) -> Iterable[str]:
    """What the head at this place may be: one for each key that may have signed it, the newest first."""
    if not n or link is None:
        return (NOTHING,)
    return keyring.signatures(chain.head_text(scope, n, link))


async def verify_person(op: Operation, key: str) -> Finding:
    """The chain of one person. Raises NotFound. Only `verify_all` sees that a whole chain was set back."""
    async with op.database.survey() as session:
        person = await people.by_key(session, (await campaigns.tenant(session)).id, key)
        return check_person(op.database.keyring, person, await seals.of_person(session, person.id))


def check_person(keyring: Keyring, person: Person, rows: Sequence[Interaction]) -> Finding:
    """What does not fit in the chain of one person; `rows` in its order, those without a seal last."""
    finding = Finding()
    walk = Walk(keyring, f"person {person.id}", finding)
    for row in rows:
        if row.n is None:
            finding.waiting += 1
        else:
            walk.take(row)
    walk.end(person.record_n, person.record_head)
    return finding


async def verify_all(op: Operation) -> Finding:
    """Every chain, every end, and every seal over them. Flat in memory, but for one sum for each seal."""
    async with op.database.survey() as session:
        return await check_all(session, op.database.keyring)


async def check_all(session: AsyncSession, keyring: Keyring) -> Finding:
    """What does not fit anywhere in the record as this session sees it."""
    finding, sums = Finding(), _Sums()
    waiting = select(func.count()).select_from(Interaction).where(Interaction.n.is_(None))
    finding.waiting = await session.scalar(waiting) or 0
    await _walk_all(session, keyring, finding, sums)
    await _check_ends_without_rows(session, finding, sums.seen)
    await _check_purges(session, keyring, finding, sums)
    await _check_seals(session, keyring, finding, sums)
    return finding


async def anchor(op: Operation) -> str:
    """The latest seal in one line, to be kept where nobody of this installation can change it: "N:CHAIN"."""
    async with op.database.survey() as session:
        seal = await seals.newest(session, (await campaigns.tenant(session)).id)
    if seal is None:
        raise Refused("Nothing is sealed yet. A worker seals what is on record (toque work); try again then.")
    return f"{seal.n}:{seal.chain}"


async def against(op: Operation, kept: str) -> bool:
    """Whether the record still holds the seal of an anchor. Raises BadInput when it is none."""
    n, _, signature = kept.strip().partition(":")
    if not n.isdigit() or len(signature) != 64:
        raise BadInput(f'"{kept[:80]}" is no anchor: give a line that `toque dossier verify --anchor` printed')
    async with op.database.survey() as session:
        tenant = await campaigns.tenant(session)
        found = select(Seal.chain).where(Seal.tenant_id == tenant.id, Seal.n == int(n))
        return await session.scalar(found) == signature


@dataclass(slots=True)
class _Sums:
    """What the rows add up to, seal by seal, and whose chains were seen."""

    counts: dict[tuple[int, int], int] = field(default_factory=dict)
    totals: dict[tuple[int, int], int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def add(self, tenant_id: int, step: int, count: int, share: int) -> None:
        at = tenant_id, step
        self.counts[at] = self.counts.get(at, 0) + count
        self.totals[at] = self.totals.get(at, 0) + share


async def _walk_all(session: AsyncSession, keyring: Keyring, finding: Finding, sums: _Sums) -> None:
    walk: Walk | None = None
    async for row in seals.all_sealed(session):
        scope = seals.line_of(row).scope
        if walk is None or walk.scope != scope:
            if walk is not None:
                await _end(session, walk, sums)
            walk = Walk(keyring, scope, finding)
        walk.take(row)
        sums.add(row.tenant_id, row.seal or 0, 1, chain.share_of(row.chain or ""))
    if walk is not None:
        await _end(session, walk, sums)


async def _end(session: AsyncSession, walk: Walk, sums: _Sums) -> None:
    sums.seen.add(walk.scope)
    kind, _, number = walk.scope.partition(" ")
    model = Person if kind == "person" else Tenant
    found = await session.execute(select(model.record_n, model.record_head).where(model.id == int(number)))
    row = found.first()
    walk.end(*(row or (0, None)))


async def _check_ends_without_rows(session: AsyncSession, finding: Finding, seen: set[str]) -> None:
    for model, kind in ((Person, "person"), (Tenant, "tenant")):
        rows = await session.stream(select(model.id, model.record_n).where(model.record_n > 0))
        async for row in rows:
            if f"{kind} {row.id}" not in seen:
                what = f"{row.record_n} rows were sealed, none is there"
                finding.add("end of the chain", f"{kind} {row.id}", what)


async def _check_purges(session: AsyncSession, keyring: Keyring, finding: Finding, sums: _Sums) -> None:
    for mark in await session.scalars(select(Purge).order_by(Purge.id)):
        if not keyring.signed(seals.purge_text(mark), mark.mac):
            finding.add(f"purge {mark.id}", f"person {mark.person_id}", "nobody of this installation signed it")
            continue
        for step, (count, total) in mark.sums.items():
            sums.add(mark.tenant_id, int(step), count, int(total, 16))


async def _check_seals(session: AsyncSession, keyring: Keyring, finding: Finding, sums: _Sums) -> None:
    rows = list(await session.scalars(select(Seal).order_by(Seal.tenant_id, Seal.n)))
    finding.seals = len(rows)
    before: dict[int, Seal] = {}
    for seal in rows:
        earlier, whose, where = before.get(seal.tenant_id), f"tenant {seal.tenant_id}", f"seal {seal.n}"
        step, last = seals.step_of(seal), earlier.chain if earlier else NOTHING
        if seal.n != (earlier.n if earlier else 0) + 1:
            finding.add(where, whose, "a seal before it is missing")
        elif not keyring.signed(step.text(last), seal.chain):
            finding.add(where, whose, "it is not what was signed")
        at = seal.tenant_id, seal.n
        if sums.counts.get(at, 0) != seal.rows or chain.sum_of([sums.totals.get(at, 0)]) != seal.digest:
            what = f"{seal.rows} rows were sealed with it, {sums.counts.get(at, 0)} are there, or not the same ones"
            finding.add(where, whose, what)
        before[seal.tenant_id] = seal
    for tenant_id, n in sums.counts.keys() - {(seal.tenant_id, seal.n) for seal in rows}:
        finding.add(f"seal {n}", f"tenant {tenant_id}", "rows name it, and it is not there")
