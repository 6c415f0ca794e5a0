"""What an agent keeps of a talk: all of it in one piece, once, for the call on the screen and no other."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select

from dialer.attending import drafting, saying, stepping
from dialer.attending.saying import Said
from dialer.attending.talk import Seat
from dialer.debts import settling
from dialer.debts.settling import Touched
from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.store import contacts
from dialer.store.database import Database
from dialer.store.models import (
    Agent,
    Attempt,
    Contact,
    Debt,
    Draft,
    Interaction,
    Message,
    Note,
    Number,
    Packet,
    Person,
    Promise,
    Suppression,
    Task,
)
from tests.dialer.records import NOON, accepts, add, agent_of, attempt_of, campaign_of, operation_on, reservation_of

T = TypeVar("T")
TODAY = date(2026, 3, 2)


async def at_the_desk(database: Database, **changes: object) -> tuple[Operation, Seat]:
    """An agent who talks with the first person of a campaign."""
    op, rows = operation_on(database, accepts), await campaign_of(database, 1)
    (attempt,) = await add(database, attempt_of(rows, **{"status": "live", "level": "claimed"} | changes))
    (agent,) = await add(database, agent_of(rows, name="Rita", status="in_call"))
    (reservation,) = await add(database, reservation_of(rows, attempt, agent, "connected"))
    packet = Packet(
        tenant_id=rows.tenant, reservation_id=reservation, attempt_id=attempt, agent_id=agent, body=b"",
        created_at=NOON,
    )  # fmt: skip
    await add(database, packet)
    return op, Seat(rows.tenant, "Rita", attempt)


async def kinds(database: Database, attempt: int) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(
            select(Interaction.kind).where(Interaction.attempt_id == attempt).order_by(Interaction.id)
        )
        return list(rows)


async def one(database: Database, model: type[T]) -> T:
    async with database.read() as session:
        return (await session.scalars(select(model))).one()


async def test_a_promise_is_kept_with_its_code_and_the_calls_rest(database: Database) -> None:
    op, seat = await at_the_desk(database)
    await drafting.keep(op, seat, "promise", {"promise_date": "2026-03-06"})
    said = Said("promised", "forgot", values={"promise_amount": 5000, "promise_date": date(2026, 3, 6)})
    await saying.keep(op, seat, said, form="promise")
    promise = await one(database, Promise)
    assert (promise.amount_minor, promise.due_on, promise.status) == (5000, date(2026, 3, 6), "open")
    assert (await one(database, Suppression)).kind == "promise"
    assert (await one(database, Attempt)).flow_disposition == "promised"
    assert await kinds(database, seat.attempt) == ["suppressed_promise", "promised", "agent_outcome"]
    async with database.read() as session:
        assert (await session.scalars(select(Draft))).all() == []


@pytest.mark.parametrize(
    "values",
    [
        {"promise_amount": 12346, "promise_date": TODAY},
        {"promise_amount": 0, "promise_date": TODAY},
        {"promise_amount": 100, "promise_date": TODAY - timedelta(days=1)},
        {"promise_amount": 100, "promise_date": TODAY + timedelta(days=31)},
        {"promise_amount": 100},
        {"instalments": 4, "first_payment_on": TODAY},
        {"instalments": 3, "first_payment_on": TODAY},
    ],
)
async def test_past_the_limits_nothing_is_kept_at_all(sqlite_here: Database, values: dict[str, object]) -> None:
    op, seat = await at_the_desk(sqlite_here)
    said = Said("promised", values=values, task="send_agreement", note="pede prazo")  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        await saying.keep(op, seat, said, form="promise")
    assert await kinds(sqlite_here, seat.attempt) == []


async def test_a_plan_moves_on_with_each_instalment_and_is_kept_with_the_last(database: Database) -> None:
    op, seat = await at_the_desk(database)
    said = Said("promised", "plan", values={"instalments": 2, "first_payment_on": TODAY}, task="send_agreement")
    await saying.keep(op, seat, said, form="plan")
    promise = await one(database, Promise)
    assert (promise.amount_minor, promise.due_on) == (6173, TODAY)
    assert promise.schedule == [{"due_on": "2026-04-02", "minor": 12345}]
    rests_until = (await one(database, Suppression)).until
    touched = Touched(seat.tenant_id, (promise.person_id,), frozenset())
    for paid, expected in ((6173, (date(2026, 4, 2), "open", 12345)), (12345, (date(2026, 4, 2), "kept", 12345))):
        async with database.write() as session:
            (await session.get_one(Promise, promise.id)).paid_minor = paid
            await session.flush()
            await settling.judge_promises(session, touched, at=NOON, actor="creditor")
        now = await one(database, Promise)
        assert (now.due_on, now.status, now.amount_minor) == expected
    later = (await one(database, Suppression)).until
    assert later is not None
    assert rests_until is not None
    assert later > rests_until
    assert (await kinds(database, seat.attempt))[-2:] == ["instalment_kept", "promise_kept"]


async def test_a_discount_leaves_a_task_for_the_creditor_s_books(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    async with sqlite_here.write() as session:
        debt = (await session.scalars(select(Debt))).one()
        debt.due_on = TODAY - timedelta(days=100)
    said = Said("promised", values={"instalments": 2, "first_payment_on": TODAY}, discount_percent=10)
    await saying.keep(op, seat, said, form="plan")
    assert (await one(sqlite_here, Promise)).schedule[-1]["minor"] == 12345 * 90 // 100
    task = await one(sqlite_here, Task)
    assert (task.kind, task.detail["discount_minor"]) == ("book_discount", 12345 - 12345 * 90 // 100)


@pytest.mark.parametrize(
    ("said", "bar", "task"),
    [
        (Said("already_paid", values={"paid_on": TODAY, "paid_method": "transfer"}), "already_paid", "check_payment"),
        (Said("disputed", values={"dispute_reason": "wrong_amount"}), "dispute", "answer_dispute"),
        (Said("wrong_number"), "wrong_person", None),
        (Said("deceased", values={"told_by": "the daughter"}), "deceased", "attend_deceased"),
        (Said("lawyer", task="attend_lawyer", values={"lawyer": "Dr. Lia Sá"}), "lawyer", "attend_lawyer"),
        (Said("insolvency"), "insolvency", "attend_insolvency"),
        (Said("cease"), "cease", None),
    ],
)
async def test_what_is_said_bars_further_calls_and_gives_its_task(
    sqlite_here: Database, said: Said, bar: str, task: str | None
) -> None:
    op, seat = await at_the_desk(sqlite_here)
    await saying.keep(op, seat, said, form="x")
    async with sqlite_here.read() as session:
        on_the_person = select(Suppression.kind).where(Suppression.person_id.is_not(None))
        assert (await session.scalars(on_the_person)).all() == [bar]
        found = (await session.scalars(select(Task.kind))).all()
        details = str((await session.scalars(select(Interaction.detail))).all())
    assert found == ([task] if task else [])
    assert "daughter" not in details
    assert "Lia" not in details


@pytest.mark.parametrize("word", ["lawyer", "insolvency", "cease", "deceased"])
async def test_such_a_word_ends_the_person_s_waiting_in_every_campaign_and_stands(
    database: Database, word: str
) -> None:
    op, seat = await at_the_desk(database, status="ended", carrier_status="completed", closed_at=NOON)
    await saying.keep(op, seat, Said(word), form="x")
    contact, attempt = await one(database, Contact), await one(database, Attempt)
    assert (contact.status, contact.outcome, attempt.disposition) == ("done", word, word)
    async with database.write() as session:
        await contacts.reopen(session, contact.id, due_at=NOON)
    assert (await one(database, Contact)).status == "done"


async def test_a_refusal_of_all_contact_leaves_the_telephone_alone_too(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    await saying.keep(op, seat, Said("cease"), form="cease")
    async with sqlite_here.read() as session:
        on_number = select(Suppression.kind, Suppression.automated_only).where(Suppression.person_id.is_(None))
        assert (await session.execute(on_number)).all() == [("opt_out", False)]


async def test_stop_bars_the_person_and_the_telephone(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    await saying.keep(op, seat, Said("opted_out"), form="stop")
    async with sqlite_here.read() as session:
        bars = (await session.scalars(select(Suppression))).all()
        number = (await session.scalars(select(Number))).one()
        attempt = (await session.scalars(select(Attempt))).one()
    assert {one.kind for one in bars} == {"opt_out"}
    assert not any(one.automated_only for one in bars)
    assert attempt.to_number in {one.number for one in bars}
    assert number.status == "usable"


async def test_a_call_back_is_a_task_of_this_agent_at_the_person_s_hour(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    said = Said("callback_asked", values={"call_on": date(2026, 3, 3), "call_at": time(10, 30)})
    await saying.keep(op, seat, said, form="call_back")
    task, attempt = await one(sqlite_here, Task), await one(sqlite_here, Attempt)
    assert (task.kind, task.owner) == ("call_back", "Rita")
    assert task.due_at == attempt.callback_at == datetime.fromisoformat("2026-03-03T13:30:00+00:00")
    with pytest.raises(BadInput):
        await saying.keep(op, seat, Said("callback_asked", values={"call_on": TODAY, "call_at": time(8)}), form="x")
    later = Said("callback_asked", values={"call_on": date(2026, 3, 4), "call_at": time(9)})
    await saying.keep(op, seat, later, form="call_back")  # the last hour agreed stands
    assert (await one(sqlite_here, Task)).due_at == datetime.fromisoformat("2026-03-04T12:00:00+00:00")


async def test_somebody_absent_is_called_at_the_hour_that_was_agreed(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    values = {"call_on": date(2026, 3, 3), "call_at": time(18, 15)}
    await saying.keep(op, seat, Said("absent", task="call_back", values=values), form="end")
    task, attempt = await one(sqlite_here, Task), await one(sqlite_here, Attempt)
    assert (task.kind, task.owner) == ("call_back", "Rita")
    assert task.due_at == attempt.callback_at == datetime.fromisoformat("2026-03-03T21:15:00+00:00")


async def test_a_payment_code_goes_to_the_outbox_and_names_no_debt(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    await saying.keep(op, seat, Said(also="code"), form="code")
    message = await one(sqlite_here, Message)
    assert message.purpose == "payment_code"
    assert "12345" in sqlite_here.keyring.unseal(message.body)
    assert (await one(sqlite_here, Attempt)).flow_disposition is None


async def test_words_and_addresses_are_sealed(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    said = Said(note="Fala baixo", values={"email": "ana@exemplo.com.br", "own_proposal": "metade agora"})
    await saying.keep(op, seat, said, form="x")
    person, note = await one(sqlite_here, Person), await one(sqlite_here, Note)
    unseal = sqlite_here.keyring.unseal
    assert person.email is not None
    assert unseal(person.email) == "ana@exemplo.com.br"
    assert unseal(note.body) == "Fala baixo\nown_proposal: metade agora"
    assert await kinds(sqlite_here, seat.attempt) == ["contact_data_corrected", "note"]


async def test_identity_is_confirmed_once(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    await saying.keep(op, seat, Said(also="identity"), form="x")
    await saying.keep(op, seat, Said(also="identity"), form="x")
    assert (await one(sqlite_here, Attempt)).level == "confirmed"
    assert await kinds(sqlite_here, seat.attempt) == ["identity_confirmed"]


async def test_nothing_is_written_for_a_caller_who_went_to_another_agent(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    async with sqlite_here.write() as session:
        other = Agent(
            tenant_id=seat.tenant_id, name="Otto", via="client:o", skills=[], since=NOON, leg_token="leg-otto"
        )
        session.add(other)
    with pytest.raises(Refused):
        await saying.keep(op, Seat(seat.tenant_id, "Otto", seat.attempt), Said("opted_out"), form="x")
    with pytest.raises(Refused):
        await drafting.keep(op, Seat(seat.tenant_id, "Rita", seat.attempt + 1), "note", {"note": "x"})
    assert await kinds(sqlite_here, seat.attempt) == []


async def test_words_that_nobody_knows_are_refused(sqlite_here: Database) -> None:
    op, seat = await at_the_desk(sqlite_here)
    for said in (
        Said("shouted"),
        Said("completed", "weather"),
        Said(values={"secret": "1"}),
        Said(values={"dispute_reason": "x"}),
    ):
        with pytest.raises(BadInput):
            await saying.keep(op, seat, said, form="x")


def test_where_an_agent_stands_is_what_the_lines_say() -> None:
    begun = {"script": "a", "to": "hello"}
    taken = {"script": "a", "from": "hello", "key": "1", "to": "debt"}
    undone = {"script": "a", "back": True, "to": "hello"}
    assert stepping.replay([]) is None
    assert stepping.replay([begun, taken]) == stepping.Standing("a", ("hello", "debt"), 2)
    assert stepping.replay([begun, taken, undone]) == stepping.Standing("a", ("hello",), 3)
    assert stepping.replay([begun, undone]) == stepping.Standing("a", ("hello",), 2)
    assert stepping.replay([begun, taken, {"script": "b", "to": "start"}]) == stepping.Standing("b", ("start",), 3)
