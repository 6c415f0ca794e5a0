"""An office with one agent, one debtor and one call, on a temporary database; and a way to ask for pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import httpx
from fastapi import FastAPI

from console.desk import desk_router
from dialer import staffing, transferring
from dialer.addresses import Addresses
from dialer.carrier.client import Carrier
from dialer.fanout import LocalFanout
from dialer.law import Law
from dialer.limits import LocalWindow
from dialer.operation import Operation
from dialer.rules.packs import Packs
from dialer.settings import Settings
from dialer.speaking import Answer, dump_answer
from dialer.store import campaigns, tokens, turns
from dialer.store.database import Database
from dialer.store.models import (
    Agent,
    Attempt,
    Campaign,
    Contact,
    ContactList,
    Creditor,
    Debt,
    Number,
    Person,
    Promise,
)
from ivr_flows.loading import load
from ivr_flows.turn import Keys, Part, Speech, Transfer
from webhooks.api import api_router

ROOT = "http://desk.example"
START = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
SPOKEN = (
    "Olá! Aqui é Central Aurora. Esta é uma ligação automática para Marina.",
    "Para confirmar que é você, digite os três últimos números do seu documento.",
    "Obrigado. Há uma fatura de R$ 1.284,90, vencida em 3 de novembro. Para pagar agora, tecle 1. Para prometer uma"
    " data, tecle 2. Para falar com uma pessoa, tecle 0.",
    "Um momento, vou chamar um atendente.",
)
HEARD: tuple[dict[str, Any], ...] = (
    {"type": "Answered", "by": "human"},
    {"type": "Pressed", "digits": "1"},
    {"type": "Pressed", "digits": "•••"},
    {"type": "Pressed", "digits": "0"},
)


@dataclass
class StillClock:
    """Business time that moves when told to."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Office:
    """The operation, its pages and what is in the database."""

    op: Operation
    clock: StillClock
    carrier_asked: list[str]
    ids: dict[str, int] = field(default_factory=dict)

    @cached_property
    def api(self) -> FastAPI:
        """The API; made when it is first asked, for it takes longer than most tests."""
        made = FastAPI()
        made.include_router(api_router(self.op, lambda _: ""), prefix="/api/v1")
        return made

    @cached_property
    def app(self) -> FastAPI:
        """Everything else; made when it is first asked too."""
        made = FastAPI()
        made.include_router(desk_router(self.op))
        return made

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the web server does."""
        part = self.api if scope["path"].startswith("/api/") else self.app
        await part(scope, receive, send)

    async def token(self, role: str, name: str = "Bia Nunes") -> str:
        async with self.op.database.write() as session:
            tenant = await campaigns.tenant(session)
            return await tokens.create(session, tenant.id, name, role, datetime.now(UTC))

    async def ticket(self, *, age: timedelta = timedelta(0)) -> str:
        async with self.op.database.write() as session:
            tenant = await campaigns.tenant(session)
            return await tokens.create(session, tenant.id, "Bia Nunes", "desk", datetime.now(UTC) - age)

    async def client(self, role: str | None = None, name: str = "Bia Nunes") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {await self.token(role, name)}"} if role else {}
        transport = httpx.ASGITransport(self)
        return httpx.AsyncClient(transport=transport, base_url=ROOT, headers=headers)

    async def ask_for_agent(self) -> str:
        """The debtor wants an agent: reserved, with the packet, if one is ready. The outcome's name."""
        async with self.op.database.write() as session:
            attempt = await session.get_one(Attempt, self.ids["attempt"])
            wait = Transfer(skill="", max_wait_seconds=300)
            outcome = await transferring.ask(session, self.op, attempt, wait, language="pt-BR")
            await transferring.write_packet(session, self.op, attempt.id)
        return outcome if isinstance(outcome, str) else type(outcome).__name__

    async def join(self) -> None:
        """The caller is put into the agent's conference."""
        async with self.op.database.read() as session:
            agent = await session.get_one(Agent, self.ids["agent"])
        await staffing.leg_joined(self.op, agent.leg_token, "CA-debtor")

    async def leave(self) -> None:
        """The caller hangs up."""
        async with self.op.database.read() as session:
            agent = await session.get_one(Agent, self.ids["agent"])
        await staffing.caller_left(self.op, agent.leg_token, "CA-debtor")

    async def events(self, address: str, headers: dict[str, str], *, count: int) -> list[bytes]:
        """The first chunks of an endless answer; then the browser goes away."""
        chunks: list[bytes] = []
        done = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await done.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                chunks.append(b"%d" % message["status"])
            elif message.get("body"):
                chunks.append(message["body"])
            if len(chunks) > count:
                done.set()

        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        await asyncio.wait_for(self(scope, receive, send), timeout=20)
        return chunks


@asynccontextmanager
async def office(database: Database) -> AsyncIterator[Office]:
    """An office in which Bia Nunes is ready and Marina Prado has answered a call."""
    asked: list[str] = []

    def carrier(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path.endswith("Conferences.json"):
            return httpx.Response(200, json={"conferences": []})
        return httpx.Response(200, json={"sid": "CA1", "status": "in-progress"})

    settings = Settings(
        _env_file=None,
        public_url=ROOT,
        twilio_api_root="http://127.0.0.1:9",
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="not-a-secret",  # type: ignore[arg-type]
        caller_ids=("+551130000000",),
    )
    clock = StillClock()
    op = Operation(
        settings=settings,
        database=database,
        carrier=Carrier(settings, transport=httpx.MockTransport(carrier)),
        window=LocalWindow(100),
        fanout=LocalFanout(),
        clock=clock,
        law=Law(shipped=lambda: Packs({})),
        addresses=Addresses(ROOT),
        flow=load,
    )
    made = Office(op, clock, asked)
    made.ids = await _fill(op)
    try:
        yield made
    finally:
        await op.carrier.close()


async def _fill(op: Operation) -> dict[str, int]:
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        mine = {"tenant_id": tenant.id}
        creditor = Creditor(key="aurora", name="Aurora Energia", **mine)
        person = Person(
            key="p1",
            name="Marina Prado",
            language="pt-BR",
            country="BR",
            region="SP",
            city="Campinas",
            created_at=START,
            **mine,
        )
        other = Person(key="p2", name="Otto Lima", language="pt-BR", country="BR", created_at=START, **mine)
        agent = Agent(name="Bia Nunes", via="tel:+5511999990001", skills=[], since=START, leg_token="leg-1", **mine)
        rui = Agent(name="Rui Sá", via="client:rui", skills=[], since=START, leg_token="leg-2", **mine)
        agent.status, agent.leg_sid, agent.leg_joined_at = "ready", "CA-agent", START
        session.add_all([creditor, person, other, agent, rui])
        await session.flush()
        number = Number(person_id=person.id, e164="+5511999990002", country="BR", line_type="mobile", **mine)
        source = ContactList(creditor_id=creditor.id, name="november", created_at=START, **mine)
        session.add_all([number, source])
        await session.flush()
        campaign = Campaign(
            list_id=source.id, name="november", flow="lembrete", status="running", plan={}, created_at=START, **mine
        )
        session.add(campaign)
        await session.flush()
        contact = Contact(campaign_id=campaign.id, person_id=person.id, status="calling", due_at=START, **mine)
        session.add(contact)
        session.add_all(_debts(person.id, creditor.id, tenant.id))
        await session.flush()
        attempt = Attempt(
            token="attempt-1",
            campaign_id=campaign.id,
            contact_id=contact.id,
            person_id=person.id,
            number_id=number.id,
            to_number=number.e164,
            status="live",
            sid="CA-debtor",
            flow="lembrete",
            debts=[1],
            intent_at=START,
            intent_real=0,
            turn=3,
            waits="transfer",
            level="checked",
            **mine,
        )
        session.add(attempt)
        await session.flush()
        session.add(
            Promise(
                person_id=person.id,
                attempt_id=attempt.id,
                amount_minor=20000,
                currency="BRL",
                due_on=date(2026, 11, 10),
                status="broken",
                created_at=START,
                **mine,
            )
        )
        await _talk(session, op, attempt.id)
    return {"agent": agent.id, "person": person.id, "other": other.id, "attempt": attempt.id}


def _debts(person: int, creditor: int, tenant: int) -> list[Debt]:
    owed = ((128490, "F-2210", date(2026, 11, 3)), (20000, "F-2188", date(2026, 10, 3)))
    return [
        Debt(
            tenant_id=tenant,
            person_id=person,
            creditor_id=creditor,
            contract=contract,
            amount_minor=minor,
            currency="BRL",
            due_on=due,
        )
        for minor, contract, due in owed
    ]


async def _talk(session: Any, op: Operation, attempt: int) -> None:
    for n, (event, words) in enumerate(zip(HEARD, SPOKEN, strict=True)):
        answer = Answer((Speech("pt-BR", (Part(words),), "public"),), Keys(), n + 1)
        sealed = op.database.keyring.seal(dump_answer(answer))
        at = START + timedelta(seconds=12 * n)
        await turns.add(session, attempt, n, at=at, event=event, answer=sealed, path=[])
