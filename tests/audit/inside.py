"""The whole system in one process without sockets: HTTP requests go straight to the application they are meant for.

Everything else is as in production: the client of the carrier's SDK, signatures, the web application, the worker.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select
from starlette.types import ASGIApp

from dialer.operation import Operation
from dialer.settings import Settings
from dialer.store.models import Contact, Message
from dialer.worker import Worker
from local_carrier.api import create_carrier
from local_carrier.config import CarrierConfig
from local_carrier.exchange import Exchange
from local_carrier.faults import Fault
from local_carrier.lines.people import People
from tests.journeys.town import ACCOUNT, TOKEN, Activity, ManualClock
from toque.app import build_app
from toque.composition import operation

OWN_NUMBERS = ("+15005550006", "+15005550007", "+15005550008")
WEB, CARRIER = "https://toque.example", "https://carrier.example"
LONGEST_NAP = timedelta(hours=1)  # of the worker, when nothing is due for long


class Inside(httpx.AsyncBaseTransport):
    """Hands each request to the application of its host, and says how many are under way."""

    def __init__(self, activity: Activity, hosts: Mapping[str, ASGIApp]) -> None:
        self._activity, self._hosts = activity, hosts
        self._ways: dict[str, httpx.ASGITransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host not in self._ways:
            self._ways[host] = httpx.ASGITransport(self._hosts[host], client=("127.0.0.1", 1))
        self._activity.count += 1
        try:
            return await self._ways[host].handle_async_request(request)
        finally:
            self._activity.count -= 1


@dataclass(slots=True)
class Stage:
    """A running system, its carrier, and the time of both."""

    op: Operation
    clock: ManualClock
    exchange: Exchange
    worker: Worker
    activity: Activity
    staff: dict[str, str] = field(default_factory=dict)  # telephone -> the agent who answers it
    stopped: bool = False

    async def until(self, end: datetime) -> None:
        """Let business time pass."""
        while self.clock.now() < end:
            await self._settle()
            if not self.clock.step():
                raise AssertionError("nobody waits for anything: the worker has stopped")
        await self._settle()

    async def _settle(self) -> None:
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0)
            if self.activity.count or self.worker.busy:
                quiet = 0
                await asyncio.sleep(0)
            else:
                quiet += 1

    async def beat(self) -> None:
        """The worker's heart; it beats slower when nothing is due."""
        while not self.stopped:
            self.activity.count += 1
            try:
                await self.worker.tick()
                pause = await self._pause()
            finally:
                self.activity.count -= 1
            await self.clock.sleep(pause)

    async def _pause(self) -> float:
        now = self.clock.now()
        if any(leg.ended_at is None and leg.to not in self.staff for leg in self.exchange.ledger[-200:]):
            return self.worker.beat
        async with self.op.database.read() as session:
            contact = await session.scalar(select(func.min(Contact.due_at)).where(Contact.status != "done"))
            message = await session.scalar(
                select(func.min(Message.due_at)).where(Message.status.in_(("planned", "sending", "unknown")))
            )
        due = min((one for one in (contact, message) if one is not None), default=now + LONGEST_NAP)
        return max(self.worker.beat, min((due - now), LONGEST_NAP).total_seconds())


@asynccontextmanager
async def stage(
    database_url: str,
    home: Path,
    people: People,
    *,
    start: datetime,
    beat: float,
    faults: tuple[Fault, ...] = (),
    seed: int = 0,
) -> AsyncIterator[Stage]:
    """Open the system over a database; the carrier knows these people, and spoils some news of calls."""
    clock, activity = ManualClock(start), Activity()
    hosts: dict[str, ASGIApp] = {}
    inside = Inside(activity, hosts)
    own = OWN_NUMBERS
    settings = Settings(
        _env_file=None, home=home, database_url=database_url, redis_url="", public_url=WEB, twilio_api_root=CARRIER,
        twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN, calls_per_second=500.0, caller_ids=own,
        caller_name="Horizonte", contact_person="Ana Lima", official_site="horizonte.example",
        secret_key="audit secret key", hash_key="audit hash key", speech_engines=(), unknown_grace=0.001,
        http_timeout=5.0, record="off",
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(transport=inside, trust_env=False))
        op = await stack.enter_async_context(operation(settings, clock=clock, transport=inside))
        where = op.addresses
        config = CarrierConfig(
            account_sid=ACCOUNT, auth_token=TOKEN, calls_per_second=1e9, root_url=CARRIER, numbers=frozenset(own),
            faults=faults, fault_seed=seed, inbound_voice_url=where.incoming_calls(),
            inbound_status_url=where.incoming_calls_status(), inbound_message_url=where.incoming_texts(),
        )  # fmt: skip
        app = create_carrier(config, clock=clock, people=people, http=http)
        hosts |= {"toque.example": build_app(op, None), "carrier.example": app}
        place = Stage(op, clock, app.state.exchange, Worker(op, beat=beat), activity)
        beating = asyncio.create_task(place.beat())
        try:
            yield place
        finally:
            place.stopped = True
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            await place.worker.stop()
            await app.state.exchange.close()
            gc.collect()
