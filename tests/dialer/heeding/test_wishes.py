"""Bars, designations and consents from outside a call: kept once, told to the gate, obeyed by what is under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dialer import judging, suppressing
from dialer.errors import BadInput, NotFound, Refused
from dialer.heeding import cases, consenting, designating
from dialer.heeding.cases import Order
from dialer.operation import Operation
from dialer.rules.facts import Designated, Facts
from dialer.rules.gate import Deny
from dialer.store import campaigns, contacts, people, records, suppressions
from dialer.store.consents import Agreed
from dialer.store.database import Database
from dialer.store.designations import Inconvenient
from dialer.store.models import Attempt, Campaign, Contact, Debt, Interaction, Number, Person, Suppression
from dialer.store.suppressions import Bar
from tests.dialer.records import NOON, Rows, accepts, add, attempt_of, campaign_of, operation_on

SID = "CA" + "7" * 32


async def key_of(database: Database, person_id: int) -> str:
    async with database.read() as session:
        return (await session.get_one(Person, person_id)).key


async def facts_of(database: Database, person_id: int) -> Facts:
    async with database.read() as session:
        return (await records.read(session, [person_id]))[person_id].facts


async def rule_for(op: Operation, rows: Rows, index: int = 0) -> str:
    """The code of the gate's no to the contact now; empty: it may be called."""
    async with op.database.write() as session:
        office = await judging.office(session, op, await session.get_one(Campaign, rows.campaign))
        contact = await session.get_one(Contact, rows.contacts[index])
        (case,) = await judging.cases(session, op, office, [contact])
    return getattr(judging.judge(op, case, NOON).decision, "rule", "")


async def kinds_noted(database: Database, person_id: int) -> list[str]:
    async with database.read() as session:
        noted = select(Interaction.kind).where(Interaction.person_id == person_id).order_by(Interaction.id)
        return list(await session.scalars(noted))


@pytest.mark.parametrize("kind", ["lawyer", "insolvency", "deceased"])
async def test_a_bar_holds_until_it_is_ended_and_both_are_on_record(database: Database, kind: str) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    key = await key_of(database, rows.people[0])
    assert await rule_for(op, rows) == ""
    assert [(await cases.bar(op, key, Order(kind))).new for _ in range(2)] == [True, False]
    assert await rule_for(op, rows) != ""
    assert await cases.unbar(op, key, Order(kind, because="a mistake")) == 1
    assert await rule_for(op, rows) == ""
    async with database.read() as session:
        assert (await session.get_one(Contact, rows.contacts[0])).status == "waiting"
    assert await kinds_noted(database, rows.people[0]) == [f"suppressed_{kind}", f"ended_{kind}"]
    with pytest.raises(Refused, match="nothing was changed"):
        await cases.unbar(op, key, Order(kind))


async def test_whom_a_medium_opt_out_bars_for_good_is_not_looked_at_again_until_unbarred(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    await consenting.give(op, await key_of(database, rows.people[0]), Agreed("tcpa", date(2026, 2, 1)))
    bar = Bar("opt_out", channel="phone")
    async with database.write() as session:
        number = await session.get_one(Number, rows.numbers[0])
        number.e164, number.country = "+12125550142", "US"
        (await session.get_one(Person, rows.people[0])).country = "US"
        since = NOON - timedelta(days=1)
        await suppressions.add_once(session, rows.tenant, rows.people[0], bar, since=since, source="operator")
    async with database.write() as session:
        office = await judging.office(session, op, await session.get_one(Campaign, rows.campaign))
        contact = await session.get_one(Contact, rows.contacts[0])
        (case,) = await judging.cases(session, op, office, [contact])
        denial = judging.judge(op, case, NOON).decision
        assert isinstance(denial, Deny)
        assert (denial.rule, judging.is_for_good(denial)) == ("US_REGF_MEDIUM_OPTOUT", True)
        assert not judging.is_for_good(replace(denial, until=NOON)), "it has an end"
        contact.status, contact.outcome, contact.blocked_rule = "done", "denied", denial.rule
    async with database.write() as session:
        await contacts.look_again(session, rows.people[0], at=NOON)
    async with database.read() as session:
        assert (await session.get_one(Contact, rows.contacts[0])).status == "waiting"


async def test_what_is_no_bar_is_refused(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    key = await key_of(database, rows.people[0])
    with pytest.raises(BadInput, match="one of"):
        await cases.bar(op, key, Order("promise"))
    with pytest.raises(BadInput, match="past"):
        await cases.bar(op, key, Order("lawyer", until=NOON))
    with pytest.raises(NotFound, match="creditor"):
        await cases.bar(op, key, Order("lawyer", creditor="nobody"))
    with pytest.raises(NotFound):
        await cases.bar(op, "nobody", Order("lawyer"))
    assert await rule_for(op, rows) == ""


async def test_a_bar_for_one_creditor_stops_only_what_is_about_its_debts(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    key = await key_of(database, rows.people[0])
    async with database.write() as session:
        other = await campaigns.creditor(session, rows.tenant, "banco")
        number_of_debts = len(list(await session.scalars(select(Debt.id))))
    await cases.bar(op, key, Order("cease", creditor="banco"))
    assert (await facts_of(database, rows.people[0])).suppressions == (), "nothing is owed to it"
    assert await rule_for(op, rows) == ""
    await cases.bar(op, key, Order("cease", creditor="loja"))
    (bar,) = (await facts_of(database, rows.people[0])).suppressions
    assert len(bar.debts) == number_of_debts
    assert await rule_for(op, rows) == "CEASE"
    assert other.id


async def test_who_owes_two_is_called_about_the_debts_that_no_bar_is_about(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    async with database.write() as session:
        other = await campaigns.creditor(session, rows.tenant, "banco")
        first = await session.scalar(select(Debt).where(Debt.person_id == rows.people[0]))
        assert first is not None
        second = Debt(
            tenant_id=rows.tenant, person_id=rows.people[0], creditor_id=other.id, contract="B-1", amount_minor=1,
            currency="BRL", due_on=first.due_on, status="open", ways_to_pay=[],
        )  # fmt: skip
        session.add(second)
    await cases.bar(op, await key_of(database, rows.people[0]), Order("lawyer", creditor="banco"))
    async with database.write() as session:
        office = await judging.office(session, op, await session.get_one(Campaign, rows.campaign))
        (case,) = await judging.cases(session, op, office, [await session.get_one(Contact, rows.contacts[0])])
    judgement = judging.judge(op, case, NOON)
    assert (judgement.debts, getattr(judgement.decision, "rule", "")) == ((str(first.id),), "")


async def test_a_time_that_was_named_is_refused_by_the_law_of_the_place(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    key = await key_of(database, rows.people[0])
    await consenting.give(op, key, Agreed("tcpa", date(2026, 2, 1)))
    await designating.designate(op, key, Inconvenient((0,), 9 * 60, 12 * 60))
    for e164, country, code in (
        ("+12125550142", "US", "US_REGF_INCONVENIENT"),
        ("+442079460142", "GB", "UK_CONC_REQUEST"),
        ("+5511999990142", "BR", "INCONVENIENT"),
    ):
        async with database.write() as session:
            number = await session.get_one(Number, rows.numbers[0])
            number.e164, number.country = e164, country
            (await session.get_one(Person, rows.people[0])).country = country
        at = NOON.replace(hour=14, minute=30) if country != "GB" else NOON.replace(hour=10)
        async with op.database.write() as session:
            office = await judging.office(session, op, await session.get_one(Campaign, rows.campaign))
            (case,) = await judging.cases(session, op, office, [await session.get_one(Contact, rows.contacts[0])])
        decision = judging.judge(op, case, at).decision
        assert getattr(decision, "rule", "") == code


@pytest.mark.parametrize("status", ["placing", "ringing", "live", "unknown"])
async def test_a_call_that_is_under_way_ends(database: Database, status: str) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    sid = None if status in ("placing", "unknown") else SID
    (attempt_id,) = await add(database, attempt_of(rows, status=status, sid=sid))
    barred = await cases.bar(op, await key_of(database, rows.people[0]), Order("insolvency"))
    assert barred.calls_stopped == (0 if sid is None else 1)
    async with database.read() as session:
        attempt = await session.get_one(Attempt, attempt_id)
        assert attempt.cancel_asked == "opted_out", "whoever hears of it first takes it back"
        assert await suppressing.recalled_for(session, attempt) == "opted_out"


@pytest.mark.parametrize(("creditor", "ends"), [("loja", True), ("banco", False)])
async def test_a_creditors_bar_ends_the_calls_about_its_debts_and_no_others(
    database: Database, creditor: str, ends: bool
) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    async with database.write() as session:
        await campaigns.creditor(session, rows.tenant, "banco")
        debt = await session.scalar(select(Debt.id).where(Debt.person_id == rows.people[0]))
    (attempt_id,) = await add(database, attempt_of(rows, status="live", sid=SID, debts=[str(debt)]))
    barred = await cases.bar(op, await key_of(database, rows.people[0]), Order("lawyer", creditor=creditor))
    async with database.read() as session:
        recalled = await suppressing.recalled_for(session, await session.get_one(Attempt, attempt_id))
    assert (barred.calls_stopped, recalled) == ((1, "opted_out") if ends else (0, None))


async def test_an_opt_out_of_machines_does_not_end_a_call_that_an_agent_began(database: Database) -> None:
    rows = await campaign_of(database, 1)
    (attempt_id,) = await add(database, attempt_of(rows, status="live", sid=SID, mode="live_agent_manual"))
    async with database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        await suppressing.opt_out(session, person, at=NOON, scope="automated", attempt_id=None, source="letter")
        attempt = await session.get_one(Attempt, attempt_id, populate_existing=True)
        assert await suppressing.recalled_for(session, attempt) is None
        await suppressing.opt_out(session, person, at=NOON, scope="all", attempt_id=None, source="letter")
        assert await suppressing.recalled_for(session, attempt) == "opted_out"


async def test_what_is_left_of_an_erased_persons_number_still_bars_it(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    async with database.read() as session:
        number = (await session.get_one(Number, rows.numbers[0])).e164
    hashed = database.keyring.index("number", number)
    kept = Suppression(tenant_id=rows.tenant, number_index=hashed, kind="opt_out", since=NOON, source="call")
    await add(database, kept)
    (bar,) = (await facts_of(database, rows.people[0])).suppressions
    assert (bar.kind, bar.number) == ("opt_out", number)
    assert await rule_for(op, rows) == "OPT_OUT"


async def test_the_gate_hears_of_the_list_on_which_a_number_stands(database: Database) -> None:
    rows = await campaign_of(database, 2)
    async with database.write() as session:
        number = (await session.get_one(Number, rows.numbers[0])).e164
        await suppressions.add_once(session, rows.tenant, None, Bar("do_not_call", number), since=NOON, source="x")
        session.add(
            Suppression(
                tenant_id=rows.tenant, number=number, kind="do_not_call", list_name="nao_me_ligue", source="x",
                since=NOON - timedelta(days=40),
            )
        )  # fmt: skip
    bars = (await facts_of(database, rows.people[0])).suppressions
    assert [(one.list_name, one.since) for one in bars] == [(None, NOON), ("nao_me_ligue", NOON - timedelta(days=40))]
    assert (await facts_of(database, rows.people[1])).suppressions == ()


async def test_what_is_inconvenient_is_told_to_the_gate_once_and_no_longer_when_taken_back(
    database: Database,
) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    key = await key_of(database, rows.people[0])
    named = Inconvenient((1, 3), 900, 1020, date(2026, 12, 31))
    assert [(await designating.designate(op, key, named)).new for _ in range(2)] == [True, False]
    assert (await facts_of(database, rows.people[0])).designations == (
        Designated((1, 3), 900, 1020, date(2026, 12, 31)),
    )
    await designating.designate(op, key, Inconvenient(place="work"), origin="employer")
    assert (await facts_of(database, rows.people[0])).employer_prohibits
    assert await designating.take_back(op, key) == 2
    facts = await facts_of(database, rows.people[0])
    assert (facts.designations, facts.employer_prohibits) == ((), False)
    assert await kinds_noted(database, rows.people[0]) == ["designated", "designated", "designation_ended"]


@pytest.mark.parametrize(
    ("named", "now"),  # NOON is Monday 12:00 in São Paulo
    [
        (Inconvenient((0,)), True),
        (Inconvenient((1,)), False),
        (Inconvenient((), 720, 721), True),
        (Inconvenient((), 600, 720), False),
        (Inconvenient((6,), 1320, 780), True),
        (Inconvenient((0,), 1320, 780), False),
        (Inconvenient((0,), until=date(2026, 3, 1)), False),
    ],
)
async def test_what_rings_at_an_inconvenient_moment_is_taken_back(
    database: Database, named: Inconvenient, now: bool
) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    await add(database, attempt_of(rows, status="ringing", sid=SID))
    done = await designating.designate(op, await key_of(database, rows.people[0]), named)
    assert done.calls_stopped == int(now)


@pytest.mark.parametrize(
    ("named", "origin"),
    [
        (Inconvenient(), "agent"),
        (Inconvenient(until=date(2027, 1, 1)), "agent"),
        (Inconvenient((7,)), "agent"),
        (Inconvenient((), 0, 1441), "agent"),
        (Inconvenient(place="pub"), "agent"),
        (Inconvenient((1,)), "rumour"),
    ],
)
async def test_what_names_nothing_is_no_designation(database: Database, named: Inconvenient, origin: str) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    with pytest.raises(BadInput):
        await designating.designate(op, await key_of(database, rows.people[0]), named, origin=origin)


async def test_a_consent_is_given_once_taken_back_at_once_and_may_be_given_again(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    key = await key_of(database, rows.people[0])
    agreed = Agreed("tcpa", date(2026, 2, 1), "form", number="+12125550103")
    assert [await consenting.give(op, key, agreed) for _ in range(2)] == [True, False]
    (permit,) = (await facts_of(database, rows.people[0])).permits
    assert (permit.kind, permit.number, permit.holds("+12125550103", NOON)) == ("tcpa", "+12125550103", True)
    await add(database, attempt_of(rows, status="ringing", sid=SID))
    assert await consenting.revoke(op, key, "tcpa") == 1
    (permit,) = (await facts_of(database, rows.people[0])).permits
    assert permit.revoked(NOON)
    with pytest.raises(Refused):
        await consenting.revoke(op, key, "tcpa")
    assert await consenting.give(op, key, agreed)
    (permit,) = (await facts_of(database, rows.people[0])).permits
    assert permit.holds("+12125550103", NOON)
    for wrong in (Agreed("x", date(2026, 2, 1)), Agreed("tcpa", date(2026, 3, 4))):
        with pytest.raises(BadInput):
            await consenting.give(op, key, wrong)


async def test_what_a_list_calls_consent_to_calls_is_the_laws(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    from dialer.store.models import Consent

    await add(
        database,
        Consent(tenant_id=rows.tenant, person_id=rows.people[0], kind="calls", given_on=None, given_to="loja"),
    )
    (permit,) = (await facts_of(database, rows.people[0])).permits
    assert (permit.kind, permit.at) == ("tcpa", None)
    await consenting.revoke(op, await key_of(database, rows.people[0]), "tcpa")
    (permit,) = (await facts_of(database, rows.people[0])).permits
    assert permit.revoked(NOON)


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [("no_answer", ("1",)), ("voicemail_left", ("1",)), ("promised", ("1", "2")), (None, ("1",))],
)
async def test_an_unanswered_call_counts_for_the_debts_that_were_chosen(
    database: Database, disposition: Any, expected: tuple[str, ...]
) -> None:
    rows = await campaign_of(database, 1)
    status = "ended" if disposition else "unknown"
    await add(
        database,
        attempt_of(rows, status=status, debts=["1", "2"], counted_debts=["1"], disposition=disposition),
    )
    (call,) = (await facts_of(database, rows.people[0])).history
    assert (call.debts, call.mode) == (expected, "prerecorded")


async def test_calls_that_were_asked_for_do_not_count_until_the_next_conversation(database: Database) -> None:
    rows = await campaign_of(database, 1)
    day = timedelta(days=1)

    def call(at: int, disposition: str, **more: Any) -> Attempt:
        return attempt_of(
            rows, status="ended", debts=["1"], intent_at=NOON + at * day, disposition=disposition, **more
        )

    await add(
        database,
        call(-9, "no_answer"),
        call(-8, "callback_asked", callback_at=NOON, level="claimed"),
        call(-7, "no_answer"),
        call(-6, "promised"),
        call(-5, "no_answer"),
    )
    facts = await facts_of(database, rows.people[0])
    assert [one.counts for one in facts.history] == [True, True, False, True, True]


async def test_notices_and_cities_are_told(database: Database) -> None:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        (await session.get_one(Person, rows.people[0])).city = "Recife"
        debt = await session.scalar(select(Debt).where(Debt.person_id == rows.people[0]))
        assert debt is not None
        debt.notice_on = date(2026, 2, 1)
    facts = await facts_of(database, rows.people[0])
    assert facts.cities == ("Recife",)
    assert [(one.sent_on, one.debt) for one in facts.notices] == [(date(2026, 2, 1), str(debt.id))]
    async with database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        alone = await people.facts(session, person, await people.numbers(session, person.id), debts_due=True)
    assert alone == facts, "of one person or of many, it is the same record"
