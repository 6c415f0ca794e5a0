"""What the acts that change a creditor's debts share: where they work, what came of it, and the record of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.debts.settling import Touched
from dialer.lists.cells import Reject
from dialer.lists.changes import Kind, Whose
from dialer.store import interactions
from dialer.store.debts import Search, Standing

KINDS: dict[Kind, str] = {"update": "debt_updated", "withdraw": "debt_withdrawn", "payments": "payment_received"}


@dataclass(frozen=True, slots=True)
class Scope:
    """One creditor's debts, the instant, who asks. Without `writes` nothing is changed and all is counted.

    `reopens`: an update may put a settled debt back into collection. `file_so_far` holds what stands for the
    payments without a reference that the file has named before.
    """

    kind: Kind
    search: Search
    now: datetime
    actor: str
    writes: bool = True
    reopens: bool = False
    file_so_far: set[str] = field(default_factory=set)

    @property
    def tenant_id(self) -> int:
        """Whose creditor it is."""
        return self.search.creditor.tenant_id

    @property
    def latest_day(self) -> date:
        """The latest date that it is anywhere now."""
        return self.now.date()


@dataclass(slots=True)
class Applied:
    """What came of some records: changed + same + rejected = records; the debts and people that were changed.

    `rows` says of every record that changes something which debts it means, `settled` which debts are over with it.
    """

    changed: int = 0
    same: int = 0
    debts: int = 0
    over_minor: int = 0
    rejects: list[Reject] = field(default_factory=list)
    touched: Touched = field(default_factory=lambda: Touched(0, (), frozenset()))
    rows: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    settled: frozenset[int] = frozenset()

    def reject(self, line: int, whose: Whose, reason: str) -> None:
        """A record that the books contradict."""
        column = "contract" if whose.contract else "key" if whose.key else "document"
        self.rejects.append(Reject(line, column, whose.contract or whose.key or "", reason))

    def count(self, line: int, meant: Iterable[int], *, changed: bool) -> None:
        """A record that was understood, and the debts that it means."""
        self.changed += changed
        self.same += not changed
        if changed:
            self.rows.append((line, tuple(meant)))


def notes(standing: Mapping[int, Standing], details: Mapping[int, dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """By person what happened to which debt."""
    found: dict[int, list[dict[str, Any]]] = {}
    for debt, detail in details.items():
        found.setdefault(standing[debt].person_id, []).append({"debt": debt, **detail})
    return found


async def record(session: AsyncSession, scope: Scope, by_person: Mapping[int, Collection[dict[str, Any]]]) -> None:
    """One line a person on the append-only record."""
    rows: Sequence[dict[str, Any]] = [
        {"person_id": person, "detail": {"creditor": scope.search.creditor.key, "debts": list(what)}}
        for person, what in by_person.items()
    ]
    await interactions.add_all(
        session, rows, tenant_id=scope.tenant_id, at=scope.now, kind=KINDS[scope.kind], actor=scope.actor
    )
