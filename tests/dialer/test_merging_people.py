"""Who is who across rows, files and creditors, and what a list may change of what is on record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dialer import loading
from dialer.errors import Refused
from dialer.operation import Operation
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import (
    Attempt,
    Campaign,
    Consent,
    Contact,
    ContactList,
    Creditor,
    Debt,
    Interaction,
    Number,
    Person,
    PersonKey,
    Suppression,
)
from tests.conftest import KEYRING, fresh_database
from tests.dialer.list_tables import HEAD, doubles, load, rows, tables

CPF, OTHER_CPF = "529.982.247-25", "111.444.777-35"
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture
def op(database: Database) -> Operation:
    return doubles(database)


@pytest.fixture
def light_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from fresh_database(request, "sqlite", tmp_path)


@pytest.fixture
async def light(light_url: str) -> AsyncIterator[Operation]:
    """On SQLite alone: for what is decided before any statement."""
    database = Database(light_url, KEYRING)
    yield doubles(database)
    await database.close()


def row(
    key: str, *, cpf: str = "", contract: str = "K-1", phone: str = "11 99999-0101", amount: str = "10,00"
) -> str:
    return f"{key};Ana Prado;{phone};;{cpf};SP;{contract};{amount};2026-01-01\n"


async def test_a_key_that_later_comes_with_a_document_is_one_person(light: Operation, tmp_path: Path) -> None:
    await load(light, tmp_path, HEAD + row("k1"))
    report = await load(light, tmp_path, HEAD + row("k1", cpf=CPF))
    (ana,) = await rows(light, Person)
    assert (report.people, report.changed) == (0, 1)
    assert light.database.keyring.unseal(ana.document) == "52998224725"


async def test_two_keys_that_one_document_proves_to_be_one_become_one_person(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + row("k1", cpf=CPF) + row("k2", contract="K-2", phone="11 99999-0102"))
    assert len(await rows(op, Person)) == 2
    report = await load(op, tmp_path, HEAD + row("k2", cpf=CPF, contract="K-2", phone="11 99999-0102"))
    assert (report.united, report.people, report.same + report.changed) == (1, 0, 1)
    found = await tables(op.database)
    assert [line[0] for line in found["people"]] == [("loja:k1", "loja:k2")]
    assert (len(found["number"]), len(found["debt"]), len(found["list_member"])) == (2, 2, 1)
    assert [one.kind for one in await rows(op, Interaction)].count("people_united") == 1
    again = await load(op, tmp_path, HEAD + row("k2", contract="K-3", phone="11 99999-0103"))
    assert (again.people, again.debts, len(await rows(op, Person))) == (0, 1, 1)


async def test_what_bars_one_of_two_who_become_one_bars_the_one(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + row("k1", cpf=CPF) + row("k2", contract="K-2"))
    first, second = await rows(op, Person)
    async with op.database.write() as session:
        tenant = (await campaigns.tenant(session)).id
        await session.execute(update(Number).where(Number.person_id == second.id).values(status="wrong_person"))
        session.add(
            Suppression(
                tenant_id=tenant,
                person_id=second.id,
                kind="opted_out",
                since=NOW,
                source="call",
                automated_only=False,
            )
        )
    await load(op, tmp_path, HEAD + row("k2", cpf=CPF, contract="K-2"))
    (number,), (bar,) = await rows(op, Number), await rows(op, Suppression)
    assert (number.person_id, number.status, bar.person_id) == (first.id, "wrong_person", first.id)


async def test_what_was_just_added_to_one_is_what_the_other_had_on_record(op: Operation, tmp_path: Path) -> None:
    """The same number, debt and consent, new to the one in this very file, and on record of the other."""
    before = row("a", cpf=CPF, contract="K-0", phone="11 99999-0100") + row(
        "b", contract="K-2", phone="11 99999-0102"
    )
    await load(op, tmp_path, HEAD + before)
    (debt,) = [one for one in await rows(op, Debt) if one.contract == "K-2"]
    again = row("a", cpf=CPF, contract="K-2", phone="11 99999-0102", amount="12,00")
    report = await load(op, tmp_path, HEAD + again + row("b", cpf=CPF, contract="K-3", phone="11 99999-0102"))
    assert (report.united, report.numbers, report.debts, report.rejected) == (1, 0, 1, 0)
    (person,) = await rows(op, Person)
    assert [one.e164 for one in await rows(op, Number)] == ["+5511999990100", "+5511999990102"]
    kept = {one.contract: (one.amount_minor, one.person_id) for one in await rows(op, Debt)}
    assert kept == {"K-0": (1000, person.id), "K-2": (1200, person.id), "K-3": (1000, person.id)}
    assert debt.id in {one.id for one in await rows(op, Debt)}


async def test_the_history_of_one_of_two_goes_with_them(op: Operation, tmp_path: Path) -> None:
    """Calls, and the debts that they were about, stay with whom they were: also the same contract on record twice."""
    await load(op, tmp_path, HEAD + row("k1", cpf=CPF) + row("k2"))
    await _called(op, "loja:k2", closed=True)
    report = await load(op, tmp_path, HEAD + row("k2", cpf=CPF))
    (ana,), (debt,), (call,) = await rows(op, Person), await rows(op, Debt), await rows(op, Attempt)
    assert report.united == 1
    assert (call.person_id, call.debts) == (ana.id, [debt.id])
    assert (debt.contract, debt.step) == ("K-1", 2)


async def test_nobody_is_made_one_while_on_the_phone(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + row("k1", cpf=CPF) + row("k2", contract="K-2"))
    await _called(op, "loja:k2", closed=False)
    with pytest.raises(Refused, match="on the phone"):
        await load(op, tmp_path, HEAD + row("k2", cpf=CPF, contract="K-2"))
    assert len(await rows(op, Person)) == 2


async def test_a_key_of_another_creditor_leads_to_the_same_person(light: Operation, tmp_path: Path) -> None:
    await load(light, tmp_path, HEAD + row("k1", cpf=CPF))
    await load(light, tmp_path, HEAD + row("x9", cpf=CPF, contract="B-1"), creditor="banco", list_name="b")
    report = await load(light, tmp_path, HEAD + row("x9", contract="B-2"), creditor="banco", list_name="b")
    assert (report.people, len(await rows(light, Person)), len(await rows(light, Debt))) == (0, 1, 3)
    assert [one.key for one in await rows(light, PersonKey)] == ["banco:x9"]


async def test_a_document_alone_takes_the_key_when_it_comes(light: Operation, tmp_path: Path) -> None:
    await load(light, tmp_path, HEAD + row("", cpf=CPF))
    await load(light, tmp_path, HEAD + row("k1", cpf=CPF))
    report = await load(light, tmp_path, HEAD + row("k1"))
    assert [one.key for one in await rows(light, Person)] == ["loja:k1"]
    assert (report.same, await rows(light, PersonKey)) == (1, [])


@pytest.mark.parametrize("status", ["paid", "withdrawn"])
async def test_a_list_never_opens_a_closed_debt(op: Operation, tmp_path: Path, status: str) -> None:
    text = HEAD + row("k1") + row("k2", contract="K-2", phone="11 99999-0102")
    await load(op, tmp_path, text)
    async with op.database.write() as session:
        await session.execute(update(Debt).where(Debt.contract == "K-1").values(status=status))
    report = await load(op, tmp_path, text)
    assert (report.rejected, report.same) == (1, 1)
    assert f"{status} on record" in report.rejects[0].reason
    assert sorted(one.status for one in await rows(op, Debt)) == sorted(["open", status])


async def test_an_amount_from_before_a_payment_changes_nothing(light: Operation, tmp_path: Path) -> None:
    await load(light, tmp_path, HEAD + row("k1"))
    async with light.database.write() as session:
        await session.execute(update(Debt).values(amount_minor=600, paid_minor=400))
    assert (await load(light, tmp_path, HEAD + row("k1"))).same == 1
    assert (await load(light, tmp_path, HEAD + row("k1", amount="5,50"))).changed == 1
    (debt,) = await rows(light, Debt)
    assert (debt.amount_minor, debt.paid_minor) == (550, 400)


async def test_changes_move_the_person_so_that_no_intent_rests_on_what_was(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + row("k1"))
    await load(op, tmp_path, HEAD + row("k1"))
    assert [one.version for one in await rows(op, Person)] == [0]
    await load(op, tmp_path, HEAD + row("k1", amount="11,00"))
    await load(op, tmp_path, HEAD + row("k1", amount="11,00", phone="11 99999-0109"))
    assert [one.version for one in await rows(op, Person)] == [2]


async def test_what_a_file_only_assumes_changes_nobody(light: Operation, tmp_path: Path) -> None:
    head = HEAD.replace("\n", ";idioma;país\n")
    american = row("k1", phone="212 555 0101").replace("\n", ";en;US\n").replace("SP", "NY")
    await load(light, tmp_path, head + american)
    await load(light, tmp_path, head + row("k1", phone="+1 212 555 0101").replace("\n", ";;\n").replace("SP", ""))
    await load(light, tmp_path, HEAD + row("k1", phone="+1 212 555 0101").replace("SP", ""))
    (ana,) = await rows(light, Person)
    assert (ana.language, ana.country, ana.region) == ("en-US", "US", "NY")


async def test_consents_and_companies_and_instalments_are_kept(light: Operation, tmp_path: Path) -> None:
    head = "código;razão social;cnpj;contato;telefone;ramal;contrato;parcela;fatura;valor;vencimento\n"
    line = "9;Padaria Ltda;11.222.333/0001-81;Rui;1133330101;12;C-1;{}/3;F-{};10,00;2026-01-0{}\n"
    report = await load(light, tmp_path, head + "".join(line.format(n, n, n) for n in (1, 2, 3)))
    (firm,), (number,) = await rows(light, Person), await rows(light, Number)
    assert (report.people, report.debts, report.numbers) == (1, 3, 1)
    assert (firm.kind, firm.contact_name, number.extension) == ("company", "Rui", "12")
    debts = await rows(light, Debt)
    assert len({one.instalment for one in debts}) == 3
    assert [one.invoice for one in debts] == ["F-1", "F-2", "F-3"]


async def test_a_revoked_consent_stays_revoked(op: Operation, tmp_path: Path) -> None:
    head = HEAD.replace("\n", ";consentimento;data consentimento\n")
    text = head + row("k1").replace("\n", ";sim;2026-01-05\n")
    await load(op, tmp_path, text)
    (given,) = await rows(op, Consent)
    assert (given.given_on, given.given_to) == (date(2026, 1, 5), "loja")
    async with op.database.write() as session:
        await session.execute(update(Consent).values(revoked_at=NOW))
    await load(op, tmp_path, text.replace("2026-01-05", "2026-02-05"))
    (kept,) = await rows(op, Consent)
    assert (kept.given_on, kept.revoked_at) == (date(2026, 1, 5), NOW)


async def test_late_people_join_the_campaigns_of_their_list(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + row("k1"))
    for status in ("draft", "checked", "running", "paused", "finished", "stopped"):
        await _campaign(op, status)
    text = HEAD + row("k1") + row("k2", contract="K-2", phone="11 99999-0102")
    report = await load(op, tmp_path, text)
    assert report.joined == 8  # both people in four campaigns, which were made without their contacts here
    assert (await load(op, tmp_path, text)).joined == 0
    async with op.database.read() as session:
        found = await session.execute(select(Campaign.status, Contact.status).join(Contact))
        waiting = [tuple(one) for one in found.all()]
    assert sorted(waiting) == sorted((one, "waiting") for one in ("draft", "checked", "running", "paused") * 2)


async def test_the_columns_of_a_creditor_are_remembered_and_chosen_anew(light: Operation, tmp_path: Path) -> None:
    head = HEAD.replace("contrato", "ref").replace("valor", "total")
    chosen = {"contract": "ref", "amount": "total"}
    first = await load(light, tmp_path, head + row("k1"), mapping=chosen)
    assert first.origins["contract"] == "chosen"
    second = await load(light, tmp_path, head + row("k1"))
    assert (second.same, second.origins["contract"], second.columns["amount"]) == (1, "remembered", "total")
    (creditor,) = await rows(light, Creditor)
    assert creditor.columns["ref"] == "contract"


async def test_a_reading_that_failed_most_rows_is_not_remembered(light: Operation, tmp_path: Path) -> None:
    text = HEAD + row("k1") + row("k2", amount="x", contract="K-2") + row("k3", amount="y", contract="K-3")
    await load(light, tmp_path, text)
    assert [one.columns for one in await rows(light, Creditor)] == [{}]


async def test_most_rows_without_a_country_is_said_first(light: Operation, tmp_path: Path) -> None:
    text = HEAD + row("k1") + row("k2", contract="K-2") + row("k3", contract="K-3", phone="+55 11 99999-0103")
    report = await load(light, tmp_path, text, country=None)
    assert (report.new, report.rejected) == (1, 2)
    assert report.advice is not None
    assert report.advice.startswith("2 of 3 rows name no country")
    with pytest.raises(Refused, match=r"^1 of 1 rows name no country.*--country BR"):
        await load(light, tmp_path, HEAD + row("k2"), country=None)


async def test_a_dry_run_follows_people_through_the_whole_file(
    op: Operation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("loading", "rehearsing"):
        monkeypatch.setattr(f"dialer.{module}.CHUNK_ROWS", 1)
    assert loading.CHUNK_ROWS == 1
    text = HEAD + row("k1", cpf=CPF) + row("k2", contract="K-2") + row("k2", cpf=CPF, contract="K-2") + row("k2")
    rehearsed = await load(op, tmp_path, text, dry_run=True)
    assert not await rows(op, ContactList)
    report = await load(op, tmp_path, text)
    for name in ("new", "changed", "same", "rejected", "people", "numbers", "debts", "united"):
        assert getattr(rehearsed, name) == getattr(report, name), name
    assert (report.people, report.united) == (2, 1)


async def test_a_dry_run_for_a_list_of_another_creditor_is_refused(light: Operation, tmp_path: Path) -> None:
    await load(light, tmp_path, HEAD + row("k1"))
    with pytest.raises(Refused, match="another creditor"):
        await load(light, tmp_path, HEAD + row("k1"), creditor="banco", dry_run=True)


async def _campaign(op: Operation, status: str) -> int:
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        source = await campaigns.list_by_name(session, tenant.id, "novembro")
        session.add(
            made := Campaign(
                tenant_id=tenant.id, list_id=source.id, name=status, flow="lembrete", status=status, plan={},
                created_at=NOW,
            )
        )  # fmt: skip
        await session.flush()
        return made.id


async def _called(op: Operation, key: str, *, closed: bool) -> None:
    """A call to the person of that key, about all their debts, which took the second step of the ladder."""
    campaign_id = await _campaign(op, "paused")
    async with op.database.write() as session:
        person = (await session.scalars(select(Person).where(Person.key == key))).one()
        number = (await session.scalars(select(Number).where(Number.person_id == person.id))).one()
        debts = list(await session.scalars(select(Debt).where(Debt.person_id == person.id)))
        contact = Contact(
            tenant_id=person.tenant_id, campaign_id=campaign_id, person_id=person.id, status="waiting", due_at=NOW,
            rank=1,
        )  # fmt: skip
        session.add(contact)
        await session.flush()
        for debt in debts:
            debt.step = 2
        session.add(
            Attempt(
                token="t1", tenant_id=person.tenant_id, campaign_id=campaign_id, contact_id=contact.id,
                person_id=person.id, number_id=number.id, to_number=number.e164,
                status="ended" if closed else "live", flow="lembrete", debts=[debt.id for debt in debts],
                intent_at=NOW, intent_real=0, closed_at=NOW if closed else None,
            )
        )  # fmt: skip
