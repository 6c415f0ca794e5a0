"""One debtor who is on record twice becomes one: everything of the one is the other's from now on.

Whoever calls this holds both people and has seen that nobody is on the phone with the one that goes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from dialer.store import seals
from dialer.store.models import (
    Attempt,
    Consent,
    Contact,
    Debt,
    Designation,
    Interaction,
    ListMember,
    Message,
    Model,
    Note,
    Number,
    Payment,
    Person,
    PersonKey,
    Promise,
    Suppression,
    Task,
)
from dialer.store.sealing import Keyring

HISTORY = (Attempt, Message, Promise, Suppression, Designation, Task, Note, PersonKey)
_QUIET = {"synchronize_session": False}


async def unite(session: AsyncSession, one: int, into: int, *, at: datetime, keyring: Keyring) -> None:
    """Move everything of person `one` to person `into`, and let go of `one`. What bars either of them bars `into`."""
    await _unite_records(session, one, into, at=at, keyring=keyring)
    await _unite_numbers(session, one, into)
    await _unite_debts(session, one, into)
    await _unite_contacts(session, one, into)
    await _drop_twins(session, ListMember, "list_id", one=one, into=into)
    await _drop_twins(session, Consent, "kind", "given_to", one=one, into=into)
    for model in (*HISTORY, Number, Debt, Contact, ListMember, Consent):
        await session.execute(
            update(model).where(model.person_id == one).values(person_id=into).execution_options(**_QUIET)
        )
    await session.execute(delete(Person).where(Person.id == one).execution_options(**_QUIET))


async def _unite_records(session: AsyncSession, one: int, into: int, *, at: datetime, keyring: Keyring) -> None:
    """Rows of the record never move: they are written anew, and the mark of a purge says where the old ones went."""
    gone = await session.get_one(Person, one)
    anew = [
        {
            "tenant_id": row.tenant_id, "person_id": into, "attempt_id": row.attempt_id, "at": row.at,
            "kind": row.kind, "actor": row.actor, "detail": {**row.detail, "of_person": one},
        }
        for row in await seals.of_person(session, one)
    ]  # fmt: skip
    if anew:
        await session.execute(insert(Interaction), anew)
        await seals.purge(session, keyring, gone, why="united", at=at)


async def _unite_numbers(session: AsyncSession, one: int, into: int) -> None:
    theirs = aliased(Number)
    twins = select(Number, theirs).join(theirs, and_(theirs.e164 == Number.e164, theirs.person_id == into))
    for gone, kept in (await session.execute(twins.where(Number.person_id == one))).all():
        if kept.status == "usable":
            kept.status = gone.status
        for model in (Attempt, Message, Contact):
            await session.execute(
                update(model).where(model.number_id == gone.id).values(number_id=kept.id).execution_options(**_QUIET)
            )
        await session.delete(gone)
    await session.flush()


async def _unite_debts(session: AsyncSession, one: int, into: int) -> None:
    theirs = aliased(Debt)
    same = and_(
        theirs.creditor_id == Debt.creditor_id,
        theirs.contract == Debt.contract,
        theirs.instalment == Debt.instalment,
        theirs.person_id == into,
    )
    for gone, kept in (
        await session.execute(select(Debt, theirs).join(theirs, same).where(Debt.person_id == one))
    ).all():
        if kept.status == "open" and gone.status != "open":
            kept.status, kept.held_for, kept.closed_at = gone.status, gone.held_for, gone.closed_at
            kept.amount_minor = gone.amount_minor
        kept.step, kept.paid_minor = max(kept.step, gone.step), kept.paid_minor + gone.paid_minor
        for model in (Payment, Task):
            await session.execute(
                update(model).where(model.debt_id == gone.id).values(debt_id=kept.id).execution_options(**_QUIET)
            )
        await _name_anew(session, one, gone.id, kept.id)
        await session.delete(gone)
    await session.flush()


async def _name_anew(session: AsyncSession, person_id: int, gone: int, kept: int) -> None:
    """Attempts and promises name their debts in a list."""
    attempts = await session.scalars(select(Attempt).where(Attempt.person_id == person_id))
    promises = await session.scalars(select(Promise).where(Promise.person_id == person_id))
    for row in (*attempts, *promises):
        if gone in row.debts:
            row.debts = list(dict.fromkeys(kept if debt == gone else debt for debt in row.debts))


async def _unite_contacts(session: AsyncSession, one: int, into: int) -> None:
    """In one campaign a person stands once: the tries add up, and what ended either of them ends both."""
    theirs = aliased(Contact)
    twins = select(Contact, theirs).join(
        theirs, and_(theirs.campaign_id == Contact.campaign_id, theirs.person_id == into)
    )
    for gone, kept in (await session.execute(twins.where(Contact.person_id == one))).all():
        kept.tries += gone.tries
        if gone.status == "done" and kept.status == "waiting":
            kept.status, kept.outcome = "done", gone.outcome
        await session.execute(
            update(Attempt)
            .where(Attempt.contact_id == gone.id)
            .values(contact_id=kept.id)
            .execution_options(**_QUIET)
        )
        await session.delete(gone)
    await session.flush()


async def _drop_twins(session: AsyncSession, model: type[Model], *same: str, one: int, into: int) -> None:
    theirs = aliased(model)
    alike = and_(*(getattr(theirs, name) == getattr(model, name) for name in same))
    await session.execute(
        delete(model)
        .where(model.person_id == one, exists().where(theirs.person_id == into, alike))  # type: ignore[attr-defined]
        .execution_options(**_QUIET)
    )
