"""A person with a bit of everything on record: calls with turns, a recording, texts, a promise, an opt-out."""

from __future__ import annotations

from datetime import date, timedelta

import orjson

from dialer.operation import Operation
from dialer.speaking import Answer, dump_answer
from dialer.store import interactions
from dialer.store.database import Database
from dialer.store.models import (
    CallTurn,
    Consent,
    Designation,
    Draft,
    Note,
    Number,
    Packet,
    Person,
    Promise,
    Recording,
    Suppression,
    Task,
)
from ivr_flows.turn import End, Keys, Part, Speech
from tests.dialer.records import (
    NOON,
    Rows,
    accepts,
    add,
    agent_of,
    attempt_of,
    campaign_of,
    message_of,
    operation_on,
    reservation_of,
)

NAME, DOCUMENT, NUMBER = "Maria Antônia Vasconcelos", "52998224725", "+5511999990001"
SAID = "Olá, falo com Maria Antônia Vasconcelos? Digite 1."
DECISION = {
    "campaign": "lembretes", "rule": "BR_HOURS", "reason": "Aos domingos não se liga",
    "citation": "SP Lei 15.426/2014",
    "until": "2026-03-03T11:00:00+00:00", "pack": "br@2026.2", "inputs": "ab" * 16, "also": ["PERSON_GAP"],
}  # fmt: skip


async def known_person(database: Database) -> tuple[Operation, Rows]:
    """The first person of a campaign, with everything that a dossier tells."""
    op = operation_on(database, accepts)
    rows = await campaign_of(database, 1)
    keyring, person = database.keyring, rows.people[0]
    async with database.write() as session:
        one = await session.get_one(Person, person)
        one.name, one.document, one.address, one.email = (
            NAME,
            keyring.seal(DOCUMENT),
            keyring.seal("Rua das Flores 1"),
            keyring.seal("m@exemplo.br"),
        )
        one.document_index = keyring.index("document", DOCUMENT)
        (await session.get_one(Number, rows.numbers[0])).e164 = NUMBER
    call = {
        "status": "done",
        "carrier_status": "completed",
        "disposition": "promised",
        "to_number": NUMBER,
        "answered_by": "human",
        "seconds": 74,
        "level": "checked",
        "ended_at": NOON,
        "pack": "br@2026.2",
    }
    (attempt,) = await add(database, attempt_of(rows, **call))
    (agent,) = await add(database, agent_of(rows))
    (reservation,) = await add(database, reservation_of(rows, attempt, agent, "ended"))
    tenant = {"tenant_id": rows.tenant}
    body = orjson.dumps({"person": {"name": NAME}, "debts": []}).decode()
    await add(
        database,
        _turn(op, attempt, 0, "Answered", SAID),
        _turn(op, attempt, 1, "Pressed", "O valor é de cento e vinte e três reais.", digits="•••"),
        message_of(rows, body=keyring.seal(f"{NAME}: sua segunda via está pronta."), to_number=NUMBER, status="sent"),
        Packet(**tenant, reservation_id=reservation, attempt_id=attempt, agent_id=agent,
               body=keyring.seal(body), created_at=NOON),
        Note(**tenant, person_id=person, attempt_id=attempt, author="Rita", body=keyring.seal(f"{NAME} pede prazo"),
             created_at=NOON),
        Draft(attempt_id=attempt, agent_id=agent, form="note", body=keyring.seal(f"{NAME} pede"), saved_at=NOON),
        Recording(**tenant, attempt_id=attempt, status="stored", why="BR_SP_RECORDING", started_at=NOON, seconds=74,
                  path="recordings/1.sealed", digest="cd" * 32, keep_until=date(2026, 6, 1)),
        Promise(**tenant, person_id=person, attempt_id=attempt, amount_minor=12345, currency="BRL",
                due_on=date(2026, 3, 9), debts=[1], created_at=NOON),
        Consent(**tenant, person_id=person, kind="texts", given_on=date(2026, 1, 5), how="contrato"),
        Designation(**tenant, person_id=person, days=[5, 6], origin="keypad", created_at=NOON),
        Suppression(**tenant, person_id=person, number=NUMBER, kind="opt_out", automated_only=True,
                    since=NOON, source="key"),
        Task(**tenant, person_id=person, kind="check_payment", detail={},
             due_at=NOON + timedelta(days=2), created_at=NOON),
    )  # fmt: skip
    async with database.write() as session:
        common = {"tenant_id": rows.tenant, "person_id": person}
        await interactions.add(session, **common, at=NOON - timedelta(days=1), kind="call_denied", detail=DECISION)
        await interactions.add(
            session, **common, attempt_id=attempt, at=NOON, kind="promised", actor="debtor", detail={"promise": 1}
        )
        await interactions.add(
            session, **common, attempt_id=attempt, at=NOON, kind="suppressed_opt_out", actor="debtor", detail={}
        )
    return op, rows


def _turn(op: Operation, attempt: int, n: int, kind: str, words: str, **event: str) -> CallTurn:
    wait = Keys() if n == 0 else End()
    answer = Answer((Speech("pt-BR", (Part(words),)),), wait, n + 1)
    sealed = op.database.keyring.seal(dump_answer(answer))
    return CallTurn(attempt_id=attempt, n=n, at=NOON, event={"type": kind, **event}, answer=sealed, path=["hello"])
