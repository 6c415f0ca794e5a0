"""Looks at text messages on record, in both directions. Read-only; words are unsealed one message at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.store import campaigns, people
from dialer.store.models import Message, Person, Task


@dataclass(frozen=True, slots=True)
class Text:
    """One message without its words. `person` is the key; `price_micros` millionths of the currency."""

    id: int
    at: datetime
    direction: str
    number: str
    person: str
    template: str
    read_as: str | None
    status: str
    segments: int | None
    price_micros: int | None
    price_currency: str | None
    error: str | None


async def texts(
    op: Operation,
    *,
    person: str | None = None,
    direction: str | None = None,
    to_answer: bool = False,
    limit: int = 50,
) -> list[Text]:
    """Messages, newest first (NotFound: no such person).

    `to_answer`: what came in from people for whom a task to answer is open.
    """
    query = _texts().order_by(Message.id.desc()).limit(limit)
    if direction is not None:
        query = query.where(Message.direction == direction)
    if to_answer:
        waiting = select(Task.person_id).where(Task.kind == "answer_text", Task.status == "open")
        query = query.where(Message.direction == "in", Message.person_id.in_(waiting))
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        if person is not None:
            whose = await people.by_key(session, tenant.id, person)
            query = query.where(Message.person_id == whose.id)
        rows = (await session.execute(query.where(Message.tenant_id == tenant.id))).all()
    return [Text(*row) for row in rows]


async def text(op: Operation, message_id: int) -> tuple[Text, str]:
    """One message and its words; raises NotFound."""
    async with op.database.read() as session:
        row = (await session.execute(_texts().where(Message.id == message_id))).first()
        body = await session.scalar(select(Message.body).where(Message.id == message_id))
    if row is None or body is None:
        raise NotFound(f"There is no message {message_id}. See the list: toque message list")
    return Text(*row), op.database.keyring.unseal(body)


COLUMNS = (
    Message.id,
    Message.created_at,
    Message.direction,
    Message.to_number,
    Person.key,
    Message.template,
    Message.read_as,
    Message.status,
    Message.segments,
    Message.price_micros,
    Message.price_currency,
    Message.error,
)


def _texts() -> Select[Any]:
    columns: tuple[Any, ...] = COLUMNS
    return select(*columns).join(Person, Person.id == Message.person_id)
