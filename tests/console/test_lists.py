"""Handing lists in: what is seen before anything is loaded, what a load does, and whose lists nobody else sees."""

from __future__ import annotations

import asyncio
import io
import re
import stat
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from console.guard import Guard
from console.lists import lists_routes, telling
from dialer import loading
from dialer.operation import Operation
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import (
    Attempt,
    Campaign,
    Contact,
    ContactList,
    Creditor,
    Debt,
    Interaction,
    ListFile,
    Load,
    Number,
    Person,
    Tenant,
)
from dialer.uploads import keeping
from dialer.uploads.running import Jobs
from tests.conftest import fresh_database
from tests.console.visitors import HOST, Browser, browser
from tests.dialer.records import NOON, accepts, operation_on

PLACES = (lists_routes,)

HEADINGS = "codigo;nome;celular;contrato;valor;vencimento\n"
ROWS = (
    "1;Marina Prado;11 99999-1001;C-1;100,00;03/11/2025\n"
    "2;Otto Lima;11 99999-1002;C-2;250,50;03/11/2025\n"
    "3;Rui Sá;12345;C-3;70,00;03/11/2025\n"
)
FORM = {
    "creditor": "", "creditor_name": "Aurora Energia", "creditor_key": "aurora", "list": "november", "country": "BR",
}  # fmt: skip


BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite, but for the tests of what databases do differently."""
    yield from fresh_database(request, getattr(request, "param", "sqlite"), tmp_path)


@pytest.fixture
def op(database: Database, tmp_path: Path) -> Operation:
    return operation_on(database, accepts, public_url=HOST, home=tmp_path)


async def hand_in(
    visitor: Browser, text: str = HEADINGS + ROWS, path: str = "/lists/new", form: dict[str, str] | None = None
) -> httpx.Response:
    sent = {"file": ("list of november.csv", text.encode(), "text/csv")}
    return await visitor.send(path, dict(FORM if form is None else form), files=sent)


async def at_rest(op: Operation, address: str) -> ListFile:
    """The file once nobody is at it any more."""
    number = int(address.rsplit("/", 1)[1])
    while True:
        async with op.database.read() as session:
            file = await session.get_one(ListFile, number)
        if file.status not in ("checking", "loading"):
            return file
        await asyncio.sleep(0.01)


async def load(op: Operation, visitor: Browser, text: str = HEADINGS + ROWS, **form: str) -> ListFile:
    address = (await hand_in(visitor, text, form=FORM | form)).headers["location"]
    assert (await visitor.send(f"{address}/load")).status_code == 303
    return await at_rest(op, address)


async def count(op: Operation, model: Any) -> int:
    async with op.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


def words(answer: httpx.Response) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


async def test_a_workbook_is_loaded_like_text(op: Operation, app: FastAPI) -> None:
    book = openpyxl.Workbook()
    for row in (HEADINGS + ROWS).splitlines():
        book.worksheets[0].append(row.split(";"))
    book.save(content := io.BytesIO())
    visitor = await browser(op, app)
    address = (
        await visitor.send("/lists/new", dict(FORM), files={"file": ("november.xlsx", content.getvalue())})
    ).headers["location"]
    assert "2 of 3" in words(await visitor.get(address))
    assert (await visitor.send(f"{address}/load")).status_code == 303
    assert (await at_rest(op, address)).status == "done"
    assert await count(op, Person) == 2


async def test_a_name_that_another_creditor_uses_is_refused_before_columns_are_chosen(
    op: Operation, app: FastAPI
) -> None:
    visitor = await browser(op, app)
    await load(op, visitor)
    other = FORM | {"creditor_name": "Loja Sol", "creditor_key": "sol"}
    answer = await hand_in(visitor, form=other)
    assert answer.status_code == 400
    assert "belongs to another creditor" in words(answer)
    assert 'value="Loja Sol"' in answer.text
    assert (await hand_in(visitor, form=FORM | {"creditor": "aurora"})).status_code == 303
    assert await count(op, ListFile) == 2


async def test_columns_without_a_heading_of_their_own_can_be_chosen(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    answer = await hand_in(
        visitor,
        "codigo;nome;X;X;;valor;vencimento\n1;Marina Prado;11 99999-1001;11 99999-1002;C-1;9,50;03/11/2025\n",
    )
    place = answer.headers["location"]
    chosen = {
        f"c{n}": one for n, one in enumerate(("key", "name", "phone", "phone2", "contract", "amount", "due_date"))
    }
    assert (await visitor.send(f"{place}/load", {**chosen, "country": "BR"})).status_code == 303
    assert (await at_rest(op, place)).status == "done"
    async with op.database.read() as session:
        numbers = (await session.scalars(select(Number.e164).order_by(Number.rank))).all()
        contracts = (await session.scalars(select(Debt.contract))).all()
    assert (numbers, contracts) == (["+5511999991001", "+5511999991002"], ["C-1"])


async def test_a_file_is_kept_private_and_nothing_is_loaded_until_somebody_says_so(
    op: Operation, app: FastAPI
) -> None:
    visitor = await browser(op, app)
    answer = await hand_in(visitor)
    assert answer.status_code == 303
    (path,) = keeping.folder(op).iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    page = await visitor.get(answer.headers["location"])
    assert "2 of 3 of the first rows can be used" in words(page)
    assert "5 digits; a phone number has 7 to 15" in words(page)
    assert "Marina" not in page.text
    assert "99999-1001" not in page.text
    assert "M••• P•••" in page.text
    assert await count(op, Person) == 0


async def test_a_load_is_told_and_leaves_no_file_behind_but_the_rejected_cells(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    file = await load(op, visitor)
    assert (file.status, file.rows_done, file.rows_total) == ("done", 3, 3)
    assert [path.name for path in keeping.folder(op).iterdir()] == [f"{file.token}.rejects.csv"]
    page = await visitor.get(f"/lists/files/{file.id}")
    assert "2 rows are loaded. 1 row was rejected." in words(page)
    assert "4 celular 1•••• 5 digits" in words(page)
    rejects = await visitor.get(f"/lists/files/{file.id}/rejects.csv")
    assert "12345" in rejects.text
    async with op.database.read() as session:
        actors = (await session.scalars(select(Interaction.actor).where(Interaction.kind == "list_loaded"))).all()
    assert actors == [f"user {visitor.user_id}"]


@BOTH
async def test_the_lists_say_who_is_on_them_and_what_is_owed(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    assert "Nothing is loaded yet." in words(await visitor.get("/lists"))
    await load(op, visitor)
    index = words(await visitor.get("/lists"))
    assert "1 list has rows that were rejected." in index
    assert "november Aurora Energia 2 2 2 R$350.50 1" in index
    assert "No list fits" in words(await visitor.get("/lists?q=december&sort=owed"))
    async with op.database.read() as session:
        list_id = await session.scalar(select(ContactList.id))
    within = words(await visitor.get(f"/lists/{list_id}"))
    assert "2 people, 2 debts open: R$350.50." in within
    assert "to be paid 2 R$350.50" in within
    assert "mobile usable 2" in within
    assert "None yet: nobody of this list is called." in within


async def test_what_the_columns_are_is_said_column_by_column_and_judged_at_once(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    address = (await hand_in(visitor)).headers["location"]
    chosen = {f"c{n}": one for n, one in enumerate(("key", "name", "phone", "contract", "", "due_date"))}
    hx = {"hx-request": "true"}
    visitor.client.headers.update(hx)
    said = await visitor.send(f"{address}/preview", chosen | {"country": "BR"})
    assert "There is no column for: Amount owed" in words(said)
    twice = await visitor.send(f"{address}/preview", chosen | {"c4": "name", "country": "BR"})
    assert "cannot both be name: choose one of them" in words(twice)
    visitor.client.headers.pop("hx-request")
    refused = await visitor.send(f"{address}/load", chosen | {"country": "BR"})
    assert refused.status_code == 400
    whole = chosen | {"c4": "amount", "country": "BR"}
    assert (await visitor.send(f"{address}/load", whole)).status_code == 303
    assert (await at_rest(op, address)).status == "done"
    again = await visitor.get((await hand_in(visitor)).headers["location"])
    assert "as last time" in again.text


async def test_a_file_that_is_no_table_is_told_by_its_own_name(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    page = await visitor.get((await hand_in(visitor, "%PDF-1.7")).headers["location"])
    assert "list of november.csv is a PDF, not a list" in words(page)
    assert str(op.settings.home) not in page.text
    assert (await hand_in(visitor, "")).status_code == 400
    failed = await load(op, visitor, HEADINGS + "3;Rui Sá;12345;C-3;70,00;03/11/2025\n")
    assert failed.status == "failed"
    assert "all 1 rows are rejected" in words(await visitor.get(f"/lists/files/{failed.id}"))


async def queued(op: Operation) -> int:
    """Both of the list wait in a campaign; the first is in a call about all that they owe. The list's id."""
    async with op.database.write() as session:
        source = (await session.scalars(select(ContactList))).one()
        mine: dict[str, Any] = {"tenant_id": source.tenant_id}
        plan = Campaign(
            list_id=source.id, name="first", flow="lembrete", status="running", plan={}, created_at=NOON, **mine
        )
        session.add(plan)
        await session.flush()
        for debt in (await session.scalars(select(Debt).order_by(Debt.id))).all():
            contact = Contact(campaign_id=plan.id, person_id=debt.person_id, status="waiting", due_at=NOON, **mine)
            session.add(contact)
            await session.flush()
            number = await session.scalar(select(Number).where(Number.person_id == debt.person_id))
            if debt.contract == "C-1" and number is not None:
                attempt = Attempt(
                    token="call", campaign_id=plan.id, contact_id=contact.id, person_id=debt.person_id,
                    number_id=number.id, to_number=number.e164, status="live", turn=1, flow="lembrete",
                    debts=[debt.id], intent_at=NOON, intent_real=0, **mine,
                )  # fmt: skip
                session.add(attempt)
        return source.id


async def test_payments_are_rehearsed_before_they_act_and_it_is_foretold_what_becomes_of_calls(
    op: Operation, app: FastAPI
) -> None:
    visitor = await browser(op, app)
    await load(op, visitor)
    list_id = await queued(op)
    text = "contrato;valor;data pagamento;referencia\nC-1;100,00;04/11/2025;R1\nC-2;50,00;04/11/2025;R2\n"
    address = (await hand_in(visitor, text, f"/lists/{list_id}/payments", {})).headers["location"]
    early = await visitor.send(f"{address}/load")
    assert (early.status_code, "Rehearse it first" in words(early)) == (409, True)
    assert (await visitor.send(f"{address}/rehearse")).status_code == 303
    file = await at_rest(op, address)
    assert file.status == "checked"
    told = words(await visitor.get(address))
    assert "1 person leaves the queues: nothing is due any more." in told
    assert "1 person stays in a queue, with what is new." in told
    assert "1 call under way ends politely." in told
    assert "2 1 leaves the queue ends: nothing is due" in told
    assert "3 1 stays in the queue, with what is new none" in told
    async with op.database.read() as session:
        assert set(await session.scalars(select(Debt.status))) == {"open"}
    await visitor.send(f"{address}/load")
    assert (await at_rest(op, address)).status == "done"
    async with op.database.read() as session:
        rows = (await session.execute(select(Debt.contract, Debt.status))).all()
        standing = {contract: status for contract, status in rows}
        waiting = await session.scalar(select(func.count()).where(Contact.status == "waiting"))
    assert standing == {"C-1": "paid", "C-2": "open"}
    assert waiting == 1
    assert "Payments of all lists of the creditor 2" in words(await visitor.get(f"/lists/{list_id}"))


@BOTH
async def test_a_load_that_was_cut_off_says_so_and_goes_on_when_asked(
    op: Operation, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "CHUNK_ROWS", 2)
    visitor = await browser(op, app)
    rows = "".join(f"{n};Pessoa {n};11 99999-20{n:02d};C-{n};10,00;03/11/2025\n" for n in range(10, 19))
    address = (await hand_in(visitor, HEADINGS + rows)).headers["location"]
    async with op.database.read() as session:
        file = (await session.scalars(select(ListFile))).one()
    jobs = Jobs(op)
    await jobs.begin(file, rehearse=False)
    await jobs.close()  # the process ends: the load stops behind the chunk that it is at
    assert await count(op, Person) == 2
    page = words(await visitor.get(address))
    assert "It was cut off after 2 rows" in page
    assert "cut off: open it to go on" in words(await visitor.get("/lists"))
    assert (await visitor.send(f"{address}/load")).status_code == 303
    done = await at_rest(op, address)
    assert (done.status, (done.report or {})["new"]) == ("done", 9)
    assert (await count(op, Person), await count(op, Load)) == (9, 1)


async def test_nobody_takes_up_a_file_that_another_process_is_at(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    address = (await hand_in(visitor)).headers["location"]
    for silence, status in ((1, 409), (60, 303)):
        async with op.database.write() as session:
            beat = datetime.now(UTC) - timedelta(seconds=silence)
            await session.execute(update(ListFile).values(status="loading", beat_at=beat))
        if silence == 1:
            assert (await visitor.send(f"{address}/drop")).status_code == status
        assert (await visitor.send(f"{address}/load")).status_code == status
    assert (await at_rest(op, address)).status == "done"


async def test_how_far_a_load_is_comes_by_itself_and_its_end_too(
    op: Operation, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await browser(op, app, language="pt-BR")
    address = (await hand_in(visitor)).headers["location"]
    to_come: list[dict[str, Any]] = [{"rows_done": 2}, {"status": "done"}]

    async def is_now(**values: Any) -> None:
        async with op.database.write() as session:
            await session.execute(update(ListFile).values(**values))

    async def between_two_looks(_seconds: float) -> None:
        await is_now(**to_come.pop(0))

    monkeypatch.setattr(telling, "asyncio", SimpleNamespace(sleep=between_two_looks))
    await is_now(status="loading", rows_done=1, rows_total=3, beat_at=datetime.now(UTC) + timedelta(hours=1))
    told = (await visitor.get(f"{address}/events")).text
    seen = [told.find(one) for one in ("Carregando: 1 de 3", "Carregando: 2 de 3", "event: closed")]
    assert -1 not in seen, told
    assert seen == sorted(seen)


async def test_a_stream_beats_while_nothing_changes_and_says_everything_again_to_who_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telling, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(telling, "BEAT_SECONDS", 0.0)

    async def events(*shown: str | None) -> list[str]:
        left = list(shown)

        async def look() -> str | None:
            return left.pop(0)

        return [one.decode().split("\n")[0] for one in [event async for event in telling.events(look)]]

    assert await events("a", "a", "b", None) == [
        "retry: 1000", "event: state", "event: beat", "event: state", "event: closed",
    ]  # fmt: skip
    assert await events("b", None) == ["retry: 1000", "event: state", "event: closed"]


async def test_other_companies_and_other_creditors_see_neither_lists_nor_files(op: Operation, app: FastAPI) -> None:
    mine = await browser(op, app)
    file = await load(op, mine)
    kept = (await hand_in(mine)).headers["location"]
    async with op.database.read() as session:
        list_id = await session.scalar(select(ContactList.id))
    for other in (await browser(op, app, company="elsewhere"), await browser(op, app, creditors=["banco"])):
        for path in (f"/lists/{list_id}", f"/lists/{list_id}/payments", f"/lists/{list_id}/return", kept,
                     f"/lists/files/{file.id}/rejects.csv", f"{kept}/events"):  # fmt: skip
            assert (await other.get(path)).status_code == 404, path
        for path in (f"{kept}/load", f"{kept}/rehearse", f"{kept}/drop", f"{kept}/preview"):
            assert (await other.send(path)).status_code == 404, path
        index = await other.get("/lists")
        assert "november" not in index.text
        assert "Aurora" not in (await other.get("/lists/new")).text
    scoped = await browser(op, app, creditors=["banco"])
    assert (await hand_in(scoped)).status_code == 400
    assert (await hand_in(scoped, form=FORM | {"creditor": "aurora"})).status_code == 400


async def test_another_companys_file_of_the_same_content_is_loaded_as_its_own(op: Operation, app: FastAPI) -> None:
    await load(op, await browser(op, app))
    async with op.database.write() as session:
        await session.execute(update(Load).values(status="running", rows_done=1))  # ours was cut off
    theirs = await load(op, await browser(op, app, company="elsewhere"))
    assert (theirs.report or {})["new"] == 2
    async with op.database.read() as session:
        per = (await session.execute(
            select(Tenant.key, func.count()).join(Person, Person.tenant_id == Tenant.id).group_by(Tenant.key)
        )).all()  # fmt: skip
        owners = (await session.scalars(select(Creditor.tenant_id).where(Creditor.key == "aurora"))).all()
    assert {key: people for key, people in per} == {campaigns.DEFAULT_TENANT: 2, "elsewhere": 2}
    assert len(set(owners)) == 2


@pytest.mark.parametrize(
    ("role", "looks", "changes"),
    [("administrator", 200, 200), ("supervisor", 200, 403), ("auditor", 200, 403), ("agent", 403, 403)],
)
async def test_roles_look_or_load(op: Operation, app: FastAPI, role: str, looks: int, changes: int) -> None:
    visitor = await browser(op, app, role)
    assert (await visitor.get("/lists")).status_code == looks
    assert (await visitor.get("/lists/new")).status_code == changes
    assert (await hand_in(visitor)).status_code == (303 if changes == 200 else 403)


async def test_a_list_goes_back_in_the_creditors_codes_or_says_which_are_missing(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    await load(op, visitor)
    async with op.database.read() as session:
        list_id = await session.scalar(select(ContactList.id))
    assert "not_called," in (await visitor.get("/lists/codes.csv")).text
    for codes, status, says in ((b"busy,07\n", 400, "No code for not_called"), (b"not_called,99\n", 200, ";99;")):
        sent = {"file": ("codes.csv", codes, "text/csv")}
        answer = await visitor.send(f"/lists/{list_id}/return", {"format": "csv"}, files=sent)
        assert answer.status_code == status
        assert says in answer.text
        assert str(op.settings.home) not in answer.text
    assert "codes of last time are used (1)" in (await visitor.get(f"/lists/{list_id}/return")).text
    assert ";99;" in (await visitor.send(f"/lists/{list_id}/return", {"format": "csv"})).text
    assert [one.suffix for one in keeping.folder(op).iterdir()] == [".csv"]  # the rejected cells, and nothing else


async def test_what_lies_here_for_a_day_is_deleted_unless_somebody_is_at_it(op: Operation) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"a;b\n"

    tokens = [(await keeping.keep(op, parts()))[0] for _ in range(3)]
    for token in tokens[:2]:
        _age(keeping.path_of(op, token), hours=25)
    assert keeping.sweep(op, frozenset(tokens[:1])) == 1
    assert [keeping.is_here(op, token) for token in tokens] == [True, False, True]


def _age(path: Path, *, hours: float) -> None:
    import os

    then = datetime.now(UTC).timestamp() - hours * 3600
    os.utime(path, (then, then))


async def test_a_process_that_starts_clears_what_an_earlier_one_left(op: Operation) -> None:
    left = keeping.folder(op) / "left"
    left.write_text("a;b\n", encoding="utf-8")
    _age(left, hours=25)
    lists_routes(op, Guard(op))
    assert not left.exists()


async def test_a_process_that_ends_does_not_wait_for_the_end_of_a_load(
    op: Operation, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "CHUNK_ROWS", 1)
    visitor = await browser(op, app)
    await hand_in(visitor, HEADINGS + ROWS)
    async with op.database.read() as session:
        file = (await session.scalars(select(ListFile))).one()
    await Jobs(op).begin(file, rehearse=False)
    under_way = [one for one in asyncio.all_tasks() if "_Job.run" in repr(one.get_coro())]
    await asyncio.sleep(0)
    for one in under_way:
        one.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
    assert len(under_way) == 1
    assert await count(op, Person) < 2
