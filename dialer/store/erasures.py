"""Queries that take away what tells who a person is, and find those whose time is over. The record's lines stay.

Lock order: attempt before person before contact. Whoever calls this holds the person's version.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import (
    LIVE_STATUSES,
    Attempt,
    CallTurn,
    Consent,
    Contact,
    Debt,
    Draft,
    ListMember,
    Message,
    Note,
    Number,
    Packet,
    Person,
    PersonKey,
    Promise,
    Recording,
    Suppression,
)
from dialer.store.sealing import Keyring

ERASED = "[erased]"
COLLECTED = ("open", "promised", "held")  # debts that somebody still works on
BEING_MADE = ("asked", "on", "paused", "ended")  # recordings that are not settled yet
WISHES = ("opt_out", "do_not_call", "cease")  # what binds us whoever the person will be on record as
_QUIET = {"synchronize_session": False}


async def last_activity(session: AsyncSession, person: Person) -> datetime:
    """The last collection activity: a call or message in either direction, a promise, the end of a debt."""
    found = [person.created_at]
    for column, mine in (
        (Attempt.intent_at, Attempt.person_id == person.id),
        (Message.created_at, Message.person_id == person.id),
        (Promise.created_at, Promise.person_id == person.id),
        (Debt.closed_at, Debt.person_id == person.id),
    ):
        if (latest := await session.scalar(select(func.max(column)).where(mine))) is not None:
            found.append(latest)
    return max(found)


async def over(session: AsyncSession, country: ColumnElement[bool], before: datetime, limit: int) -> Sequence[Person]:
    """People with no activity since then and nothing to collect, who are not erased yet."""
    mine = Person.id
    rows = await session.scalars(
        select(Person)
        .where(
            country,
            Person.erased_at.is_(None),
            Person.created_at < before,
            ~exists().where(Debt.person_id == mine, or_(Debt.status.in_(COLLECTED), Debt.closed_at >= before)),
            ~exists().where(Attempt.person_id == mine, Attempt.intent_at >= before),
            ~exists().where(Message.person_id == mine, Message.created_at >= before),
            ~exists().where(Promise.person_id == mine, Promise.created_at >= before),
            ~exists().where(
                Attempt.person_id == mine,
                Attempt.id == Recording.attempt_id,
                Recording.status.in_(BEING_MADE),
            ),
        )
        .order_by(Person.id)
        .limit(limit)
    )
    return rows.all()


async def collected(session: AsyncSession, person_id: int) -> int:
    """How many debts of a person are still worked on."""
    mine = select(func.count()).select_from(Debt).where(Debt.person_id == person_id, Debt.status.in_(COLLECTED))
    return await session.scalar(mine) or 0


async def under_way(session: AsyncSession, person_id: int) -> bool:
    """Whether a call or a message of a person is not over yet."""
    call = exists().where(Attempt.person_id == person_id, Attempt.status.in_(LIVE_STATUSES))
    text = exists().where(Message.person_id == person_id, Message.status.in_(("sending", "unknown")))
    return bool(await session.scalar(select(or_(call, text))))


async def recordings(session: AsyncSession, person_id: int) -> Sequence[Recording]:
    """The recordings of a person whose sound may be somewhere."""
    rows = await session.scalars(
        select(Recording)
        .join(Attempt, Attempt.id == Recording.attempt_id)
        .where(Attempt.person_id == person_id, Recording.status.not_in(("erased", "failed")))
        .order_by(Recording.id)
    )
    return rows.all()


async def strip(session: AsyncSession, keyring: Keyring, person: Person, *, at: datetime, words: bytes) -> int:
    """Take away names, addresses, numbers, texts and words; how many numbers there were.

    What the person has asked of us stays, bound to keyed hashes of the numbers and of the document. `words`, sealed,
    stand where words of calls stood.
    """
    numbers = (await session.scalars(select(Number).where(Number.person_id == person.id))).all()
    await _strip_calls(session, keyring, person.id, words)
    await _strip_person(session, person, at=at)
    await _keep_wishes(session, keyring, person, [one.e164 for one in numbers], at=at)
    await _strip_rows(session, person.id)
    return len(numbers)


async def _strip_calls(session: AsyncSession, keyring: Keyring, person_id: int, words: bytes) -> None:
    calls = select(Attempt.id).where(Attempt.person_id == person_id)
    turns = await session.scalars(select(CallTurn).where(CallTurn.attempt_id.in_(calls)))
    for turn in turns:
        turn.answer = words
        turn.event = {"type": turn.event.get("type")}
    await session.flush()
    await _set(session, Attempt, Attempt.person_id == person_id, to_number=ERASED, state=None)
    await _set(session, Message, Message.person_id == person_id, to_number=ERASED, body=keyring.seal(ERASED))
    for typed in (Packet, Draft):
        await session.execute(delete(typed).where(typed.attempt_id.in_(calls)).execution_options(**_QUIET))
    await _set(session, Note, Note.person_id == person_id, body=words)


async def _strip_person(session: AsyncSession, person: Person, *, at: datetime) -> None:
    bars = exists().where(Suppression.person_id == person.id, _holds(at))
    if not await session.scalar(select(bars)):
        await _set(session, Person, Person.id == person.id, document_index=None)
    gone = dict.fromkeys(("contact_name", "email", "city", "address", "postal_code", "birth_year", "document"))
    values: dict[str, Any] = {**gone, "key": f"erased:{person.id}", "name": ERASED, "erased_at": at}
    await _set(session, Person, Person.id == person.id, **values)


async def _keep_wishes(
    session: AsyncSession, keyring: Keyring, person: Person, numbers: Sequence[str], *, at: datetime
) -> None:
    """A bar on the person becomes one on the hash of each number; one on a number keeps the hash instead of it."""
    standing = await session.scalars(
        select(Suppression).where(Suppression.person_id == person.id, _holds(at), Suppression.kind.in_(WISHES))
    )
    kept = ("tenant_id", "creditor_id", "kind", "channel", "automated_only", "since", "until", "attempt_id", "source")
    rows = [
        {name: getattr(bar, name) for name in kept} | {"number_index": keyring.index("number", e164)}
        for bar in standing
        for e164 in ([bar.number] if bar.number else numbers)
    ]
    if rows:
        await session.execute(insert(Suppression), rows)
    for e164 in numbers:
        others = exists().where(Number.e164 == e164, Number.person_id != person.id)
        at_number = Suppression.person_id.is_(None) & Suppression.list_name.is_(None) & ~others
        mine = (Suppression.person_id == person.id) | at_number
        index = keyring.index("number", e164)
        await _set(session, Suppression, (Suppression.number == e164) & mine, number=None, number_index=index)


async def _strip_rows(session: AsyncSession, person_id: int) -> None:
    number: dict[str, Any] = {
        "e164": _unnamed(Number),
        "extension": None,
        "place": None,
        "status": "invalid",
    }
    await _set(session, Number, Number.person_id == person_id, **number)
    debt: dict[str, Any] = {"contract": _unnamed(Debt), "invoice": None, "ways_to_pay": []}
    await _set(session, Debt, Debt.person_id == person_id, **debt)
    await _set(session, Consent, Consent.person_id == person_id, number=None, how=None)
    waiting = (Contact.person_id == person_id) & Contact.status.in_(("waiting", "claimed"))
    await _set(session, Contact, waiting, status="done", outcome="erased")
    for model in (PersonKey, ListMember):
        await session.execute(delete(model).where(model.person_id == person_id).execution_options(**_QUIET))


async def drop_screens(session: AsyncSession, before: datetime) -> int:
    """Take away what agents were shown, and had typed and not sent, before then; how many screens."""
    await session.execute(delete(Draft).where(Draft.saved_at < before).execution_options(**_QUIET))
    gone = await session.execute(
        delete(Packet).where(Packet.created_at < before).returning(Packet.id).execution_options(**_QUIET)
    )
    return len(gone.all())


def _unnamed(model: Any) -> ColumnElement[str]:
    """What stands where something unique stood."""
    return literal("erased:") + cast(model.id, String)


def _holds(at: datetime) -> ColumnElement[bool]:
    return or_(Suppression.until.is_(None), Suppression.until > at)


async def _set(session: AsyncSession, model: Any, which: ColumnElement[bool], **values: Any) -> None:
    await session.execute(update(model).where(which).values(**values).execution_options(**_QUIET))
