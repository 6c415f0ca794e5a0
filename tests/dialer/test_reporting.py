"""Reports: every figure agrees with the rows it counts, and no figure exceeds the one it is a part of."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.results import reporting
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import (
    Attempt,
    CallTurn,
    Campaign,
    Contact,
    ContactList,
    Interaction,
    Message,
    Number,
    Person,
    Promise,
    Reservation,
)

START = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


class _StoppedClock:
    def now(self) -> datetime:
        return START + timedelta(minutes=10)


class _Doubles:
    """Just what a report needs of an operation."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = _StoppedClock()


@pytest.fixture
def op(database: Database) -> Operation:
    return cast(Operation, _Doubles(database))


class Books:
    """Writes a campaign with calls straight into the tables."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.count = 0

    async def open(self) -> None:
        async with self.database.write() as session:
            self.tenant = (await campaigns.tenant(session)).id
            creditor = await campaigns.creditor(session, self.tenant, "loja")
            session.add(
                source := ContactList(tenant_id=self.tenant, creditor_id=creditor.id, name="l", created_at=START)
            )
            await session.flush()
            session.add(
                campaign := Campaign(
                    tenant_id=self.tenant,
                    list_id=source.id,
                    name="novembro",
                    flow="lembrete",
                    status="running",
                    plan={},
                    created_at=START,
                    started_at=START,
                )
            )
            await session.flush()
            self.campaign = campaign.id

    async def contact(self, **values: Any) -> tuple[int, int, int]:
        """(contact, person, number) ids."""
        self.count += 1
        async with self.database.write() as session:
            person = Person(
                tenant_id=self.tenant,
                key=str(self.count),
                name="Ana",
                language="pt-BR",
                country="BR",
                created_at=START,
            )
            session.add(person)
            await session.flush()
            number = Number(
                tenant_id=self.tenant,
                person_id=person.id,
                e164=f"+551199999{self.count:04}",
                country="BR",
                line_type="mobile",
            )
            contact = Contact(
                tenant_id=self.tenant,
                campaign_id=self.campaign,
                person_id=person.id,
                due_at=START,
                **{"status": "done"} | values,
            )
            session.add_all([number, contact])
            await session.flush()
            return contact.id, person.id, number.id

    async def call(self, *more: Any, **values: Any) -> int:
        """An attempt; `more` makes rows that belong to it, given its id and its person's."""
        contact, person, number = await self.contact()
        async with self.database.write() as session:
            attempt = Attempt(
                token=secrets.token_urlsafe(8),
                tenant_id=self.tenant,
                campaign_id=self.campaign,
                contact_id=contact,
                person_id=person,
                number_id=number,
                to_number=f"+551199999{self.count:04}",
                flow="lembrete",
                debts=[],
                intent_at=START,
                intent_real=0,
                **{"status": "ended"} | values,
            )
            session.add(attempt)
            await session.flush()
            session.add_all([make(self, attempt.id, person, number) for make in more])
            return attempt.id


def pressed(n: int, digits: str) -> Any:
    return lambda books, attempt, person, number: CallTurn(
        attempt_id=attempt, n=n, at=START, event={"type": "Pressed", "digits": digits}, answer=b"", path=[]
    )


def promised(books: Books, attempt: int, person: int, number: int) -> Promise:
    return Promise(
        tenant_id=books.tenant,
        person_id=person,
        attempt_id=attempt,
        amount_minor=100,
        currency="BRL",
        due_on=START.date(),
        created_at=START,
    )


def coded(books: Books, attempt: int, person: int, number: int) -> Message:
    return Message(
        token=secrets.token_urlsafe(8),
        tenant_id=books.tenant,
        person_id=person,
        attempt_id=attempt,
        number_id=number,
        template="pix",
        purpose="payment_code",
        to_number="+5511999990000",
        body=b"",
        status="planned",
        created_at=START,
        due_at=START,
    )


def noted(kind: str) -> Any:
    return lambda books, attempt, person, number: Interaction(
        tenant_id=books.tenant, person_id=person, attempt_id=attempt, at=START, kind=kind, actor="debtor", detail={}
    )


def wished(status: str, waited: float | None = None) -> Any:
    return lambda books, attempt, person, number: Reservation(
        tenant_id=books.tenant,
        campaign_id=books.campaign,
        attempt_id=attempt,
        language="pt-BR",
        status=status,
        asked_at=START,
        connected_at=None if waited is None else START + timedelta(seconds=waited),
        turn=3,
        max_wait_seconds=60,
    )


@pytest.fixture
async def books(database: Database) -> Books:
    made = Books(database)
    await made.open()
    return made


ANSWERED: dict[str, Any] = {"carrier_status": "completed", "answered_at": START, "seconds": 61}


async def test_the_funnel_counts_calls_by_what_came_of_them(op: Operation, books: Books) -> None:
    await books.call(
        pressed(1, "1"), pressed(2, "•••"), pressed(3, "2"), promised, turn=4, level="checked", key_pressed=True,
        disposition="promised", **ANSWERED,
    )  # fmt: skip
    await books.call(noted("suppressed_opt_out"), key_pressed=True, disposition="opted_out", turn=2, **ANSWERED)
    await books.call(coded, key_pressed=True, level="checked", disposition="payment_code_sent", **ANSWERED)
    await books.call(noted("voicemail_left"), answered_by="machine", disposition="voicemail_left", **ANSWERED)
    await books.call(carrier_status="busy", disposition="busy")
    await books.call(carrier_status="refused", disposition="carrier_failed")
    await books.call(status="live", answered_at=START)
    report = await reporting.report(op, "novembro")
    funnel = report["funnel"]
    assert funnel | {"loaded": 7, "eligible": 7, "blocked": 0, "dialed": 6, "answered": 5} == funnel
    assert funnel | {"human": 3, "machine": 1, "right_party": 2, "pressed": 3} == funnel
    assert funnel | {"promised": 1, "payment_code": 1, "opted_out": 1, "voicemail": 1} == funnel
    assert report["rates"]["asr"] == round(5 / 6, 4)
    assert report["rates"]["acd_seconds"] == 61
    cost = report["cost"]
    assert (cost["currency"], cost["total"], cost["calls"], cost["minutes"]) == (None, None, 6, 8)
    assert report["seconds"] == 600
    first = report["calls"][0]
    assert first == {
        "attempt": first["attempt"],
        "to_masked": "+55 11 •••• 0001",
        "status": "completed",
        "answered_by": None,
        "turns": 5,
        "keys": "1•••2",
        "disposition": "promised",
    }
    assert [call["status"] for call in report["calls"]][-3:] == ["busy", "refused", "live"]


async def test_a_telephone_number_that_was_keyed_in_is_not_shown(op: Operation, books: Books) -> None:
    await books.call(pressed(1, "4"), pressed(2, "11999990177"), pressed(3, "1"), turn=4, **ANSWERED)
    (call,) = (await reporting.report(op, "novembro"))["calls"]
    assert call["keys"] == "4" + "•" * 11 + "1"


async def test_an_opt_out_counts_even_when_another_outcome_was_coded(op: Operation, books: Books) -> None:
    await books.call(noted("suppressed_opt_out"), promised, disposition="promised", **ANSWERED)
    funnel = (await reporting.report(op, "novembro"))["funnel"]
    assert (funnel["opted_out"], funnel["promised"]) == (1, 1)


async def test_contacts_are_blocked_only_while_a_rule_stands(op: Operation, books: Books) -> None:
    await books.contact(status="waiting", blocked_rule="HOURS")
    await books.contact(status="waiting", blocked_rule="HOURS")
    await books.contact(status="done", outcome="denied", blocked_rule="OPT_OUT")
    await books.contact(status="done", outcome="promised", blocked_rule="HOURS")
    await books.contact(status="waiting")
    report = await reporting.report(op, "novembro")
    assert report["blocked_by_rule"] == {"HOURS": 2, "OPT_OUT": 1}
    assert {name: report["funnel"][name] for name in ("loaded", "eligible", "blocked")} == {
        "loaded": 5,
        "eligible": 4,
        "blocked": 3,
    }


async def test_three_figures_of_the_hand_over_are_never_mixed(op: Operation, books: Books) -> None:
    await books.call(wished("ended", 1.5), **ANSWERED)  # at once
    await books.call(wished("ended", 9.0), **ANSWERED)  # a legal drop, though connected in the end
    await books.call(wished("left"), **ANSWERED)
    await books.call(wished("nobody_free"), **ANSWERED)
    await books.call(wished("callback"), **ANSWERED)
    report = await reporting.report(op, "novembro")
    assert report["funnel"] | {"transferred": 2, "abandoned": 2, "callback": 1} == report["funnel"]
    assert report["rates"]["legal_drop"] == 0.8
    assert report["rates"]["queue_hangup"] == 0.2
    assert report["rates"]["wait_p90_seconds"] == 9.0


async def test_an_empty_campaign_divides_by_nothing(op: Operation, books: Books) -> None:
    report = await reporting.report(op, "novembro")
    assert set(report) >= {"campaign", "funnel", "rates", "cost", "blocked_by_rule", "seconds", "calls"}
    assert set(report["rates"].values()) == {None}
    assert set(report["funnel"].values()) == {0}


async def test_an_unknown_campaign_is_not_found(op: Operation, books: Books) -> None:
    with pytest.raises(NotFound, match="no campaign"):
        await reporting.report(op, "dezembro")
