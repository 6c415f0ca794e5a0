"""What people did, from the record: the lines whose actor is a signed-in person, the newest first.

Who serves only some creditors sees lines about the people, lists and campaigns of these alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store import lookup
from dialer.store.lookup import Creditors
from dialer.store.models import ContactList, Creditor, Interaction, Person

BY_PEOPLE = "user "  # how the record names a person who is signed in: "user 7"
VERIFIED = "record_verified"
PAGE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: by whom (a user's id), of which kind, of which time (from, to before), behind which id."""

    user: int | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    behind: int | None = None


async def lines(
    session: AsyncSession, tenant_id: int, creditors: Creditors, wanted: Wanted, *, at_most: int
) -> Sequence[Interaction]:
    """The newest lines that are wanted."""
    where = [*await _may_see(session, tenant_id, creditors), *_fits(wanted)]
    rows = await session.scalars(select(Interaction).where(*where).order_by(Interaction.id.desc()).limit(at_most))
    return rows.all()


async def all_lines(
    session: AsyncSession, tenant_id: int, creditors: Creditors, wanted: Wanted
) -> AsyncIterator[Interaction]:
    """All of them, a page at a time; flat in memory."""
    behind = wanted.behind
    while True:
        step = Wanted(wanted.user, wanted.kind, wanted.since, wanted.until, behind)
        rows = await lines(session, tenant_id, creditors, step, at_most=PAGE)
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        behind = rows[-1].id


async def kinds(session: AsyncSession, tenant_id: int) -> list[str]:
    """Every kind of line that people of a company have brought about, in order."""
    rows = await session.scalars(
        select(Interaction.kind)
        .where(Interaction.tenant_id == tenant_id, Interaction.actor.startswith(BY_PEOPLE))
        .distinct()
    )
    return sorted(rows)


async def last_verified(session: AsyncSession, tenant_id: int) -> Interaction | None:
    """The line of the latest time that somebody had the whole record verified on a screen."""
    return await session.scalar(
        select(Interaction)
        .where(Interaction.tenant_id == tenant_id, Interaction.kind == VERIFIED)
        .order_by(Interaction.id.desc())
        .limit(1)
    )


def _fits(wanted: Wanted) -> list[ColumnElement[bool]]:
    by = Interaction.actor == f"{BY_PEOPLE}{wanted.user}" if wanted.user else Interaction.actor.startswith(BY_PEOPLE)
    found: list[ColumnElement[bool]] = [by]
    if wanted.kind:
        found.append(Interaction.kind == wanted.kind)
    if wanted.since is not None:
        found.append(Interaction.at >= wanted.since)
    if wanted.until is not None:
        found.append(Interaction.at < wanted.until)
    if wanted.behind is not None:
        found.append(Interaction.id < wanted.behind)
    return found


async def _may_see(session: AsyncSession, tenant_id: int, creditors: Creditors) -> list[ColumnElement[bool]]:
    mine = [Interaction.tenant_id == tenant_id]
    if creditors is None:
        return mine
    shown = await lookup.campaigns(session, tenant_id, creditors)
    lists = select(ContactList.name).join(Creditor, Creditor.id == ContactList.creditor_id)
    names = (await session.scalars(lists.where(Creditor.tenant_id == tenant_id, Creditor.key.in_(creditors)))).all()
    about = {"campaign": [one.name for one in shown.values()], "list": list(names), "creditor": list(creditors)}
    theirs = Interaction.person_id.in_(select(Person.id).where(lookup.seen(tenant_id, creditors)))
    nobody = and_(Interaction.person_id.is_(None), *(_named(field, known) for field, known in about.items()))
    return [*mine, or_(theirs, nobody)]


def _named(field: str, known: Sequence[str]) -> ColumnElement[bool]:
    """Whether a line names none of these things, or one that may be seen."""
    value = Interaction.detail[field].as_string()
    return or_(value.is_(None), value.in_(known))
