"""Acts of an agent for somebody on the line: a payment code by text, a call at a time, a corrected address, a task.

Each runs in the transaction of what the agent said (`saying`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files

import yaml
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.attending.agreeing import collectable
from dialer.attending.talk import Talk, write_down
from dialer.callers import payable
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.rules.follow_up import rules, task_due_at
from dialer.rules.offers import offers
from dialer.store import people, tasks
from dialer.store.models import Attempt, Person, Tenant
from dialer.texts import messaging
from ivr_flows.turn import MessageAsked

TEMPLATE = "agent_payment_code"


async def send_code(session: AsyncSession, op: Operation, talk: Talk) -> None:
    """Put the best payment code of the oldest debt into the outbox; the gate is asked before it goes. BadInput."""
    about = await collectable(session, talk)
    ways = payable(about[0], talk.place.today(op.clock.now()))
    if not ways:
        raise BadInput("No payment code of this debt can be used today. Ask the team for a new one: resend the bill")
    tenant = await session.get_one(Tenant, talk.attempt.tenant_id)
    words = _words().get(talk.person.language, _words()["pt-BR"])
    text = words[ways[0]["kind"]].format(caller_name=op.settings.caller_name or tenant.name, code=ways[0]["code"])
    asked = MessageAsked(TEMPLATE, text, "payment_code")
    if not await messaging.plan(session, op, talk.attempt, asked, at=op.clock.now()):
        raise BadInput("No mobile of this person may get texts. Read the code aloud, or resend the bill by e-mail")
    await write_down(session, op, talk, "payment_code_asked", {"kind": ways[0]["kind"], "debt": about[0].id})


async def call_back(session: AsyncSession, op: Operation, talk: Talk, on: date, at: time) -> datetime:
    """This agent calls again then, at the person's place: a task of theirs. The last hour agreed in a call stands.

    BadInput for a time that is no use.
    """
    now, latest = op.clock.now(), offers().call_back.latest_days
    due = talk.place.at(on, at)
    if not now < due <= now + timedelta(days=latest):
        raise BadInput(f"The time must lie ahead, within {latest} days. Agree another time")
    await session.execute(
        update(Attempt)
        .where(Attempt.id == talk.attempt.id)
        .values(callback_at=due, version=Attempt.version + 1)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(talk.attempt)
    await tasks.add(
        session, tenant_id=talk.attempt.tenant_id, person_id=talk.person.id, kind="call_back", due_at=due, now=now,
        attempt_id=talk.attempt.id, owner=talk.agent.name,
    )  # fmt: skip
    await tasks.move(session, talk.attempt.id, "call_back", due_at=due, owner=talk.agent.name)
    await write_down(session, op, talk, "call_back_agreed", {"at": due.isoformat()})
    return due


async def give_task(
    session: AsyncSession, op: Operation, talk: Talk, kind: str, *, owner: str = "", due_on: date | None = None
) -> None:
    """Something that the team does next, by its usual deadline or by the end of a day that was named. BadInput."""
    now = op.clock.now()
    today = talk.place.today(now)
    if due_on is not None and due_on < today:
        raise BadInput("The deadline lies in the past. Name a day from today on")
    known = kind if kind in rules().tasks else "other"
    due = talk.place.at(due_on + timedelta(days=1), time(0)) if due_on else task_due_at(known, now, talk.place)
    await tasks.add(
        session, tenant_id=talk.attempt.tenant_id, person_id=talk.person.id, kind=kind[:30], due_at=due, now=now,
        attempt_id=talk.attempt.id, owner=owner[:100] or None,
    )  # fmt: skip
    await write_down(session, op, talk, "task_given", {"kind": kind, "due": due.isoformat()})


@dataclass(frozen=True, slots=True)
class ContactData:
    """Where we write to; empty: not on record."""

    email: str
    address: str


def contact_data(op: Operation, person: Person) -> ContactData:
    """What is on record, unsealed."""
    unseal = op.database.keyring.unseal
    return ContactData(
        email=unseal(person.email) if person.email else "", address=unseal(person.address) if person.address else ""
    )


async def correct(session: AsyncSession, op: Operation, talk: Talk, *, email: str = "", address: str = "") -> None:
    """Keep an e-mail address or a postal address that the person has corrected, sealed; BadInput.

    What stands on record like that already is left as it is.
    """
    seal, values = op.database.keyring.seal, dict[str, bytes]()
    known = contact_data(op, talk.person)
    if email and email != known.email:
        if email.count("@") != 1 or "." not in email.rpartition("@")[2] or len(email) > 200:
            raise BadInput("That is no e-mail address. Ask the person to spell it")
        values["email"] = seal(email)
    if address and address != known.address:
        values["address"] = seal(address[:500])
    if not values:
        return
    await session.execute(
        update(Person)
        .where(Person.id == talk.person.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    await people.bump(session, talk.person.id)
    await write_down(session, op, talk, "contact_data_corrected", {"fields": sorted(values)})


@cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = yaml.safe_load(
        (files("dialer.attending") / "code_words.yaml").read_text("utf-8")
    )
    return words
