"""Acts on what an agent types: kept sealed while it is typed, so that no reload loses it; notes stay for good.

Nothing of it is in the browser, in the record's details or in a log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.attending.talk import SHIFT, Seat, Talk, present, write_down
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.store.models import Agent, Attempt, Draft, Note, Person

LONGEST_DRAFT = 20_000  # characters of JSON
LONGEST_NOTE = 4_000
MOST_UNSENT = 20
Typed = dict[str, str]


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that was begun and not sent: of which call, which form, about whom (number and name)."""

    attempt: int
    form: str
    person: int
    name: str


async def keep(op: Operation, seat: Seat, form: str, typed: Typed) -> None:
    """What was typed into a form just now, over what was typed there before, in this window or another.

    BadInput when it is too long.
    """
    async with op.database.write() as session:
        talk = await present(session, seat, since=op.clock.now() - SHIFT)
        whole = {**(await kept(session, op, talk.agent, talk.attempt.id)).get(form, {}), **typed}
        body = orjson.dumps(whole).decode()
        if len(body) > LONGEST_DRAFT or len(form) > 30:
            raise BadInput(f"A form keeps at most {LONGEST_DRAFT} characters. Send it, or shorten the text")
        await drop(session, talk, form)
        if any(whole.values()):
            session.add(
                Draft(
                    attempt_id=talk.attempt.id, agent_id=talk.agent.id, form=form, saved_at=op.clock.now(),
                    body=op.database.keyring.seal(body),
                )
            )  # fmt: skip


async def drop(session: AsyncSession, talk: Talk, form: str) -> None:
    """The form was sent, or is typed anew."""
    await session.execute(
        delete(Draft)
        .where(Draft.attempt_id == talk.attempt.id, Draft.agent_id == talk.agent.id, Draft.form == form)
        .execution_options(synchronize_session=False)
    )


async def kept(session: AsyncSession, op: Operation, agent: Agent, attempt_id: int) -> dict[str, Typed]:
    """Everything that the agent has typed about a call and not sent, by form."""
    rows = await session.scalars(select(Draft).where(Draft.attempt_id == attempt_id, Draft.agent_id == agent.id))
    return {row.form: orjson.loads(op.database.keyring.unseal(row.body)) for row in rows}


async def unsent(session: AsyncSession, agent: Agent, *, since: datetime) -> list[Unsent]:
    """The forms that the agent has typed into since then and not sent, the latest first."""
    rows = await session.execute(
        select(Draft.attempt_id, Draft.form, Person.id, Person.name)
        .join(Attempt, Attempt.id == Draft.attempt_id)
        .join(Person, Person.id == Attempt.person_id)
        .where(Draft.agent_id == agent.id, Draft.saved_at > since)
        .order_by(Draft.id.desc())
        .limit(MOST_UNSENT)
    )
    return [Unsent(*row) for row in rows]


async def note(session: AsyncSession, op: Operation, talk: Talk, text: str) -> None:
    """A note about the person, sealed; the record says that there is one. BadInput when it is empty or too long."""
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise BadInput(f"A note has 1 to {LONGEST_NOTE} characters. Write something, or cut it into two")
    written = Note(
        tenant_id=talk.attempt.tenant_id, person_id=talk.person.id, attempt_id=talk.attempt.id,
        author=talk.agent.name, body=op.database.keyring.seal(text), created_at=op.clock.now(),
    )  # fmt: skip
    session.add(written)
    await session.flush()
    await write_down(session, op, talk, "note", {"note": written.id})


async def notes_of(session: AsyncSession, op: Operation, person_id: int, limit: int = 10) -> list[tuple[Note, str]]:
    """The latest notes about a person, newest first, each with its text."""
    rows = await session.scalars(
        select(Note).where(Note.person_id == person_id).order_by(Note.id.desc()).limit(limit)
    )
    return [(row, op.database.keyring.unseal(row.body)) for row in rows]
