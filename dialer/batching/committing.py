"""Intents of a batch in one transaction: what was looked at is found unchanged and held, then the gate is asked.

Only what is plain is done here: whoever cannot be written so is answered with None, untouched, and goes alone
(`placing`). Nothing is asked of the carrier before the commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

import structlog

from dialer import judging, metering, noting
from dialer.batching import counting
from dialer.batching.looking import Look
from dialer.intending import Intent, columns_of, debts_behind, intent_of
from dialer.judging import Case, Judgement, Office
from dialer.operation import Operation
from dialer.rules.gate import Allow
from dialer.store import intents, who
from dialer.store.columns import milliseconds
from dialer.store.driving.driver import Bare, Busy
from dialer.store.intents import Named, Written
from ivr_flows.errors import FlowInvalid

log = structlog.get_logger("toque.placing")


class _Alone(Exception):
    """A limit is near, a day is full, or the gate says no now: each is to be looked at alone."""


async def commit(op: Operation, batch: Sequence[Look]) -> list[Intent | None]:
    """The committed intents, in the order of the looks; None: nothing was done, look at this one alone."""
    plain = _plain(batch)
    made: dict[int, Intent] = {}
    try:
        for _, company in groupby(sorted(plain, key=_tenant), key=_tenant):
            made |= await _commit(op, list(company))
    except (Busy, _Alone, FlowInvalid) as fault:
        log.debug("intents_alone", intents=len(plain), why=type(fault.__cause__ or fault).__name__)
    mine = {id(look) for look in plain}  # a second look at a contact that was claimed again has no intent of its own
    return [made.get(look.contact.id) if id(look) in mine else None for look in batch]


async def note(op: Operation, answers: Sequence[Named]) -> list[bool]:
    """Put the carrier's yes on record; False: not done, the answer must be merged with other news."""
    try:
        async with op.database.driver.together() as bare:
            noted = await intents.name(bare, op.database, answers, at=milliseconds(op.clock.now()))
    except Busy:
        return [False] * len(answers)
    return [one.attempt_id in noted for one in answers]


def _tenant(look: Look) -> int:
    return look.campaign.tenant_id


def _plain(batch: Sequence[Look]) -> list[Look]:
    """Those that need nothing but what the record shows, each person and each number once."""
    people: set[int] = set()
    numbers: set[str] = set()
    found = []
    for look in batch:
        case = look.case
        if case.number is None or case.shown is None or case.office.needed:
            continue
        if case.person.id not in people and case.number.e164 not in numbers:
            people.add(case.person.id)
            numbers.add(case.number.e164)
            found.append(look)
    return found


async def _commit(op: Operation, batch: Sequence[Look]) -> dict[int, Intent]:
    """The intents of one company's contacts that are as they were seen, by contact."""
    async with op.database.driver.together() as bare:
        prints = await intents.hold(bare, op.database, [look.contact.id for look in batch])
        same = [look for look in batch if prints.get(look.contact.id) == look.print]
        same = await _of_same_offices(bare, op, same)
        if not same:
            return {}
        asked = _ask(op, await counting.told(bare, op, [look.case for look in same]))
        written = [_written(op, case, judgement) for case, judgement in asked]
        ids = await intents.write(bare, op.database, written)
        await _take_steps(bare, op, asked)
        await _reserve(bare, op, [case for case, _ in asked])
    return {
        case.contact.id: intent_of(op, case, judgement, one.token, ids[one.token])
        for (case, judgement), one in zip(asked, written, strict=True)
    }


async def _of_same_offices(bare: Bare, op: Operation, looks: Sequence[Look]) -> list[Look]:
    """Those whose campaign, held from now on, still runs as it was seen, with the flow that is in force."""
    offices = {id(look.case.office): look.case.office for look in looks}
    same = {key for key, office in offices.items() if await _is_same(bare, op, office)}
    return [look for look in looks if id(look.case.office) in same]


async def _is_same(bare: Bare, op: Operation, office: Office) -> bool:
    one = office.campaign
    if await intents.hold_campaign(bare, op.database, one.id) != ("running", one.plan, one.flow, one.skill):
        return False
    if office.proven is None:
        return op.flow(one.flow).revision == office.flow.revision
    proof = {"revision": office.flow.revision, "violations": []}
    found = await intents.flow_in_force(bare, one.tenant_id, one.flow)
    if found is None:
        return False
    revision, places, proven = found
    return revision == office.flow.revision and tuple(places) == office.proven and proof.items() <= proven.items()


def _ask(op: Operation, cases: Sequence[Case]) -> list[tuple[Case, Judgement]]:
    """The gate's yes to each, at this instant; _Alone when it says no to one."""
    now = op.clock.now()
    asked = [(case, judging.judge(op, case, now)) for case in cases]
    if not all(isinstance(judgement.decision, Allow) for _, judgement in asked):
        raise _Alone
    return asked


async def _reserve(bare: Bare, op: Operation, cases: Sequence[Case]) -> None:
    """Count the calls in their meters and in the days of our numbers; _Alone when there is no room for all."""
    today = metering.today(op)
    if not await counting.reserve(bare, op, cases, today=today):
        raise _Alone
    for shown, calls in sorted(Counter(map(_shown, cases)).items()):
        if not await intents.use(bare, cases[0].person.tenant_id, shown, today, calls):
            raise _Alone


def _shown(case: Case) -> tuple[str, str]:
    assert case.shown is not None, "the gate denies whoever has no number to be shown"
    return case.shown.e164, case.shown.status


async def _take_steps(bare: Bare, op: Operation, asked: Sequence[tuple[Case, Judgement]]) -> None:
    behind: dict[int, list[int]] = {}
    for case, judgement in asked:
        step, debts = debts_behind(case, judgement)
        behind.setdefault(step, []).extend(debts)
    for step, debts in behind.items():
        if debts:
            await intents.take_step(bare, op.database, debts, step)


def _written(op: Operation, case: Case, judgement: Judgement) -> Written:
    columns = columns_of(op, case, judgement, flow=case.office.campaign.flow)
    said = noting.word(judgement.decision, case.record.facts, judgement.proposed)
    return Written(
        token=columns["token"],
        attempt=columns | {"intent_at": milliseconds(columns["intent_at"])},
        said={"campaign": case.office.campaign.name, **said},
        actor=who.on_record("system"),
    )
