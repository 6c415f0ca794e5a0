"""Rows for tests of storage and placing: a tenant, a running campaign, people with a number and a debt."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.addresses import Addresses
from dialer.carrier.client import Carrier
from dialer.clock import real_ms
from dialer.fanout import LocalFanout
from dialer.law import Law
from dialer.limits import LocalWindow
from dialer.operation import Operation
from dialer.settings import Settings
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import (
    Agent,
    Attempt,
    Campaign,
    Contact,
    ContactList,
    Debt,
    ListMember,
    Message,
    Number,
    Person,
    Reservation,
)
from dialer.store.sealing import Keyring
from ivr_flows.loading import load

NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # a Monday: 12:00 in São Paulo
CALLER_ID = "+15005550006"
MESSAGE = "Olá — seu código é “12345”"
KEYS = Keyring("test secret key", "test hash key")
_serial = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Rows:
    """The ids that a test works with; the tuples run in parallel."""

    tenant: int
    creditor: int
    campaign: int
    people: tuple[int, ...]
    numbers: tuple[int, ...]
    contacts: tuple[int, ...]


class FixedClock:
    """Time that stands still."""

    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits in business time")


async def campaign_of(
    database: Database, people: int, *, status: str = "running", plan: dict[str, Any] | None = None
) -> Rows:
    """A campaign over so many Brazilians, all due now. May be called several times."""
    n = next(_serial)
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        creditor = await campaigns.creditor(session, tenant.id, "loja")
        source = ContactList(tenant_id=tenant.id, creditor_id=creditor.id, name=f"list {n}", created_at=NOON)
        session.add(source)
        await session.flush()
        campaign = Campaign(
            tenant_id=tenant.id, list_id=source.id, name=f"campaign {n}", flow="lembrete", status=status,
            plan={"order": "as-loaded"} | (plan or {}), created_at=NOON,
        )  # fmt: skip
        session.add(campaign)
        await session.flush()
        made = [
            await _person(session, tenant.id, creditor.id, source.id, campaign.id, rank) for rank in range(people)
        ]
        columns = [tuple(column) for column in zip(*made, strict=True)] or [(), (), ()]
        return Rows(tenant.id, creditor.id, campaign.id, *columns)


async def _person(
    session: AsyncSession, tenant: int, creditor: int, list_id: int, campaign: int, rank: int
) -> tuple[int, int, int]:
    n = next(_serial)
    person = Person(
        tenant_id=tenant,
        key=f"loja:{n}",
        name=f"Pessoa {n}",
        language="pt-BR",
        country="BR",
        created_at=NOON,
        version=0,
    )
    session.add(person)
    await session.flush()
    number = Number(
        tenant_id=tenant, person_id=person.id, e164=f"+55119{90000000 + n}", country="BR", rank=0, line_type="mobile",
        status="usable",
    )  # fmt: skip
    debt = Debt(
        tenant_id=tenant, person_id=person.id, creditor_id=creditor, contract=f"C-{n}", amount_minor=12345,
        currency="BRL", due_on=date(2026, 2, 10), status="open",
        ways_to_pay=[{"kind": "pix", "code": "12345", "expires_on": None}],
    )  # fmt: skip
    contact = Contact(
        tenant_id=tenant, campaign_id=campaign, person_id=person.id, status="waiting", due_at=NOON, rank=rank, tries=0
    )
    session.add_all([number, debt, contact, ListMember(list_id=list_id, person_id=person.id)])
    await session.flush()
    return person.id, number.id, contact.id


def attempt_of(rows: Rows, index: int = 0, **changes: Any) -> Attempt:
    """An attempt of the person at `index`, not yet added to a session."""
    n = next(_serial)
    values: dict[str, Any] = {
        "token": f"token-{n}", "tenant_id": rows.tenant, "campaign_id": rows.campaign,
        "contact_id": rows.contacts[index], "person_id": rows.people[index], "number_id": rows.numbers[index],
        "to_number": f"+55119{80000000 + n}", "from_number": CALLER_ID, "status": "placing", "flow": "lembrete",
        "debts": [], "intent_at": NOON, "intent_real": real_ms(),
    }  # fmt: skip
    return Attempt(**values | changes)


def agent_of(rows: Rows, **changes: Any) -> Agent:
    n = next(_serial)
    values: dict[str, Any] = {
        "tenant_id": rows.tenant, "name": f"Agent {n}", "via": "client:rita", "skills": [], "status": "ready",
        "since": NOON, "leg_token": f"leg-{n}",
    }  # fmt: skip
    return Agent(**values | changes)


def reservation_of(rows: Rows, attempt: int, agent: int | None, status: str = "reserved") -> Reservation:
    return Reservation(
        tenant_id=rows.tenant, campaign_id=rows.campaign, attempt_id=attempt, agent_id=agent, language="pt-BR",
        status=status, asked_at=NOON, turn=1, max_wait_seconds=60,
    )  # fmt: skip


def message_of(rows: Rows, index: int = 0, **changes: Any) -> Message:
    """A message to the person at `index`, under way; not yet added to a session."""
    n = next(_serial)
    values: dict[str, Any] = {
        "token": f"m{n}", "tenant_id": rows.tenant, "person_id": rows.people[index], "number_id": rows.numbers[index],
        "template": f"t{n}", "purpose": "payment_code", "to_number": "+5511990000001", "from_number": CALLER_ID,
        "body": KEYS.seal(MESSAGE), "status": "sending", "created_at": NOON, "due_at": NOON,
    }  # fmt: skip
    return Message(**values | changes)


async def add(database: Database, *rows: Any) -> list[int]:
    """Commit these rows; their ids."""
    async with database.write() as session:
        session.add_all(rows)
        await session.flush()
        return [row.id for row in rows]


_HOME = tempfile.TemporaryDirectory(prefix="toque-home-")  # of this process alone


def settings_for(database: Database, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "database_url": database.url, "twilio_account_sid": "AC" + "5" * 32, "twilio_auth_token": "a token for tests",
        "twilio_api_root": "http://127.0.0.1:9", "calls_per_second": 1000.0, "caller_ids": (CALLER_ID,),
        "secret_key": "test secret key", "hash_key": "test hash key", "speech_engines": (), "record": "off",
        "home": Path(_HOME.name),
    }  # fmt: skip
    return Settings(_env_file=None, **values | changes)


def operation_on(database: Database, answer: Callable[[httpx.Request], httpx.Response], **changes: Any) -> Operation:
    """Everything an act needs, over a carrier that answers through `answer`."""
    settings = settings_for(database, **changes)
    return Operation(
        settings=settings,
        database=database,
        carrier=Carrier(settings, transport=httpx.MockTransport(answer)),
        window=LocalWindow(settings.calls_per_second),
        fanout=LocalFanout(),
        clock=FixedClock(),
        law=Law(),
        addresses=Addresses(settings.public_url),
        flow=load,
    )


def accepts(request: httpx.Request) -> httpx.Response:
    """A carrier that takes every call."""
    return httpx.Response(201, json={"sid": f"CA{next(_serial):032d}", "status": "queued"})
