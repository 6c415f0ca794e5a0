"""A fortnight of calls that nobody has to live through: rows as the acts would have left them, and paid promises.

Every figure on a page is counted from these rows, so that all pages agree with one another.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import recounting
from dialer.debts import changing
from dialer.debts.changing import Order
from dialer.operation import Operation
from dialer.store import interactions
from dialer.store.models import Agent, Attempt, Campaign, Contact, ContactList, Creditor, Debt, Model, Number
from tests.browser.outcomes import Case, left_by, over_at

PLACE = ZoneInfo("America/Sao_Paulo")
# How many of a hundred calls somebody picks up, by the hour that begins; Saturdays are better than all.
PICKED_UP = {9: 27, 10: 35, 11: 42, 12: 39, 13: 29, 14: 24, 15: 28, 16: 34, 17: 43, 18: 55, 19: 58}
SATURDAY = {9: 44, 10: 56, 11: 61, 12: 52}
# What people did, in a hundred calls that reached one; how sure it was who they are; and the call's seconds.
DEEDS = (
    ("promised", 23, "checked", 96), ("payment_code_sent", 13, "checked", 74), ("transferred", 12, "checked", 241),
    ("absent", 15, "none", 31), ("hung_up", 13, "none", 14), ("wrong_number", 6, "none", 22),
    ("callback_asked", 7, "claimed", 38), ("already_paid", 5, "checked", 61), ("disputed", 3, "checked", 88),
    ("opted_out", 3, "none", 19),
)  # fmt: skip
OVER = {"promised", "payment_code_sent", "transferred", "already_paid", "disputed", "opted_out", "wrong_number"}
MOST_TRIES, ELUSIVE_TRIES = 8, 3
MICROS_A_MINUTE = 13_800
_serial = count(1)


@dataclass(frozen=True, slots=True)
class Spell:
    """The days on which a campaign called: the first, how many, how many calls an hour; and how many it never met."""

    first: datetime
    days: int
    an_hour: int
    elusive: int = 0


async def lived_through(op: Operation, campaign_id: int, spell: Spell, shown: Sequence[str], home: Path) -> None:
    """Give a campaign its past: calls on all days of the spell, what came of them, and payments since."""
    random = Random(campaign_id)
    async with op.database.write() as session:
        campaign = await session.get_one(Campaign, campaign_id)
        rows = await session.execute(
            select(Contact, Number, Debt)
            .join(Number, Number.person_id == Contact.person_id)
            .join(Debt, Debt.person_id == Contact.person_id)
            .where(Contact.campaign_id == campaign_id)
            .order_by(Contact.id)
        )
        cases = [Case(*row, n < spell.elusive) for n, row in enumerate(rows.all())]
        agents = list(await session.scalars(select(Agent.id).order_by(Agent.id)))
        campaign.created_at = campaign.checked_at = spell.first - timedelta(days=1)
        campaign.started_at = spell.first
        for at, share in _moments(spell, random):
            if at > op.clock.now() - timedelta(minutes=10):
                break
            waiting = [one for one in cases if _may(one, at, op.clock.now())]
            if not waiting:
                break
            case = random.choice(waiting)
            case.tries.append(at)
            call = _call(case, at, random.choices(shown, (6, 3, 1))[0])
            _becomes(call, 0 if case.elusive else share, random)
            session.add(call)
            await session.flush()
            await _follows(session, call, case, left_by(op, call, case, random.choice(agents)))
        kept = [one for one in cases if one.contact.outcome == "promised" and random.random() < 0.68]
        codes = [one for one in cases if one.contact.outcome == "payment_code_sent" and random.random() < 0.4]
        paid = [_receipt(one, op.clock.now(), random) for one in (*kept, *codes)]
    await _received(op, [one for one in paid if one], campaign_id, home)
    await recounting.recount(op, mend=True)


def _moments(spell: Spell, random: Random) -> Iterator[tuple[datetime, int]]:
    """When somebody is called, and how likely they pick up (of a hundred)."""
    for day in range(spell.days):
        begins = (spell.first + timedelta(days=day)).astimezone(PLACE).replace(minute=0, second=0)
        hours = {5: SATURDAY, 6: {}}.get(begins.weekday(), PICKED_UP)
        for hour, share in hours.items():
            seconds = sorted(random.randrange(3600) for _ in range(spell.an_hour + random.randrange(-1, 2)))
            for second in seconds:
                at = begins.replace(hour=hour) + timedelta(seconds=second)
                yield at.astimezone(UTC), share + random.randrange(-5, 6)


def _may(case: Case, at: datetime, now: datetime) -> bool:
    if case.contact.status == "done" or len(case.tries) >= (ELUSIVE_TRIES if case.elusive else MOST_TRIES):
        return False
    if case.elusive and now - at < timedelta(days=1):
        return False
    return not case.tries or at - case.tries[-1] > timedelta(hours=20)


def _call(case: Case, at: datetime, shown: str) -> Attempt:
    n = next(_serial)
    contact = case.contact
    return Attempt(
        token=f"past-{n}", tenant_id=contact.tenant_id, campaign_id=contact.campaign_id, contact_id=contact.id,
        person_id=contact.person_id, number_id=case.number.id, to_number=case.number.e164, from_number=shown,
        status="ended", sid=f"CA{n:032x}", flow="lembrete", debts=[case.debt.id], intent_at=at, intent_real=0,
        placed_at=at, ringing_at=at + timedelta(seconds=2), waits="end", pack="br@2026.1",
    )  # fmt: skip


def _becomes(call: Attempt, share: int, random: Random) -> None:
    """Answered by somebody, by a machine, or by nobody."""
    if random.randrange(100) >= share:
        busy = random.random() < 0.15
        call.carrier_status, call.disposition = ("busy", "busy") if busy else ("no-answer", "no_answer")
        length = 3 if busy else 30
    elif random.random() < 0.24:
        call.carrier_status, call.answered_by, call.disposition = "completed", "machine", "machine"
        length = random.randrange(4, 12)
    else:
        deed, _, call.level, usual = random.choices(DEEDS, [one[1] for one in DEEDS])[0]
        call.carrier_status, call.answered_by, call.disposition = "completed", "human", deed
        call.key_pressed = deed != "hung_up"
        length = round(usual * random.uniform(0.7, 1.4))
    begun = call.intent_at + timedelta(seconds=random.randrange(8, 22))
    if call.carrier_status == "completed":
        call.answered_at, call.seconds = begun, length
        call.price_micros, call.price_currency = MICROS_A_MINUTE * -(-length // 60), "USD"
    call.ended_at = call.closed_at = call.heard_at = begun + timedelta(seconds=length)


async def _follows(session: AsyncSession, call: Attempt, case: Case, rows: Sequence[Model]) -> None:
    """What the call changes for the contact, its lines of the record, and what it leaves behind."""
    contact, over = case.contact, call.disposition in OVER or len(case.tries) >= MOST_TRIES
    contact.tries, contact.outcome = len(case.tries), call.disposition
    contact.due_at, contact.status = call.intent_at + timedelta(days=1), "done" if over else "waiting"
    ended = {"disposition": call.disposition, "carrier": call.carrier_status, "level": call.level}
    for kind, at, detail in (
        ("call_allowed", call.intent_at, {"pack": call.pack}),
        ("call_ended", over_at(call), ended),
    ):
        await interactions.add(
            session, tenant_id=call.tenant_id, person_id=call.person_id, attempt_id=call.id, at=at, kind=kind,
            detail=detail,
        )  # fmt: skip
    session.add_all(rows)


def _receipt(case: Case, now: datetime, random: Random) -> dict[str, str] | None:
    """A payment some days after the last call; None where that day is still to come."""
    day = (case.tries[-1] + timedelta(days=random.randrange(1, 4))).date()
    if day > now.date():
        return None
    return {
        "Contract number": case.debt.contract, "Amount paid": f"{case.debt.amount_minor / 100:.2f}",
        "Paid date": day.isoformat(), "Payment reference": f"R{case.debt.id:05d}",
    }  # fmt: skip


async def _received(op: Operation, paid: Sequence[dict[str, str]], campaign_id: int, home: Path) -> None:
    """The creditor's file of payments, loaded as one is: debts are settled and promises kept by it."""
    path = home / f"payments-{campaign_id}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("Contract number", "Amount paid", "Paid date", "Payment reference"))
        writer.writeheader()
        writer.writerows(paid)
    done = await changing.change_file(op, Order("payments", path, await _creditor_of(op, campaign_id)))
    assert not done.rejected, done.rejects


async def _creditor_of(op: Operation, campaign_id: int) -> str:
    async with op.database.read() as session:
        key = await session.scalar(
            select(Creditor.key)
            .join(ContactList, ContactList.creditor_id == Creditor.id)
            .join(Campaign, Campaign.list_id == ContactList.id)
            .where(Campaign.id == campaign_id)
        )
    assert key is not None
    return key
