"""The script that fits a call, filled in for the person, at the step where the agent stands. Reads; writes nothing.

The step is read from the record, so that a reload or a second window shows the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from console.deskwork.gathering import Call, about, limits_of
from console.deskwork.reckoning import agreed, offered
from dialer.attending import stepping
from dialer.callers import AtHand, caller
from dialer.operation import Operation
from dialer.store.debts import UNSETTLED
from dialer.store.models import Agent, Person
from dialer.store.people import OPEN_DEBT
from ivr_flows.errors import FlowError
from ivr_flows.scripts.fitting import Situation, scripts_for, wish_heard
from ivr_flows.scripts.loading import library, load
from ivr_flows.scripts.script import End, Script, Words
from ivr_flows.turn import Language, Money, Value

KNOWN = stepping.Known
NO_WORDS: Words = {}


@dataclass(frozen=True, slots=True)
class Choice:
    """A branch: the key, what the other side says."""

    key: str
    label: Words


@dataclass(frozen=True, slots=True)
class Finish:
    """An end: its title, how the call is coded, why, what must be filled in, the task that follows."""

    title: Words
    disposition: str
    reason: str
    requires: tuple[str, ...]
    task: str


@dataclass(frozen=True, slots=True)
class Prompter:
    """What the middle of the desk shows. `n`: lines of the record that say where the agent stands.

    `text` is in `language`, the debtor's; labels are in all languages. `lacking`: variables without a value.
    """

    name: str
    number: str
    title: Words
    step: str
    text: str
    language: str
    note: Words
    choices: tuple[Choice, ...]
    finish: Finish | None
    n: int
    goes_back: bool
    others: tuple[tuple[str, str, Words], ...]
    lacking: tuple[str, ...]


async def prompter(session: AsyncSession, op: Operation, agent: Agent, call: Call) -> Prompter | None:
    """The script at its present step; None when no script can be read.

    Which one fits is told by the packet: what is agreed during the talk does not change it.
    """
    attempt, person = call.heard.attempt, call.person
    values = await values_of(session, op, agent, call)
    fitting = _fitting(op, call)
    found = await stepping.standing(session, attempt.id)
    try:
        script = load(found.script if found else fitting[0])
        name = found.step if found else script.first(known=attempt.level in KNOWN).name
        place = script.at(name)
        language = script.tongue(_language(person))
        text = script.filled(place, language, values)
    except (FlowError, IndexError):
        return None
    end = place if isinstance(place, End) else None
    return Prompter(
        name=script.name,
        number=script.number,
        title=script.title,
        step=name,
        text=text,
        language=language,
        note=place.note,
        choices=() if isinstance(place, End) else tuple(Choice(one.key, one.label) for one in script.branches(place)),
        finish=_finish(end) if end else None,
        n=found.n if found else 0,
        goes_back=found is not None and len(found.path) > 1,
        others=_others(script, fitting),
        lacking=script.lacking(values),
    )


async def ending(op: Operation, attempt_id: int) -> Finish | None:
    """The end at which the script of a call stands; None while it stands at none."""
    async with op.database.read() as session:
        found = await stepping.standing(session, attempt_id)
    try:
        place = load(found.script).at(found.step) if found else None
    except FlowError:
        return None
    return _finish(place) if isinstance(place, End) else None


def _finish(end: End) -> Finish:
    return Finish(end.title, end.disposition, end.reason, end.requires, end.task)


def _others(script: Script, fitting: tuple[str, ...]) -> tuple[tuple[str, str, Words], ...]:
    """All scripts but the present one: those that fit first."""
    names = [*fitting, *(one for one in library() if one not in fitting)]
    return tuple((one, load(one).number, load(one).title) for one in names if one != script.name)


def _fitting(op: Operation, call: Call) -> tuple[str, ...]:
    if not library():
        return ()
    step, kind = _oldest(call)
    due = min((date.fromisoformat(one["due_on"]) for one in call.heard.body["debts"]), default=None)
    return scripts_for(
        Situation(
            flow=call.heard.attempt.flow,
            step=step or None,
            debt_kind=kind,
            days_past_due=(op.clock.now().date() - due).days if due else None,
            person="company" if call.person.kind == "company" else "person",
            promise_broken=[one["status"] for one in call.heard.body["promises"][:1]] == ["broken"],
            attempt=max(1, call.tries),
            wish=wish_heard(str(node) for turn in call.heard.turns for node in turn.path),
            machine=call.heard.attempt.answered_by == "machine",
        )
    )


def _oldest(call: Call) -> tuple[int, str]:
    """The step of the ladder and the kind of the oldest debt of the call that is not settled; 0 and "" for none."""
    chosen = {str(one) for one in call.heard.attempt.debts}
    about = [debt for debt, _ in call.debts if not chosen or str(debt.id) in chosen]
    oldest = min(about, key=lambda debt: debt.status not in UNSETTLED, default=None)  # of equals the first
    return (oldest.step, oldest.kind or "") if oldest else (0, "")


async def values_of(session: AsyncSession, op: Operation, agent: Agent, call: Call) -> dict[str, Value]:
    """What flows know of the person, and what only an agent's words need."""
    attempt, person = call.heard.attempt, call.person
    known = await caller(
        session, op, person, call.number, skill=call.campaign.skill, from_number=attempt.from_number or "",
        debts=[str(one) for one in attempt.debts] or None, also={"recorded": attempt.recorded},
        at_hand=AtHand(
            tenant=call.tenant,
            debts=[debt for debt, _ in call.debts if debt.status in OPEN_DEBT],
            creditors={to.id: to.name for _, to in call.debts},
            broken=bool(call.promises) and call.promises[0].status == "broken",
        ),
    )  # fmt: skip
    email = op.database.keyring.unseal(person.email) if person.email else None
    own: dict[str, Value] = {
        "agent_name": agent.name.split()[0],
        "contact_name": person.contact_name or None,
        "email": email,
    }
    return {**known.values, **own, **_offered(op, call), **_promised(call)}


def _promised(call: Call) -> dict[str, Value]:
    """What was promised before this call, else in it; and what is agreed in it."""
    here = [one for one in call.promises if one.attempt_id == call.heard.attempt.id]
    before = [one for one in call.promises if one.attempt_id != call.heard.attempt.id]
    latest = next(iter([*before, *here]), None)
    of_old: dict[str, Value] = {}
    if latest is not None:
        amount = Money(latest.amount_minor, latest.currency)
        of_old = {"promise_date": latest.due_on, "promise_amount": amount}
    return {**of_old, **agreed(here[0] if here else None)}


def _offered(op: Operation, call: Call) -> dict[str, Value]:
    within = limits_of(op, call)
    return offered(within, about(call)[0].currency if within else "")


def _language(person: Person) -> Language:
    return person.language
