"""Gathers everything that is held about one person, as plain data. Reads only; who may see what is decided above.

Instants are ISO 8601 in UTC, days ISO, money minor units with its currency. The shape is documented in
docs/record.md; parts are added to it, never renamed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.speaking import load_answer
from dialer.store import seals
from dialer.store.models import (
    Attempt,
    CallTurn,
    Campaign,
    Consent,
    Contact,
    ContactList,
    Creditor,
    Debt,
    Designation,
    ListMember,
    Message,
    Model,
    Note,
    Number,
    Packet,
    Payment,
    Person,
    PersonKey,
    Promise,
    Recording,
    Suppression,
    Task,
)
from dialer.store.sealing import Keyring


async def of_person(session: AsyncSession, keyring: Keyring, person: Person) -> dict[str, Any]:
    """All of it: {"person", "numbers", "debts", "calls", "messages", …, "record"}; nothing is masked."""
    calls = await _calls(session, keyring, person.id)
    return {
        "person": await _person(session, keyring, person),
        "numbers": await _rows(session, Number, Number.person_id == person.id),
        "debts": await _debts(session, person.id),
        "payments": await _rows(session, Payment, Payment.debt_id.in_(_debt_ids(person.id))),
        "consents": await _rows(session, Consent, Consent.person_id == person.id),
        "designations": await _rows(session, Designation, Designation.person_id == person.id),
        "suppressions": await _suppressions(session, person.id),
        "promises": await _rows(session, Promise, Promise.person_id == person.id),
        "tasks": await _rows(session, Task, Task.person_id == person.id),
        "campaigns": await _campaigns(session, person.id),
        "calls": calls,
        "messages": await _messages(session, keyring, person.id),
        "screens": await _screens(session, keyring, person.id),
        "notes": await _notes(session, keyring, person.id),
        "record": [_line(row) for row in await seals.of_person(session, person.id)],
    }


def plain(value: Any) -> Any:
    """A value of a column as JSON has it: instants and days as ISO text."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _as_data(row: Model, *without: str) -> dict[str, Any]:
    left_out = {"tenant_id", "person_id", *without}
    columns = row.__table__.columns
    return {one.key: plain(getattr(row, one.key)) for one in columns if one.key not in left_out}


async def _rows(session: AsyncSession, model: type[Model], which: ColumnElement[bool]) -> list[dict[str, Any]]:
    rows = await session.scalars(select(model).where(which).order_by(model.id))
    return [_as_data(row) for row in rows]


async def _person(session: AsyncSession, keyring: Keyring, person: Person) -> dict[str, Any]:
    hidden = ("document", "document_index", "version", "record_n", "record_head")
    keys = await session.scalars(select(PersonKey.key).where(PersonKey.person_id == person.id).order_by(PersonKey.id))
    lists = (
        select(ContactList.name).join(ListMember).where(ListMember.person_id == person.id).order_by(ContactList.id)
    )
    return _as_data(person, *hidden) | {
        **{name: opened(keyring, getattr(person, name)) for name in ("document", "email", "address")},
        "other_keys": list(keys),
        "lists": list(await session.scalars(lists)),
    }


def opened(keyring: Keyring, sealed: bytes | None) -> str | None:
    """A sealed text in clear."""
    return None if sealed is None else keyring.unseal(sealed)


def _debt_ids(person_id: int) -> Any:
    return select(Debt.id).where(Debt.person_id == person_id)


async def _debts(session: AsyncSession, person_id: int) -> list[dict[str, Any]]:
    rows = await session.execute(
        select(Debt, Creditor.name).join(Creditor).where(Debt.person_id == person_id).order_by(Debt.id)
    )
    return [_as_data(debt, "creditor_id") | {"creditor": name} for debt, name in rows]


async def _suppressions(session: AsyncSession, person_id: int) -> list[dict[str, Any]]:
    """The person's own, and those of everybody at one of the person's numbers."""
    theirs = select(Number.e164).where(Number.person_id == person_id)
    at_number = Suppression.person_id.is_(None) & Suppression.number.in_(theirs)
    rows = await session.scalars(
        select(Suppression).where((Suppression.person_id == person_id) | at_number).order_by(Suppression.id)
    )
    return [_as_data(row, "number_index") for row in rows]


async def _campaigns(session: AsyncSession, person_id: int) -> list[dict[str, Any]]:
    rows = await session.execute(
        select(Contact, Campaign.name).join(Campaign).where(Contact.person_id == person_id).order_by(Contact.id)
    )
    hidden = ("campaign_id", "claim_owner", "claim_until", "rank")
    return [_as_data(contact, *hidden) | {"campaign": name} for contact, name in rows]


async def _calls(session: AsyncSession, keyring: Keyring, person_id: int) -> list[dict[str, Any]]:
    rows = await session.execute(
        select(Attempt, Campaign.name, Recording)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .outerjoin(Recording, Recording.attempt_id == Attempt.id)
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.id)
    )
    turns = await session.scalars(
        select(CallTurn)
        .join(Attempt, Attempt.id == CallTurn.attempt_id)
        .where(Attempt.person_id == person_id)
        .order_by(CallTurn.attempt_id, CallTurn.n)
    )
    said = _by_attempt(keyring, turns)
    hidden = ("token", "version", "campaign_id", "contact_id", "state", "intent_real", "price_asked_at")
    return [
        _as_data(attempt, *hidden)
        | {
            "campaign": name,
            "turns": said.get(attempt.id, []),
            "recording": _as_data(tape, "attempt_id", "path") if tape else None,
        }
        for attempt, name, tape in rows
    ]


def _by_attempt(keyring: Keyring, turns: Iterable[CallTurn]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for turn in turns:
        words = load_answer(keyring.unseal(turn.answer)).words
        found.setdefault(turn.attempt_id, []).append(
            {"n": turn.n, "at": plain(turn.at), "heard": turn.event, "said": words, "path": turn.path}
        )
    return found


async def _messages(session: AsyncSession, keyring: Keyring, person_id: int) -> list[dict[str, Any]]:
    rows = await session.scalars(select(Message).where(Message.person_id == person_id).order_by(Message.id))
    hidden = ("token", "body", "sent_real", "price_asked_at")
    return [_as_data(row, *hidden) | {"text": opened(keyring, row.body)} for row in rows]


async def _notes(session: AsyncSession, keyring: Keyring, person_id: int) -> list[dict[str, Any]]:
    """What agents wrote about the person."""
    rows = await session.scalars(select(Note).where(Note.person_id == person_id).order_by(Note.id))
    return [_as_data(row, "body") | {"text": opened(keyring, row.body)} for row in rows]


async def _screens(session: AsyncSession, keyring: Keyring, person_id: int) -> list[dict[str, Any]]:
    """What agents were shown of the person."""
    rows = await session.scalars(
        select(Packet)
        .join(Attempt, Attempt.id == Packet.attempt_id)
        .where(Attempt.person_id == person_id)
        .order_by(Packet.id)
    )
    found = []
    for row in rows:
        found.append(_as_data(row, "body") | {"shown": orjson.loads(keyring.unseal(row.body))})
    return found


def _line(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "n": row.n, "at": plain(row.at), "kind": row.kind, "actor": row.actor,
        "attempt": row.attempt_id, "detail": row.detail, "chain": row.chain, "seal": row.seal,
    }  # fmt: skip
