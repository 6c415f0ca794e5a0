"""The heartbeat: leads campaigns and paces; beside it agents are connected, messages sent, lost things healed.

Every beat reads the database anew; a worker that dies leaves nothing that another does not pick up. The beat itself
waits for the database only: whatever waits for the carrier or for a grant is an errand or a placing of its own.
"""

from __future__ import annotations

import asyncio
import math
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import SQLAlchemyError

from dialer import agent_lines, placing, reconciling, relearning, staffing
from dialer.attending import capturing
from dialer.beating import Beating
from dialer.campaigns import campaigning
from dialer.campaigns.leading import Leader
from dialer.debts import promising
from dialer.errands import Errands
from dialer.flows import reproving
from dialer.limits import Closed, UntilStopped
from dialer.operation import Operation
from dialer.record import attesting, erasing
from dialer.results import pricing
from dialer.rules.packs import Packs
from dialer.store import beats, campaigns, contacts
from dialer.store.models import Campaign
from dialer.supervising import lines as supervising
from dialer.tapes import keeping
from dialer.texts import messaging, tracing

log = structlog.get_logger("toque.worker")

CLAIM_SECONDS = 60.0
IN_FLIGHT, MOST_IN_FLIGHT = 32, 400  # claimed and under way at once in one worker: at the least, at the most
AHEAD_SECONDS = 2.0  # of grants, between those: from one beat to the next there is somebody to be called
# Business time between two looks at what need not be looked at with every beat.
PROMISES_EVERY, PRICES_EVERY, TAPES_EVERY = timedelta(minutes=1), timedelta(seconds=30), timedelta(seconds=10)
RETENTION_EVERY = RECOUNT_EVERY = timedelta(days=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_company = attrgetter("tenant_id")
ROOM_SECONDS = 5.0  # for the records around a create, when the worker stops


@dataclass(frozen=True, slots=True)
class Errand:
    """Work beside the calls, begun with a beat that finds something for it. `act` is told when to begin no more."""

    is_due: Callable[[Operation], ColumnElement[bool]]
    act: Callable[[Operation, Callable[[], bool]], Awaitable[object]]


ERRANDS = {
    "agents' lines": Errand(agent_lines.due, lambda op, _: staffing.connect_agents(op)),
    "supervisors' lines": Errand(supervising.due, lambda op, _: supervising.keep(op)),
    "cards of agents": Errand(capturing.due, lambda op, _: capturing.look_after(op)),
    "waiting callers": Errand(staffing.due, lambda op, _: staffing.settle(op)),
    "lost calls": Errand(reconciling.due, lambda op, _: reconciling.heal(op)),
    "messages": Errand(messaging.due, lambda op, going: messaging.send_due(op, going=going)),
    "lost messages": Errand(tracing.due, lambda op, _: tracing.reconcile(op)),
    "seal of the record": Errand(attesting.due, attesting.seal_new),
}


@dataclass(slots=True)
class Worker:
    """One worker. `beat` is the business time between two looks, in seconds."""

    op: Operation
    beat: float = 1.0
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}")
    _placing: set[asyncio.Task[None]] = field(default_factory=set)
    _errands: Errands = field(default_factory=Errands)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _leader: Leader = field(init=False, repr=False)
    _beating: Beating = field(init=False, repr=False)
    _due: dict[str, datetime] = field(default_factory=dict)
    _learnt: dict[int, Packs] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.op = replace(self.op, window=UntilStopped(self.op.window, self._stopping))
        self._leader = Leader(self.op, self.name)
        self._beating = Beating(self.op, self.name)

    async def run(self) -> None:
        """Beat until stopped; a beat that fails (a lost database, a fault of ours) is reported; the next tries."""
        while not self._stopping.is_set():
            try:
                await self.tick()
                await self._tell()
            except (SQLAlchemyError, OSError) as fault:
                log.error("beat_failed", fault=type(fault).__name__, todo="check that database and Redis answer")
                await asyncio.sleep(0.5)
            except Exception:  # the heart of every campaign: whatever is wrong with one beat, the next one comes
                log.exception("beat_failed", todo="report this fault")
                await asyncio.sleep(0.5)
            await self.op.clock.sleep(self.beat)

    async def _tell(self) -> None:
        if self._goes_on():
            await self._beating.tell()
            self._now_and_then("recount of meters", RECOUNT_EVERY, self._beating.recount)

    async def stop(self) -> None:
        """Begin nothing more, let the creates under way have their answers, give back the rest and the leases.

        Takes no longer than the longest create and ROOM_SECONDS; what works on then is ended, and healed by others.
        """
        self._stopping.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.op.carrier.longest_create + ROOM_SECONDS):
                while self.busy:
                    await asyncio.wait(self._working)
        if late := self._working:
            log.warning("ended_under_way", tasks=len(late), todo="none: another worker picks up what they left")
            for task in late:
                task.cancel()
            await asyncio.wait(late, timeout=ROOM_SECONDS)
        with suppress(SQLAlchemyError, OSError):
            async with self.op.database.write() as session:
                await campaigns.release_leases(session, self.name)
                await beats.ended(session, self.name)

    async def tick(self) -> None:
        """One look at everything."""
        op = self.op
        if self._stopping.is_set():
            return
        async with op.database.read() as session:
            errands = list(ERRANDS.items())
            due = (await session.execute(select(*(errand.is_due(op) for _, errand in errands)))).one()
            running = await campaigns.running(session) if op.settings.can_dial else []
            going = await contacts.open_in(session, [one.id for one in running])
        for (kind, errand), now in zip(errands, due, strict=True):
            if now:
                self._errands.start(kind, partial(errand.act, op, self._goes_on))
        self._relearn({one.tenant_id for one in running})
        self._now_and_then("recordings", TAPES_EVERY, lambda: keeping.look_after(op))
        self._now_and_then("prices", PRICES_EVERY, lambda: pricing.learn(op))
        self._now_and_then("promises", PROMISES_EVERY, lambda: promising.follow_up(op))
        self._now_and_then("retention", RETENTION_EVERY, lambda: erasing.run(op, going=self._goes_on))
        for _, company in groupby(sorted(running, key=_company), key=_company):
            if not self._stopping.is_set():
                await self._lead(list(company), going)

    def _relearn(self, companies: Collection[int]) -> None:
        """The packs are the same object for as long as no file has changed."""
        packs = self.op.packs
        if news := [one for one in companies if self._learnt.get(one) is not packs]:
            self._errands.start("law", lambda: self._learn(packs, news))

    async def _learn(self, packs: Packs, companies: Collection[int]) -> None:
        await relearning.relearn(self.op, packs, companies)
        await reproving.prove_again(self.op, packs, companies)
        self._learnt |= dict.fromkeys(companies, packs)  # what failed is tried again with the next beat

    def _goes_on(self) -> bool:
        return not self._stopping.is_set()

    def _now_and_then(self, kind: str, every: timedelta, act: Callable[[], Awaitable[object]]) -> None:
        """An errand that is not due again before `every` has passed."""
        now = self.op.clock.now()
        if self._due.get(kind, LONG_AGO) <= now:
            self._due[kind] = now + every
            self._errands.start(kind, act)

    @property
    def _room(self) -> int:
        """How many calls may be claimed and under way here at once."""
        granted = math.ceil(self.op.settings.calls_per_second * AHEAD_SECONDS)
        return min(MOST_IN_FLIGHT, max(IN_FLIGHT, granted))

    @property
    def busy(self) -> bool:
        """Whether creates or errands are under way."""
        return bool(self._working)

    @property
    def _working(self) -> set[asyncio.Task[None]]:
        return self._placing | self._errands.tasks

    async def _lead(self, company: list[Campaign], going: Collection[int]) -> None:
        """Start the calls of a company's running campaigns, and finish those of which nobody waits any more."""
        led = {campaign.id: campaign for campaign in await self._leader.lead(company)}
        for over in led.keys() - going:
            if await campaigning.finish_if_done(self.op, over):
                del led[over]
        for campaign in led.values():
            if self._leader.ranks_are_due(campaign):
                self._errands.start(f"order of campaign {campaign.id}", partial(self._leader.rank, campaign))
        under_way = len(self._placing)
        orders = await self._leader.orders(list(led.values()), room=self._room - under_way, waiting=under_way)
        for campaign_id, calls in orders.items():
            await self._begin(led[campaign_id], calls)

    async def _begin(self, campaign: Campaign, calls: int) -> None:
        until = time.monotonic() + CLAIM_SECONDS
        claimed = await placing.claim(self.op, campaign, limit=calls, owner=self.name, lease_seconds=CLAIM_SECONDS)
        for contact_id, act in await self._acts(claimed, until):
            task = asyncio.create_task(self._place(contact_id, act))
            self._placing.add(task)
            task.add_done_callback(self._placing.discard)

    async def _acts(self, claimed: Sequence[int], until: float) -> list[tuple[int, Callable[[], Awaitable[bool]]]]:
        """What is to be done for whom: all are looked at together, and each alone where that fails."""
        try:
            seen = await placing.look(self.op, claimed, owner=self.name)
        except Exception as fault:
            log.error("look_failed", contacts=len(claimed), fault=type(fault).__name__, exc_info=True)
            return [(one, partial(placing.place, self.op, one, owner=self.name)) for one in claimed]
        return [(one.contact.id, partial(placing.carry, self.op, one, owner=self.name, until=until)) for one in seen]

    async def _place(self, contact_id: int, act: Callable[[], Awaitable[bool]]) -> None:
        try:
            await act()
        except Closed:
            await self._give_back(contact_id)
        except Exception as fault:  # nobody awaits this task: what is not said here is never heard of
            log.error("placing_failed", contact=contact_id, fault=type(fault).__name__, exc_info=True)
            await self._give_back(contact_id)

    async def _give_back(self, contact_id: int) -> None:
        with suppress(SQLAlchemyError, OSError):
            async with self.op.database.write() as session:
                await contacts.release(session, [contact_id], owner=self.name)
