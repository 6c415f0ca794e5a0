"""What comes from outside in the month: money, withdrawals, opt-outs by hand and text, calls to us, pauses, bars.

Each goes the way that it goes in production: the act of the API or the command line, or the carrier's line.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import get_args

from sqlalchemy import select

from dialer import calling, sparing, staffing, suppressing
from dialer.campaigns import campaigning
from dialer.debts import changing
from dialer.errors import NotFound, Refused
from dialer.heeding import designating
from dialer.lists.changes import Kind
from dialer.rules.facts import SuppressionKind
from dialer.rules.gate import Deny
from dialer.store.designations import Inconvenient
from dialer.store.models import Agent, Person
from tests.audit.inside import OWN_NUMBERS, Stage
from tests.audit.residents import Resident, character

# How many people of a thousand it happens to on one day.
DAILY = {
    "pays": 8, "withdrawn": 4, "asks_by_letter": 2, "number_listed": 2, "texts_stop": 3, "texts_hello": 4,
    "calls_us": 10, "lawyer": 1, "refuses_in_writing": 1, "insolvent": 1, "turns_otherwise": 60,
    "names_a_time": 4, "called_by_hand": 25,
}  # fmt: skip
CREDITOR = "aurora"
SHIFT = (10, 18)  # hours after morning (4:00 UTC) between which agents are at work, and call by hand


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing, at one instant. `who` is nobody for what happens to a campaign."""

    at: datetime
    what: str
    who: Resident | None = None
    campaign: str = ""


def of_day(
    morning: datetime, people: Sequence[Resident], campaigns: Sequence[str], *, random: Random
) -> list[Happening]:
    """Everything that will come on one day (24 hours from `morning`), in order."""
    found = [
        Happening(morning + timedelta(seconds=random.randrange(*_seconds_of(what))), what, random.choice(people))
        for what, share in DAILY.items()
        for _ in range(_times(len(people) * share / 1000, random))
    ]
    if random.random() < 0.4:
        paused = morning + timedelta(seconds=random.randrange(30_000, 70_000))
        name = random.choice(campaigns)
        found += [
            Happening(paused, "pause", campaign=name),
            Happening(paused + timedelta(minutes=random.randrange(20, 200)), "resume", campaign=name),
        ]
    begins, ends = (morning + timedelta(hours=hour) for hour in SHIFT)
    found += [Happening(begins, "shift_begins"), Happening(ends, "shift_ends")]
    return sorted(found, key=lambda one: one.at)


async def let_happen(place: Stage, one: Happening, *, random: Random) -> bool:
    """Let it come; whether it did (a campaign that has ended cannot be paused)."""
    try:
        await _ACTS[one.what](place, one, random)
    except (Refused, NotFound):
        return False
    return True


def _seconds_of(what: str) -> tuple[int, int]:
    """The seconds of a day within which something may come."""
    return (SHIFT[0] * 3600 + 900, SHIFT[1] * 3600) if what == "called_by_hand" else (0, 86_400)


def _times(mean: float, random: Random) -> int:
    whole = int(mean)
    return whole + (random.random() < mean - whole)


def _who(one: Happening) -> Resident:
    assert one.who is not None, "this happens to somebody"
    return one.who


async def _change(place: Stage, kind: Kind, record: Mapping[str, str]) -> None:
    order = changing.Order(kind, Path("by-hand"), CREDITOR, country="US")
    await changing.change_records(place.op, order, [record], actor="creditor")


async def _pays(place: Stage, one: Happening, random: Random) -> None:
    row = _who(one).row
    share = 1.0 if random.random() < 0.7 else 0.3
    await _change(
        place,
        "payments",
        {
            "contract": row["contract"], "amount": f"{float(row['amount']) * share:.2f}", "currency": row["currency"],
            "paid_on": place.clock.now().date().isoformat(), "reference": f"R{random.randrange(10**12)}",
        },
    )  # fmt: skip


async def _withdrawn(place: Stage, one: Happening, random: Random) -> None:
    await _change(
        place, "withdraw", {"contract": _who(one).row["contract"], "reason": random.choice(("recalled", "cancelled"))}
    )


async def _asks_by_letter(place: Stage, one: Happening, random: Random) -> None:
    scope = random.choice(("all", "automated"))
    await sparing.add_person(place.op, f"{CREDITOR}:{_who(one).key}", scope=scope)


async def _number_listed(place: Stage, one: Happening, random: Random) -> None:
    await sparing.add_numbers(place.op, [(1, random.choice(_who(one).phones))], country=None)


async def _texts(place: Stage, one: Happening, random: Random, body: str) -> None:
    phone = random.choice(_who(one).phones)
    place.exchange.inbound.text(from_=phone, to=random.choice(OWN_NUMBERS), body=body)


async def _texts_stop(place: Stage, one: Happening, random: Random) -> None:
    await _texts(place, one, random, random.choice(("STOP", "PARE", "Stop calling me")))


async def _texts_hello(place: Stage, one: Happening, random: Random) -> None:
    await _texts(place, one, random, random.choice(("Who is this?", "Quem é?", "START", "AJUDA", "HELP")))


async def _calls_us(place: Stage, one: Happening, random: Random) -> None:
    phone = random.choice(_who(one).phones)
    place.exchange.inbound.call(from_=phone, to=random.choice(OWN_NUMBERS), withheld=random.random() < 0.1)


def _barred(kind: SuppressionKind) -> Callable[[Stage, Happening, Random], Awaitable[None]]:
    async def put(place: Stage, one: Happening, _random: Random) -> None:
        async with place.op.database.write() as session:
            person = await session.scalar(select(Person).where(Person.key == f"{CREDITOR}:{_who(one).key}"))
            assert person is not None
            await suppressing.suppress(session, person, kind, at=place.clock.now(), source="operator")

    return put


async def _names_a_time(place: Stage, one: Happening, random: Random) -> None:
    begins = random.randrange(0, 24) * 60
    days = tuple(sorted(random.sample(range(7), random.randrange(0, 4))))
    named = Inconvenient(days, begins, (begins + random.randrange(60, 600, 30)) % 1440)
    await designating.designate(place.op, f"{CREDITOR}:{_who(one).key}", named)


async def _turns_otherwise(place: Stage, one: Happening, random: Random) -> None:
    """Who did not answer answers next time, and so on."""
    who = _who(one)
    for phone in who.phones:
        place.exchange.people.add(who.at(phone, character(random)))


async def _called_by_hand(place: Stage, one: Happening, random: Random) -> None:
    """An agent who is free calls somebody; the gate may say no."""
    async with place.op.database.read() as session:
        free = (await session.scalars(select(Agent.name).where(Agent.status == "ready").order_by(Agent.id))).all()
    if not free:
        raise Refused("Every agent talks. Wait for one")
    who = _who(one)
    phone = random.choice((None, *who.phones))
    said = await calling.call(place.op, calling.Order(random.choice(free), f"{CREDITOR}:{who.key}", phone))
    if isinstance(said, Deny):
        raise Refused(said.reason)


async def _shift_begins(place: Stage, _one: Happening, _random: Random) -> None:
    for name in place.staff.values():
        await staffing.ready(place.op, name)


async def _shift_ends(place: Stage, _one: Happening, _random: Random) -> None:
    """They take no more calls; who talks to nobody hangs up."""
    for name in place.staff.values():
        agent = await staffing.pause(place.op, name, "the shift is over")
        if agent.status == "paused" and agent.guest_sid is None and agent.leg_sid in place.exchange.calls:
            place.exchange.calls[agent.leg_sid].end("completed")


async def _pause(place: Stage, one: Happening, _random: Random) -> None:
    await campaigning.pause(place.op, one.campaign)


async def _resume(place: Stage, one: Happening, _random: Random) -> None:
    await campaigning.resume(place.op, one.campaign)


_ACTS: dict[str, Callable[[Stage, Happening, Random], Awaitable[None]]] = {
    "pays": _pays, "withdrawn": _withdrawn, "asks_by_letter": _asks_by_letter, "number_listed": _number_listed,
    "texts_stop": _texts_stop, "texts_hello": _texts_hello, "calls_us": _calls_us, "lawyer": _barred("lawyer"),
    "refuses_in_writing": _barred("cease"), "insolvent": _barred("insolvency"), "turns_otherwise": _turns_otherwise,
    "names_a_time": _names_a_time, "called_by_hand": _called_by_hand, "shift_begins": _shift_begins,
    "shift_ends": _shift_ends,
    "pause": _pause, "resume": _resume,
}  # fmt: skip
assert set(DAILY) <= set(_ACTS)
assert {"lawyer", "cease", "insolvency"} <= set(get_args(SuppressionKind))
