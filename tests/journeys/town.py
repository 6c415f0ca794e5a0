"""A whole town in one process: our web server and worker, the local carrier and its people, over real HTTP.

Business time is a manual clock that jumps only when nobody works: no HTTP request is under way and no call is
being placed. So a journey of hours takes the real time of its work, and every run has the same order of events.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import select

from audio.prompts import PromptStore
from audio.speech import Engine
from dialer.campaigns import campaigning
from dialer.operation import Operation
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.rules.plan import Plan
from dialer.settings import Settings
from dialer.store import campaigns
from dialer.store.models import (
    Agent,
    Attempt,
    Consent,
    Contact,
    ContactList,
    Debt,
    ListMember,
    Message,
    Number,
    Person,
    Promise,
)
from dialer.worker import Worker
from local_carrier.api import create_carrier
from local_carrier.config import CarrierConfig
from local_carrier.exchange import Exchange
from local_carrier.faults import read_fault
from local_carrier.ledger import Leg
from local_carrier.lines.people import People, read_person
from local_carrier.lines.people import Person as PersonAtPhone
from tests.wire.twiml_grammar import faults_of
from toque.app import build_app
from toque.composition import operation

MONDAY_10H = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # 11:00 in São Paulo, 09:00 in New York, 15:00 in Paris
ACCOUNT, TOKEN = "AC" + "5" * 32, "a token for tests"
CALLER_ID = "+15005550006"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nothing here speaks TLS: no list of authorities need be read
REAL_LIMIT = 240.0  # seconds; a machine may be busy with other things
SHORTEST_NAP, LONGEST_NAP = 0.0005, 0.005


class ManualClock:
    """Time that passes only when somebody says so."""

    def __init__(self, start: datetime = MONDAY_10H) -> None:
        self._now = start
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=max(0.0, seconds)), next(self._order), future))
        await future

    def jump(self, seconds: float) -> None:
        """Let time pass at a stroke; only while nobody talks."""
        self._now += timedelta(seconds=seconds)

    def step(self) -> bool:
        """Jump to the next one who sleeps; False when nobody does."""
        while self._sleepers:
            at, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self._now = max(self._now, at)
                future.set_result(None)
                return True
        return False


@dataclass(slots=True)
class Activity:
    """How much is under way."""

    count: int = 0


class CountingTransport(httpx.AsyncBaseTransport):
    """Ordinary HTTP that says when a request is under way, and waits for its answer however busy the machine is."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
        self._inner = httpx.AsyncHTTPTransport(verify=NO_TLS, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._activity.count += 1
        request.extensions.pop("timeout", None)
        try:
            response = await self._inner.handle_async_request(request)
            await response.aread()
            return response
        finally:
            self._activity.count -= 1

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of our web server to the carrier."""

    path: str
    status: int
    kind: str
    body: str


class Recorder:
    """ASGI around the web application that keeps what it answered to webhooks."""

    def __init__(self, app: Any, kept: list[Answered]) -> None:
        self._app, self._kept = app, kept

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(("/voice", "/messaging")):
            await self._app(scope, receive, send)
            return
        head: dict[str, Any] = {}
        parts: list[bytes] = []

        async def keep(message: Any) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            else:
                parts.append(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, keep)
        if head:
            kind = dict(head["headers"]).get(b"content-type", b"").decode()
            self._kept.append(Answered(scope["path"], head["status"], kind, b"".join(parts).decode()))


@dataclass(slots=True)
class Town:
    """What a journey works with."""

    op: Operation
    clock: ManualClock
    exchange: Exchange
    people: People
    worker: Worker
    activity: Activity
    carrier_url: str
    web_url: str
    documents: list[Answered] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(100))
    _staff: list[PersonAtPhone] = field(default_factory=list)

    async def add_person(
        self,
        persona: str,
        *,
        language: str = "pt-BR",
        amount_minor: int = 23450,
        knows: dict[str, str] | None = None,
        overrides: dict[str, object] | None = None,
        list_name: str = "list",
        number: str | None = None,
        debts: Sequence[Mapping[str, object]] = ({},),
        extension: str | None = None,
    ) -> Person:
        """A debtor on the list with one number, and a simulated person behind it.

        `debts` say for each debt what is not as usual (`amount_minor` is then the first one's).
        """
        n = next(self._numbers)
        invented, country, currency = _number(language, n)
        number = number or invented
        person = await insert_person(
            self.op,
            number,
            country=country,
            language=language,
            currency=currency,
            n=n,
            debts=({"amount_minor": amount_minor} | dict(debts[0]), *debts[1:]),
            list_name=list_name,
            extension=extension,
        )
        self.people.add(
            read_person(
                {
                    "address": number,
                    "persona": persona,
                    "language": language,
                    "knows": knows or {"document_last3": "725", "birth_year": "1980"},
                    "overrides": overrides or {},
                }
            )
        )
        return person

    async def add_agent(
        self,
        name: str = "Rita",
        *,
        persona: str = "agent",
        skills: tuple[str, ...] = ("collections",),
        overrides: dict[str, object] | None = None,
    ) -> Agent:
        """An agent with a phone of their own, who wants calls."""
        number = f"+1212555{next(self._numbers):04d}"
        phone = {"address": number, "persona": persona, "language": "en-US", "overrides": overrides or {}}
        self._staff.append(read_person(phone))
        self.people.add(self._staff[-1])
        async with self.op.database.write() as session:
            tenant = await campaigns.tenant(session)
            agent = Agent(
                tenant_id=tenant.id,
                name=name,
                via=f"tel:{number}",
                skills=list(skills),
                status="connecting",
                since=self.clock.now(),
                leg_token=secrets.token_urlsafe(12),
            )
            session.add(agent)
        return agent

    async def start(
        self, flow: str = "lembrete", name: str = "campaign", list_name: str = "list", **plan: object
    ) -> None:
        """Create and start a campaign over a list."""
        await campaigning.create(self.op, name, list_name=list_name, flow=flow, plan=Plan.model_validate(plan))
        await campaigning.start(self.op, name)

    async def run_until(self, done: Callable[[], Awaitable[bool]], *, hours: float = 2.0, every: int = 4) -> None:
        """Let time pass until `done`, at most so many business hours; after `every` so many jumps it is asked."""
        until = self.clock.now() + timedelta(hours=hours)
        async with asyncio.timeout(REAL_LIMIT):
            for steps in itertools.count():
                await self.settle()
                if steps % every == 0 and await done():
                    return
                if self.clock.now() > until:
                    raise AssertionError(f"not done after {hours} hours of business time:\n{await self.describe()}")
                self.clock.step()

    async def agents_ready(self, *, at_most: int = 60) -> None:
        """Let time pass until every agent stands in their conference."""

        async def standing() -> bool:
            return all(agent.status == "ready" for agent in await self.all(Agent))

        await self.run_until(standing, hours=at_most / 3600)

    async def run_for(self, seconds: float) -> None:
        """Let so many business seconds pass."""
        until = self.clock.now() + timedelta(seconds=seconds)

        async def passed() -> bool:
            return self.clock.now() >= until

        await self.run_until(passed, hours=seconds / 3600 + 1)

    async def finish_calls(self, *, calls: int = 1, hours: float = 2.0) -> None:
        """Run until that many attempts were made and all have ended."""

        async def over() -> bool:
            if self.talking():
                return False
            attempts = await self.attempts()
            return len(attempts) >= calls and all(one.status == "ended" for one in attempts)

        await self.run_until(over, hours=hours)
        await self.settle()

    async def settle(self) -> None:
        """Wait (in real time) until nobody works; what has taken long may take long again: it is looked at less."""
        quiet, nap = 0, SHORTEST_NAP
        while quiet < 3:
            await asyncio.sleep(0)
            if self.activity.count or self.worker.busy:
                quiet = 0
                await asyncio.sleep(nap)
                nap = min(nap * 1.2, LONGEST_NAP)
            else:
                quiet += 1

    def talking(self) -> bool:
        """Whether a call to anybody but an agent is under way at the carrier."""
        staff = {person.address for person in self._staff}
        return any(leg.ended_at is None and leg.to not in staff for leg in self.exchange.ledger)

    async def attempts(self) -> list[Attempt]:
        return await self.all(Attempt)

    async def all(self, model: type) -> list:
        async with self.op.database.read() as session:
            return list(await session.scalars(select(model).order_by(model.id)))

    async def attempt_of(self, person: Person) -> Attempt:
        return next(one for one in await self.attempts() if one.person_id == person.id)

    async def contact_of(self, person: Person) -> Contact:
        return next(one for one in await self.all(Contact) if one.person_id == person.id)

    async def promises(self) -> list[Promise]:
        return await self.all(Promise)

    async def messages(self) -> list[Message]:
        return await self.all(Message)

    async def rows(self, model: type, person: Person) -> list:
        """Rows of a model that belong to a person."""
        return [one for one in await self.all(model) if one.person_id == person.id]

    def leg_of(self, attempt: Attempt) -> Leg:
        """The one call that the carrier made for an attempt."""
        (leg,) = [leg for leg in self.exchange.ledger if leg.sid == attempt.sid]
        return leg

    def weather(self, *faults: dict[str, object], seed: int = 0) -> None:
        """From now on the carrier makes these faults."""
        self.exchange.weather.change(tuple(read_fault(one) for one in faults), seed=seed)

    def heard_by(self, number: str) -> list[str]:
        """Everything that was said to a number, in order."""
        return [words for leg in self.exchange.ledger if leg.to == number for words in leg.words("heard")]

    async def describe(self) -> str:
        lines = [
            f"{a.id} {a.status} {a.carrier_status} turn={a.turn} {a.waits} {a.disposition}"
            for a in await self.attempts()
        ]
        lines += [f"contact {c.id} {c.status} due {c.due_at} {c.blocked_rule}" for c in await self.all(Contact)]
        lines += [f"agent {a.name} {a.status}" for a in await self.all(Agent)]
        return "\n".join([str(self.clock.now()), *lines])


@asynccontextmanager
async def town(
    database_url: str,
    home: Path,
    *,
    redis_url: str = "",
    carrier: dict[str, object] | None = None,
    engines: Sequence[Engine] | None = None,
    beat: float = 5.0,
    **settings: object,
) -> AsyncIterator[Town]:
    """Open a town. `carrier` are fields of CarrierConfig; `settings` fields of Settings.

    With `engines` prompts are played, without the carrier says them. When the town closes, every document that
    was answered to the carrier must have been lawful TwiML.
    """
    clock, activity = ManualClock(), Activity()
    web_socket, carrier_socket = _listen(), _listen()
    web_url, carrier_url = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in (web_socket, carrier_socket))
    values: dict[str, object] = {
        "home": home, "database_url": database_url, "redis_url": redis_url, "public_url": web_url,
        "twilio_api_root": carrier_url, "twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN,
        "calls_per_second": 500.0, "caller_ids": (CALLER_ID,), "caller_name": "Horizonte", "unknown_grace": 0.001,
        "contact_person": "Ana Lima", "official_site": "horizonte.example", "secret_key": "test secret key",
        "hash_key": "test hash key", "speech_engines": (), "http_timeout": 5.0, "record": "off",
    }  # fmt: skip
    config = CarrierConfig(
        account_sid=ACCOUNT, auth_token=TOKEN, calls_per_second=1000.0, total_timeout_seconds=REAL_LIMIT,
        **{"root_url": carrier_url} | (carrier or {}),
    )  # fmt: skip
    people = People(default="no_answer")
    async with AsyncExitStack() as stack:
        calling = await stack.enter_async_context(
            httpx.AsyncClient(transport=CountingTransport(activity), trust_env=False)
        )
        op = await stack.enter_async_context(
            operation(
                Settings(_env_file=None, **(values | settings)), clock=clock, transport=CountingTransport(activity)
            )
        )
        carrier_app = create_carrier(config, clock=clock, people=people, http=calling)
        documents: list[Answered] = []
        prompts = PromptStore(home, engines) if engines is not None else None
        ours = Recorder(build_app(op, prompts), documents)
        await stack.enter_async_context(_served({web_socket: ours, carrier_socket: carrier_app}))
        exchange = carrier_app.state.exchange
        place = Town(op, clock, exchange, people, Worker(op, beat=beat), activity, carrier_url, web_url, documents)
        beating = asyncio.create_task(_beat(place))
        try:
            yield place
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            await place.worker.stop()
            await place.settle()
            place.weather({"effect": "lost"})  # nobody is told that the carrier closes
            await exchange.close()
    assert_lawful(documents)


def assert_lawful(documents: Sequence[Answered]) -> None:
    """Every TwiML document among the answers passes the grammar of the SDK."""
    twiml = {one.body: one.path for one in documents if one.kind.startswith("text/xml") and one.status == 200}
    faults = {path: found for body, path in twiml.items() if (found := faults_of(body))}
    assert not faults, faults


async def insert_person(
    op: Operation, number: str, *, country: str, language: str, currency: str, n: int,
    debts: Sequence[Mapping[str, object]] = ({},), list_name: str = "list", extension: str | None = None,
) -> Person:  # fmt: skip
    parsed = read(number, country)
    assert isinstance(parsed, PhoneNumber), parsed
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        creditor = await campaigns.creditor(session, tenant.id, "loja")
        found = await session.scalar(select(ContactList).where(ContactList.name == list_name))
        if found is None:
            session.add(
                found := ContactList(
                    tenant_id=tenant.id, creditor_id=creditor.id, name=list_name, created_at=op.clock.now()
                )
            )
            await session.flush()
        person = Person(
            tenant_id=tenant.id,
            key=f"loja:{n}",
            name=f"Pessoa Teste {n}",
            language=language,
            country=country,
            document=op.database.keyring.seal("52998224725"),
            birth_year=1980,
            created_at=op.clock.now(),
            version=0,
        )
        session.add(person)
        await session.flush()
        session.add_all(
            [
                Number(
                    tenant_id=tenant.id, person_id=person.id, e164=number, country=country, rank=0,
                    line_type=parsed.line_type, status="usable", extension=extension,
                ),
                ListMember(list_id=found.id, person_id=person.id),
            ]
        )  # fmt: skip
        if country == "US":  # else no flow may speak to a mobile there
            session.add(Consent(tenant_id=tenant.id, person_id=person.id, kind="tcpa", given_on=date(2025, 1, 2)))
        for place, told in enumerate(debts):
            contract = f"C-{n}" if place == 0 else f"C-{n}-{place}"
            usual: dict[str, object] = {
                "contract": contract, "amount_minor": 23450, "currency": currency, "due_on": date(2026, 2, 10),
                "ways_to_pay": [{"kind": "link", "code": f"https://pay.example/{n}", "expires_on": None}],
            }  # fmt: skip
            owed = {"tenant_id": tenant.id, "person_id": person.id, "creditor_id": creditor.id, "status": "open"}
            session.add(Debt(**(usual | owed | dict(told))))
            await session.flush()
    return person


def _number(language: str, n: int) -> tuple[str, str, str]:
    match language:
        case "pt-BR":
            return f"+551199999{n:04d}", "BR", "BRL"
        case "fr-FR":
            return f"+336399800{n % 100:02d}" if n < 200 else f"+33639981{n % 1000:03d}", "FR", "EUR"
        case _:
            return f"+1212555{n:04d}", "US", "USD"


async def _beat(place: Town) -> None:
    while True:
        place.activity.count += 1
        try:
            await place.worker.tick()
        finally:
            place.activity.count -= 1
        await place.clock.sleep(place.worker.beat)


def _listen() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener


class Serving(uvicorn.Server):
    """A server that is told when to stop: it does not look ten times a second whether it should."""

    def __init__(self, app: object) -> None:
        super().__init__(
            uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1, timeout_keep_alive=600)  # type: ignore[arg-type]
        )
        self.over = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:
        return nullcontext()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.over.wait()


@asynccontextmanager
async def _served(apps: Mapping[socket.socket, object]) -> AsyncIterator[None]:
    """All of them at once: each takes its time to stop."""
    servers = {listener: Serving(app) for listener, app in apps.items()}
    serving = [asyncio.create_task(server.serve(sockets=[listener])) for listener, server in servers.items()]
    while not all(server.started for server in servers.values()):  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        for server in servers.values():
            server.over.set()
        await asyncio.gather(*serving)


__all__ = ["Town", "replace", "town"]
