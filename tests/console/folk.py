"""People of two creditors of one company, with a call that was talked through; for the screens of look-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from dialer.operation import Operation
from dialer.speaking import Answer, dump_answer
from dialer.store import campaigns, interactions, turns, vault
from dialer.store.models import (
    Attempt,
    Campaign,
    Contact,
    ContactList,
    Debt,
    ListMember,
    Number,
    Payment,
    Person,
    Promise,
    Recording,
    Task,
)
from ivr_flows.turn import Keys, Part, Speech
from tests.dialer.records import CALLER_ID, NOON

WORDS = "Olá! Aqui é Central Aurora."
CITATION = "Lei SP 15.426/2014 art. 2 (consolidated by Lei SP 17.832/2023)"
RULE_LINK = "https://www.al.sp.gov.br/"


@dataclass(frozen=True, slots=True)
class Folk:
    """Ids. Marina owes aurora, Otto owes banco, Caio owes both."""

    marina: int
    otto: int
    caio: int
    number: int
    call: int
    recording: int


async def folk(op: Operation) -> Folk:
    """Put them on record, all on a list of their creditor with a running campaign."""
    async with op.database.write() as session:
        tenant = (await campaigns.tenant(session)).id
        ids = {}
        for key, name in (("aurora", "Aurora Energia"), ("banco", "Banco Sul")):
            creditor = await campaigns.creditor(session, tenant, key, name=name)
            source = ContactList(tenant_id=tenant, creditor_id=creditor.id, name=f"{key} november", created_at=NOON)
            session.add(source)
            await session.flush()
            campaign = Campaign(
                tenant_id=tenant, list_id=source.id, name=f"{key} first", flow="lembrete", status="running",
                plan={"order": "as-loaded"}, created_at=NOON,
            )  # fmt: skip
            session.add(campaign)
            await session.flush()
            ids[key] = (creditor.id, source.id, campaign.id)
        marina, number, contact = await _person(session, tenant, "Marina Prado", [ids["aurora"]], 1)
        otto, _, _ = await _person(session, tenant, "Otto Lima", [ids["banco"]], 2)
        caio, _, _ = await _person(session, tenant, "Caio Reis", [ids["aurora"], ids["banco"]], 3)
        call = await _call(session, op, tenant, (ids["aurora"][2], contact, marina, number))
        recording = Recording(
            tenant_id=tenant, attempt_id=call, status="stored", why="BR", started_at=NOON, seconds=31,
            path="recordings/1.sealed", digest="0" * 64, keep_until=date(2030, 1, 1),
        )  # fmt: skip
        session.add(recording)
        await session.flush()
        await _deeds(session, tenant, marina, call, ids["aurora"][0])
    return Folk(marina, otto, caio, number, call, recording.id)


async def keep_sound(op: Operation, sound: bytes) -> None:
    """The sealed file of the recording."""

    async def pieces() -> Any:
        yield sound

    await vault.write(Path(op.settings.home) / "recordings/1.sealed", pieces(), op.database.keyring)


async def _person(
    session: Any, tenant: int, name: str, owes: list[tuple[int, int, int]], n: int
) -> tuple[int, int, int]:
    person = Person(
        tenant_id=tenant, key=f"p:{n}", name=name, language="pt-BR", country="BR", region="SP", city="Campinas",
        created_at=NOON,
    )  # fmt: skip
    session.add(person)
    await session.flush()
    number = Number(
        tenant_id=tenant, person_id=person.id, e164=f"+55119999911{n:02}", country="BR", line_type="mobile"
    )
    session.add(number)
    contact = 0
    for creditor, source, campaign in owes:
        debt = Debt(
            tenant_id=tenant, person_id=person.id, creditor_id=creditor, contract=f"C-{n}-{creditor}",
            amount_minor=128490 + creditor, currency="BRL", due_on=date(2026, 2, 10),
        )  # fmt: skip
        row = Contact(tenant_id=tenant, campaign_id=campaign, person_id=person.id, due_at=NOON)
        session.add_all([debt, row, ListMember(list_id=source, person_id=person.id)])
        await session.flush()
        contact = row.id
    return person.id, number.id, contact


async def _call(session: Any, op: Operation, tenant: int, of: tuple[int, int, int, int]) -> int:
    campaign, contact, person, number = of
    call = Attempt(
        token=f"call-{person}", tenant_id=tenant, campaign_id=campaign, contact_id=contact, person_id=person,
        number_id=number, to_number="+5511999991101", from_number=CALLER_ID, status="ended", flow="lembrete",
        debts=[], intent_at=NOON - timedelta(days=2), intent_real=0, seconds=31, disposition="promised",
        carrier_status="completed", turn=1, recorded=True, level="checked", closed_at=NOON - timedelta(days=2),
    )  # fmt: skip
    session.add(call)
    await session.flush()
    said = Answer((Speech("pt-BR", (Part(WORDS),), "public"),), Keys(), 1)
    for n, event in enumerate(({"type": "Answered", "by": "human"}, {"type": "Pressed", "digits": "•••"})):
        await turns.add(
            session, call.id, n, at=call.intent_at, event=event, answer=op.database.keyring.seal(dump_answer(said)),
            path=["begin", "identity"],
        )  # fmt: skip
    return int(call.id)


async def _deeds(session: Any, tenant: int, person: int, call: int, creditor: int) -> None:
    debt = (await session.scalars(Debt.__table__.select().where(Debt.person_id == person))).first()
    session.add_all(
        [
            Promise(
                tenant_id=tenant, person_id=person, attempt_id=call, amount_minor=128491, currency="BRL",
                due_on=date(2026, 3, 6), created_at=NOON - timedelta(days=2),
            ),
            Payment(
                tenant_id=tenant, creditor_id=creditor, debt_id=debt, reference="pay-1", amount_minor=5000,
                currency="BRL", paid_on=date(2026, 3, 1), created_at=NOON - timedelta(days=1),
            ),
            Task(
                tenant_id=tenant, person_id=person, kind="check_payment", detail={}, due_at=NOON,
                created_at=NOON - timedelta(days=1),
            ),
        ]
    )  # fmt: skip
    denied = {
        "campaign": "aurora first", "rule": "BR_HOURS", "reason": "Sunday is outside the hours allowed there",
        "citation": CITATION, "until": None, "pack": "br@2026.1",
    }  # fmt: skip
    await interactions.add(
        session, tenant_id=tenant, person_id=person, at=NOON - timedelta(hours=20), kind="call_denied", detail=denied
    )
