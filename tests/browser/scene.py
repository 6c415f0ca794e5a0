"""What the pictures show: a Tuesday afternoon at the invented company, a fortnight behind it, calls under way.

The past is put on record as rows (`past`); what goes on now is lived through by the town, call by call.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Select, select, update

from dialer import staffing
from dialer.campaigns import campaigning, showing
from dialer.flows import publishing, saving
from dialer.flows.saving import Written
from dialer.rules.plan import Plan
from dialer.store import campaigns
from dialer.store.models import Agent, Attempt, Campaign, Contact, Number, Person, Promise, Task, User
from dialer.store.who import on_behalf_of
from tests.browser.company import CARDS, COMPANY, OUR_NUMBERS, STORE, STORE_CLOSED, WATER, at_home, lists_loaded
from tests.browser.past import Spell, lived_through
from tests.dialer.flows.own_flow import FIRST, SAID
from tests.journeys.town import Town, town
from toque.demo.people import Resident

NOW = datetime(2026, 3, 3, 19, 40, tzinfo=UTC)  # a Tuesday: 16:40 in São Paulo, 20:40 in Paris
AGENTS = ("Rita Campos", "Bruno Leal", "Teresa Nunes", "Luiza Prates", "Caio Moraes")
LONG_TALK = 840.0  # seconds: longer than talks are
OWN_FLOW, DRAFT = "own/spring-message", "Cards, second reminder"
CAST = (
    "promiser", "agent_seeker", "busy", "payer", "machine_with_beep", "promiser", "no_answer", "already_paid",
    "repeat_listener", "disputer", "absent", "promiser",
)  # fmt: skip


@dataclass(slots=True)
class Scene:
    """The town, the addresses of what is to be seen by name, and whose desks: name of the picture -> agent."""

    place: Town
    addresses: dict[str, str] = field(default_factory=dict)
    desks: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def scene(home: Path) -> AsyncIterator[Scene]:
    """Open the town, put its past on record, and live until there is something to see."""
    numbers = tuple(one for one, *_ in OUR_NUMBERS)
    url = f"sqlite+aiosqlite:///{home}/toque.sqlite3"
    async with town(url, home, caller_ids=numbers, caller_name=COMPANY, time_zone="America/Sao_Paulo") as place:
        place.clock.jump((NOW - place.clock.now()).total_seconds())
        for name in AGENTS:
            await place.add_agent(name)
        lists = await lists_loaded(place.op, home)
        with on_behalf_of(*await _manager(place)):
            for e164, label, cap in OUR_NUMBERS:
                await showing.add(place.op, e164, label=label, daily_cap=cap)
            await _own_flow(place)
            made = await _campaigns(place)
        await _past(place, made, home)
        await _now(place, lists[CARDS])
        yield await _seen(place)


async def _manager(place: Town) -> tuple[int, str]:
    """Whoever did all this, as the record names them."""
    person = User(
        tenant_id=1, email="ana.ribeiro@toque.example", name="Ana Ribeiro", role="manager", password="",
        language="en-US", created_at=NOW,
    )  # fmt: skip
    async with place.op.database.write() as session:
        person.tenant_id = (await campaigns.tenant(session)).id
        session.add(person)
    return person.tenant_id, f"user {person.id}"


async def _campaigns(place: Town) -> dict[str, int]:
    """One for each list, and a draft; two are running."""
    ours, again = Plan(detect="beep", ratio=4), Plan(detect="beep", ratio=3, hours="mon-fri 10:00-18:00")
    made = {
        name: await campaigning.create(place.op, name, list_name=name, flow="lembrete", plan=ours)
        for name in (CARDS, STORE_CLOSED, STORE, WATER)
    }
    await campaigning.create(place.op, DRAFT, list_name=CARDS, flow="segunda-tentativa", plan=again)
    for name in (CARDS, WATER):
        await campaigning.start(place.op, name)
    return made


async def _past(place: Town, made: dict[str, int], home: Path) -> None:
    """What the campaigns have behind them: one is finished, one was paused."""
    begun = NOW.replace(hour=12, minute=0)
    spells = {
        STORE_CLOSED: Spell(begun - timedelta(days=18), 11, 4),
        STORE: Spell(begun - timedelta(days=6), 4, 2),
        CARDS: Spell(begun - timedelta(days=14), 15, 6, elusive=44),
    }
    for name, spell in spells.items():
        await lived_through(place.op, made[name], spell, [one for one, *_ in OUR_NUMBERS], home)
    async with place.op.database.write() as session:
        for name, status in ((STORE_CLOSED, "finished"), (STORE, "paused")):
            await session.execute(update(Campaign).where(Campaign.id == made[name]).values(status=status))
        over = update(Contact).where(Contact.campaign_id == made[STORE_CLOSED], Contact.status == "waiting")
        await session.execute(over.values(status="done"))


async def _own_flow(place: Town) -> None:
    """A message of the company's own, in two versions; the first is in force."""
    first = await saving.save(place.op, OWN_FLOW, Written(FIRST, "As the library has it", 0))
    await publishing.publish(place.op, OWN_FLOW, first.number)
    kinder = FIRST.replace(SAID, "Precisamos falar com o titular deste telefone sobre um assunto simples.")
    await saving.save(place.op, OWN_FLOW, Written(kinder, "A kinder first sentence", first.number))


async def _now(place: Town, people: Sequence[Resident]) -> None:
    """One long talk, then calls of all sorts; agents in different states."""
    await place.agents_ready()
    waiting = await _waiting(place, people)
    assert len(waiting) > len(CAST), f"too few people are left to call: {len(waiting)}"
    at_home(place.people, waiting[:1], ("agent_seeker",), talks_seconds=3600.0)
    await _due(place, waiting, first=1)
    await place.run_for(LONG_TALK)
    at_home(place.people, waiting[1:], CAST, talks_seconds=600.0)
    await staffing.pause(place.op, "Luiza Prates", "lunch", minutes=20)
    await place.run_for(150)
    await _to_do(place)


async def _to_do(place: Town) -> None:
    """Call-backs that an agent who waits has agreed to."""
    async with place.op.database.write() as session:
        owner = await session.scalar(_idle())
        agreed = await session.execute(
            select(Attempt.id, Attempt.person_id, Attempt.tenant_id)
            .where(Attempt.disposition == "callback_asked", Attempt.intent_at < NOW)
            .order_by(Attempt.id.desc())
            .limit(3)
        )
        for n, (call, person, tenant) in enumerate(agreed.all()):
            session.add(
                Task(
                    tenant_id=tenant, person_id=person, attempt_id=call, kind="call_back", detail={}, owner=owner,
                    due_at=NOW + timedelta(minutes=35 + 55 * n), created_at=NOW - timedelta(hours=3),
                )
            )  # fmt: skip


async def _waiting(place: Town, people: Sequence[Resident]) -> list[Resident]:
    """Who of the running campaign is still to be called, those who were called most before first."""
    async with place.op.database.read() as session:
        rows = await session.execute(
            select(Number.e164)
            .join(Contact, Contact.person_id == Number.person_id)
            .join(Campaign, Campaign.id == Contact.campaign_id)
            .where(Campaign.name == CARDS, Contact.status == "waiting", Contact.due_at < NOW)
            .order_by(Contact.tries.desc(), Contact.id)
        )
        order = {number: n for n, number in enumerate(rows.scalars())}
    return sorted((one for one in people if one.row["phone"] in order), key=lambda one: order[one.row["phone"]])


async def _due(place: Town, those: Sequence[Resident], *, first: int) -> None:
    """The first of them are due now, the others when the long talk is long, and everybody else tonight."""
    async with place.op.database.write() as session:
        running = select(Campaign.id).where(Campaign.name == CARDS).scalar_subquery()
        everybody = update(Contact).where(Contact.status == "waiting", Contact.campaign_id == running)
        await session.execute(everybody.values(due_at=NOW + timedelta(hours=2)))
        for n, one in enumerate(those):
            at = NOW if n < first else NOW + timedelta(seconds=LONG_TALK)
            mine = select(Number.person_id).where(Number.e164 == one.row["phone"])
            await session.execute(update(Contact).where(Contact.person_id.in_(mine)).values(due_at=at, rank=n))


async def _seen(place: Town) -> Scene:
    """Where everything is. Nothing moves any more: the clock stands, and the worker's lease with it."""
    async with place.op.database.write() as session:
        await session.execute(update(Campaign).values(lease_until=Campaign.lease_until + 3_600_000))
    async with place.op.database.read() as session:
        ids = {name: key for key, name in (await session.execute(select(Campaign.id, Campaign.name))).all()}
        person = await session.scalar(
            select(Person.id)
            .join(Promise, Promise.person_id == Person.id)
            .join(Attempt, Attempt.id == Promise.attempt_id)
            .where(Attempt.intent_at >= NOW)
            .limit(1)
        )
        busy = await session.execute(select(Agent.name).where(Agent.status == "in_call").order_by(Agent.since.desc()))
        idle = await session.scalar(_idle())
    cards, store = ids[CARDS], ids[STORE]
    addresses = {
        "today": "/", "campaigns": "/campaigns", "new-campaign": f"/campaigns/{ids[DRAFT]}/edit",
        "campaign": f"/campaigns/{store}", "live": f"/campaigns/{cards}/live",
        "results": f"/campaigns/{cards}/results", "lists": "/lists", "list": "/lists/1",
        "person": f"/people/{person}", "flow": "/flows/lembrete", "versions": f"/flows/{OWN_FLOW}/versions",
        "changes": f"/flows/{OWN_FLOW}/diff", "rules": "/rules", "law": "/rules/packs/BR", "numbers": "/numbers",
        "agents": "/agents", "floor": "/desk/floor", "audit": "/audit",
    }  # fmt: skip
    desks = {"desk": next(iter(busy.scalars())), "desk-idle": idle or AGENTS[0]}
    return Scene(place, addresses, desks)


def _idle() -> Select[str]:
    return select(Agent.name).where(Agent.status == "ready").order_by(Agent.id).limit(1)
