"""Act of an agent who keeps what was said in a call: everything that follows from it in one transaction, and how the
call is coded. The agent's word outranks what the call looked like from outside.

What has words of the person in it is kept sealed as a note; the record gets codes, days and sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import barring, closing, suppressing
from dialer.addresses import conference_name
from dialer.attending import agreeing, drafting, identity, serving
from dialer.attending.talk import SHIFT, Seat, Talk, present, write_down
from dialer.debts import holding
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.rules.disposition import Disposition
from dialer.rules.offers import Wish
from dialer.store import attempts
from dialer.store.models import Attempt
from ivr_flows.scripts.catalogue import DISPOSITIONS, FIELDS, REASONS
from ivr_flows.turn import HoldAsked, OptedOut

FieldValue = str | date | time | int
CODES = ("date", "time", "money", "count", "choice")  # types of fields that name nobody
OWN_FIELDS = ("email", "address")  # kept on the person, sealed
ASKED_SUPERVISOR = "supervisor_asked"


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a talk, or of a part of it. All words are of the catalogue of scripts; `values` by its fields.

    Money is in minor units. `disposition` empty: nothing is said of how the call ends. `discount_percent` belongs to
    a plan; `owner` and `due_on` to the task; `also`: identity, code, supervisor; `note` is free text.
    """

    disposition: str = ""
    reason: str = ""
    task: str = ""
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    discount_percent: int = 0
    owner: str = ""
    due_on: date | None = None
    also: str = ""
    note: str = ""


async def keep(op: Operation, seat: Seat, said: Said, *, form: str) -> None:
    """Keep it all, or nothing of it; what was typed in `form` is no draft any more. BadInput, Refused, NotFound."""
    _must_be_known(said)

    async def commit(session: AsyncSession) -> Talk:
        talk = await present(session, seat, since=op.clock.now() - SHIFT)
        await _do(session, op, talk, said)
        await drafting.drop(session, talk, form)
        if said.disposition:
            await _code(session, op, talk, said)
        elif told := _told(said):
            await write_down(session, op, talk, "agent_noted", told)
        return talk

    talk = await op.database.committed(commit)
    await op.fanout.publish(f"desk:{conference_name(talk.agent.leg_token)}", {"acted": True})
    if said.also == "supervisor":
        await op.fanout.publish(floor_topic(seat.tenant_id), {"asked": True})


def floor_topic(tenant_id: int) -> str:
    """Where supervisors hear that somebody wants them."""
    return f"floor:{tenant_id}"


async def _do(session: AsyncSession, op: Operation, talk: Talk, said: Said) -> None:
    await _follow_disposition(session, op, talk, said)
    own = {name: str(said.values[name]) for name in OWN_FIELDS if said.values.get(name)}
    await serving.correct(session, op, talk, email=own.get("email", ""), address=own.get("address", ""))
    await _also(session, op, talk, said)
    if text := _in_words(said):
        await drafting.note(session, op, talk, text)
    if said.task:
        owner = said.owner or str(said.values.get("task_owner", ""))
        await serving.give_task(session, op, talk, said.task, owner=owner, due_on=said.due_on)


async def _follow_disposition(session: AsyncSession, op: Operation, talk: Talk, said: Said) -> None:
    now, attempt, person = op.clock.now(), talk.attempt, talk.person
    match said.disposition:
        case "promised":
            await _agree(session, op, talk, said)
        case "already_paid":
            asked = HoldAsked("already_paid", _text(said, "paid_method"), _day(said, "paid_on"))
            await holding.hold(session, op, attempt, person, asked)
        case "disputed":
            await holding.hold(session, op, attempt, person, HoldAsked("dispute", _text(said, "dispute_reason")))
        case "callback_asked" | "absent":
            await _call_back(session, op, talk, said)
        case "wrong_number":
            await suppressing.break_link(session, person, talk.number, at=now, attempt_id=attempt.id)
        case "deceased" | "lawyer" | "insolvency" as why:
            await suppressing.end(session, person, why, at=now, attempt_id=attempt.id, source=talk.actor)
            if not said.task:
                await serving.give_task(session, op, talk, f"attend_{why}")
        case "cease":
            await suppressing.end(session, person, "cease", at=now, attempt_id=attempt.id, source=talk.actor)
            await barring.spare_telephone(session, attempt, scope="all", at=now)  # "we won't call you anymore"
        case "opted_out":
            await barring.opted_out_in_call(session, op, attempt, person, OptedOut("all"), at=now)
        case _:
            pass  # says how it ended, and nothing follows from that


async def _call_back(session: AsyncSession, op: Operation, talk: Talk, said: Said) -> None:
    """The hour that was agreed, if one was; with the person, or with who knows when they are back."""
    on, at = _day(said, "call_on"), said.values.get("call_at")
    if on is not None:
        await serving.call_back(session, op, talk, on, at if isinstance(at, time) else time(9))


async def _agree(session: AsyncSession, op: Operation, talk: Talk, said: Said) -> None:
    first_on, count = _day(said, "first_payment_on"), said.values.get("instalments")
    if isinstance(count, int) and first_on is not None:
        down = said.values.get("part_payment")
        wish = Wish(count, first_on, said.discount_percent, down if isinstance(down, int) else 0)
        await agreeing.agree_plan(session, op, talk, wish)
        return
    amount, on = said.values.get("promise_amount"), _day(said, "promise_date")
    if on is None:
        raise BadInput("A promise needs its day. Ask for it and fill it in")
    if not isinstance(amount, int):
        amount = sum(one.amount_minor for one in await agreeing.collectable(session, talk))
    await agreeing.promise(session, op, talk, amount, on)


async def _also(session: AsyncSession, op: Operation, talk: Talk, said: Said) -> None:
    match said.also:
        case "identity":
            await identity.confirm(session, op, talk)
        case "code":
            await serving.send_code(session, op, talk)
        case "supervisor":
            await write_down(session, op, talk, ASKED_SUPERVISOR, {})
        case _:
            pass


async def _code(session: AsyncSession, op: Operation, talk: Talk, said: Said) -> None:
    """The outcome of the call, anew if it is over already."""
    await session.execute(
        update(Attempt)
        .where(Attempt.id == talk.attempt.id)
        .values(flow_disposition=said.disposition, version=Attempt.version + 1)
        .execution_options(synchronize_session=False)
    )
    await write_down(session, op, talk, "agent_outcome", _told(said))
    if talk.attempt.closed_at is not None:
        await closing.close(session, op, await attempts.fresh(session, talk.attempt.id))


def _told(said: Said) -> dict[str, Any]:
    """What the record keeps: codes, days and sums."""
    fields = {
        name: value.isoformat() if isinstance(value, date | time) else value
        for name, value in said.values.items()
        if FIELDS[name].type in CODES
    }
    told = {"outcome": said.disposition, "reason": said.reason, "fields": fields}
    return {name: value for name, value in told.items() if value}


def _in_words(said: Said) -> str:
    """The note and everything that was written in words, each under its field's name."""
    words = [
        f"{name}: {value}"
        for name, value in said.values.items()
        if value and FIELDS[name].type not in CODES and name not in OWN_FIELDS
    ]
    return "\n".join([*([said.note.strip()] if said.note.strip() else []), *words])


def _must_be_known(said: Said) -> None:
    if said.disposition and said.disposition not in DISPOSITIONS:
        raise BadInput(f'"{said.disposition}" is no outcome. Use one of: {", ".join(DISPOSITIONS)}')
    if said.disposition:
        Disposition(said.disposition)
    if said.reason and said.reason not in REASONS:
        raise BadInput(f'"{said.reason}" is no reason. Use one of: {", ".join(REASONS)}')
    for name, value in said.values.items():
        known = FIELDS.get(name)
        if known is None:
            raise BadInput(f'"{name}" is no field. Load the page again')
        if known.type == "choice" and value not in known.choices:
            raise BadInput(f'"{value}" is none of the choices of {name}. Choose one of: {", ".join(known.choices)}')


def _text(said: Said, name: str) -> str:
    return str(said.values.get(name, ""))


def _day(said: Said, name: str) -> date | None:
    found = said.values.get(name)
    return found if isinstance(found, date) else None
