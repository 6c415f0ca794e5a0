"""A survey of many contacts, divided among processes: each reads its part of the list itself and asks the same gate.

A process of its own knows the database, the settings and the packs of the moment, and no carrier. Nothing is written.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from dialer import judging
from dialer.addresses import Addresses
from dialer.campaigns.foreseeing import Forecast, foresee
from dialer.carrier.client import Carrier
from dialer.fanout import LocalFanout
from dialer.law import Law
from dialer.limits import LocalWindow
from dialer.operation import Operation
from dialer.rules.packs import Packs
from dialer.settings import Settings
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import Contact
from dialer.store.sealing import Keyring
from ivr_flows.nodes import Flow

BATCH = 500
PART = 2000  # contacts that a process takes at once
MOST_PROCESSES = 8
LET_OTHERS = 20  # contacts between two looks at what else is to be done here
NICENESS = 5


@dataclass(frozen=True, slots=True)
class Survey:
    """What is asked of every contact of the campaign `name`, as seen from `now`."""

    name: str
    now: datetime
    every_variable: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Office:
    """What a process needs in order to ask the gate."""

    settings: Settings
    packs: Packs
    flow: Callable[[str], Flow]
    now: datetime


@dataclass(frozen=True, slots=True)
class _Instant:
    """A clock that stands at the instant of the survey."""

    at: datetime

    def now(self) -> datetime:
        """The instant."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Not at all: nobody waits in a survey."""


async def batch(op: Operation, survey: Survey, *, after: int, upto: int | None = None) -> list[Forecast]:
    """The forecasts of the next contacts (at most BATCH) whose ids come after `after`, none beyond `upto`."""
    async with op.database.survey() as session:
        tenant = await campaigns.tenant(session)
        campaign = await campaigns.by_name(session, tenant.id, survey.name)
        mine = select(Contact).where(Contact.campaign_id == campaign.id, Contact.id > after)
        if upto is not None:
            mine = mine.where(Contact.id <= upto)
        rows = await session.scalars(mine.order_by(Contact.id).limit(BATCH))
        office = await judging.office(session, op, campaign)
        found = await judging.cases(session, op, office, rows.all(), every_variable=survey.every_variable)
    foreseen: list[Forecast] = []
    for one in found:
        foreseen.append(foresee(op, one, survey.now, survey.until))
        if len(foreseen) % LET_OTHERS == 0:
            await asyncio.sleep(0)  # a server that plans answers its calls meanwhile
    return foreseen


async def divided(op: Operation, survey: Survey, *, after: int) -> AsyncIterator[Forecast]:
    """The forecasts of all contacts after this id, in order, by several processes; ended early, they are too."""
    workers = min(os.cpu_count() or 1, MOST_PROCESSES)
    office = _Office(op.settings, op.packs, op.flow, survey.now)
    loop = asyncio.get_running_loop()
    spawn = multiprocessing.get_context("spawn")  # a fork would share connections and locks
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_move_in, initargs=(office,))
    ahead: deque[asyncio.Future[list[Forecast]]] = deque()
    try:
        async for first, last in _parts(op, survey, after):
            ahead.append(loop.run_in_executor(pool, _part, survey, first, last))
            if len(ahead) > workers:
                for one in await ahead.popleft():
                    yield one
        while ahead:
            for one in await ahead.popleft():
                yield one
        await asyncio.to_thread(pool.shutdown)  # idle by now
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


async def _parts(op: Operation, survey: Survey, after: int) -> AsyncIterator[tuple[int, int]]:
    """(after, up to) of each part, in order."""
    while True:
        async with op.database.survey() as session:
            tenant = await campaigns.tenant(session)
            campaign = await campaigns.by_name(session, tenant.id, survey.name)
            mine = select(Contact.id).where(Contact.campaign_id == campaign.id, Contact.id > after)
            ids = (await session.scalars(mine.order_by(Contact.id).limit(PART))).all()
        if not ids:
            return
        yield after, ids[-1]
        after = ids[-1]


_rooms: dict[str, Operation] = {}  # the operation of a process that surveys; empty in every other
_runner: list[asyncio.Runner] = []


def _move_in(office: _Office) -> None:
    if hasattr(os, "nice"):
        os.nice(NICENESS)  # live calls come first
    gc.freeze()  # what was imported stays; looking for cycles in it again and again costs a tenth of the time
    gc.set_threshold(50_000, 20, 20)
    settings = office.settings
    _rooms["op"] = Operation(
        settings=settings,
        database=Database(settings.database_url, Keyring(*settings.keys())),
        carrier=Carrier(settings),
        window=LocalWindow(settings.calls_per_second),
        fanout=LocalFanout(),
        clock=_Instant(office.now),
        law=Law.of(office.packs),
        addresses=Addresses(settings.public_url),
        flow=office.flow,
    )
    _runner.append(asyncio.Runner())


def _part(survey: Survey, after: int, upto: int) -> list[Forecast]:
    """In a process of its own: one part of the list."""
    return _runner[0].run(_survey(_rooms["op"], survey, after, upto))


async def _survey(op: Operation, survey: Survey, after: int, upto: int) -> list[Forecast]:
    found: list[Forecast] = []
    while some := await batch(op, survey, after=after, upto=upto):
        found += some
        after = some[-1].contact
    return found
