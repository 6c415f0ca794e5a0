"""The screens that are read: law packs, hours, do-not-call lists, our numbers with their limits, and the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI
from sqlalchemy import select, text, update

from console.audit import audit_routes
from console.numbers import numbers_routes
from console.rules import rules_routes
from dialer.law import Law
from dialer.operation import Operation
from dialer.record import attesting
from dialer.rules import week
from dialer.rules.packs import load_packs
from dialer.store import campaigns, interactions, meters
from dialer.store.meters import Counted
from dialer.store.models import CallerId, Interaction, Suppression
from tests.console.folk import folk
from tests.console.visitors import app_of, browser
from tests.dialer.records import CALLER_ID, NOON
from toque.body_limit import BodyLimit

PLACES = (rules_routes, numbers_routes, audit_routes)


async def test_packs_are_told_with_their_sources_and_a_broken_one_stands_out(op: Operation, tmp_path: Path) -> None:
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "fr.yaml").write_text("country: FR\n")
    op = replace(op, law=Law(tmp_path / "law"))
    visitor = await browser(op, app_of(op, *PLACES), "auditor")
    overview = (await visitor.get("/rules")).text
    assert "1 country is not called: its rules cannot be read." in overview
    assert "Nobody there is called until it is mended." in overview
    rules = (await visitor.get("/rules/packs/BR?place=BR-SP")).text
    assert "Lei SP 15.426/2014" in rules
    assert 'href="https://www.al.sp.gov.br/"' in rules
    assert "BR-RJ</td>" not in rules
    assert (await visitor.get("/rules/packs/ZZ")).status_code == 404


async def test_the_week_of_a_place_is_what_the_gate_would_say(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app, "supervisor")
    said = (await visitor.get("/rules/hours?place=BR-SP&day=2026-11-20&at=09:30")).text
    assert "outside the hours" in said, "the 20th is a holiday"
    assert "08:00–14:00" in said
    assert "Black Awareness" in said
    assert "is within the hours" in (await visitor.get("/rules/hours?place=BR-SP&day=2026-11-21&at=09:30")).text
    for odd in ("place=XX", "day=yesterday", "day=9999-12-31", "at=late&place=FR", "place=BR"):
        assert (await visitor.get(f"/rules/hours?{odd}")).status_code == 400, odd


def test_holidays_are_named_in_the_language_of_the_reader_where_it_has_names_for_them() -> None:
    packs, day = load_packs(), date(2026, 4, 21)
    assert week.holidays_from(packs, "BR-SP", day, days=1, language="pt-BR") == [(day, "Tiradentes")]
    assert week.holidays_from(packs, "BR-SP", day, days=1, language="fr-FR") == [(day, "Tiradentes' Day")]
    assert week.holidays_from(packs, "FR", date(2026, 5, 25), days=1, language="fr-FR")[0][1] == "Lundi de Pentecôte"


def test_every_place_has_a_week_whose_open_spans_are_those_of_single_instants() -> None:
    packs, monday = load_packs(), date(2026, 11, 23)
    places = [code for code, _ in week.places_of(packs)]
    assert {"BR-SP", "US-MA", "US-TN", "FR", "GB", "CA-ON"} <= set(places)
    for place in places:
        found = week.week_at(packs, place, monday)
        assert any(day.spans for day in found.days), place
    for place in ("US-TN", "BR-RJ", "US-NYC"):  # Tennessee lies in two zones
        for day in week.week_at(packs, place, monday).days[4:6]:
            for hour in range(6, 28):
                at = datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC) + timedelta(hours=hour, minutes=7)
                inside = any(begins <= at < ends for begins, ends in day.spans)
                same_day = (
                    week.instant_at(day.day, 0, found_zone(place))
                    <= at
                    < week.instant_at(day.day + timedelta(days=1), 0, found_zone(place))
                )
                assert not same_day or inside == week.may_call(packs, place, at).yes, (place, at)


def found_zone(place: str) -> str:
    return week.zone_of(load_packs(), place)


async def test_a_number_is_added_looked_up_and_taken_off(op: Operation, app: FastAPI) -> None:
    manager = await browser(op, app)
    number = {"number": "11 99999-1199", "country": "BR"}
    assert "Left alone from now on: 1" in (await manager.send("/rules/do-not-call/add", {**number})).text
    looked = (await manager.send("/rules/do-not-call/look", {**number})).text
    assert "everybody at the number" in looked
    assert "11999991199" not in looked.replace("-", "").replace(" ", "")
    assert (await manager.send("/rules/do-not-call/remove", {**number, "because": ""})).status_code == 400
    removed = await manager.send("/rules/do-not-call/remove", {**number, "because": "the owner asked"})
    assert "1 entry ended." in removed.text
    wrong = await manager.send("/rules/do-not-call/add", {"number": "12"})
    assert wrong.status_code == 400
    assert 'value="12"' in wrong.text
    only_one = await browser(op, app, creditors=["aurora"])
    refused = await only_one.send("/rules/do-not-call/remove", {**number, "because": "the owner asked"})
    assert "other creditors too" in refused.text
    supervisor = await browser(op, app, "supervisor")
    assert (await supervisor.send("/rules/do-not-call/add", {**number})).status_code == 403


async def test_a_file_is_taken_over_with_what_could_not_be_read(op: Operation, app: FastAPI) -> None:
    await folk(op)
    app.add_middleware(BodyLimit, files=1024**2)
    manager = await browser(op, app)
    remark = b"longer than any form" * 5000  # a file may be larger than what else is sent
    lines = b"number;remark\n+5511999991101;" + remark + b"\n+5511999991102\nnone\n"
    file = {"file": ("list.csv", lines, "text/csv")}
    form: dict[str, object] = {"list": "procon", "creditor": "aurora", "kind": "do_not_call"}
    taken = (await manager.send("/rules/do-not-call/import", form, files=file)).text
    assert "Left alone from now on: 2." in taken
    assert "line 4" in taken
    assert "procon" in taken
    banco = await browser(op, app, creditors=["banco"])
    assert "procon" not in (await banco.get("/rules/do-not-call")).text
    assert (await banco.send("/rules/do-not-call/import", form, files=file)).status_code == 400
    async with op.database.read() as session:
        assert len((await session.scalars(select(Suppression.id))).all()) == 2


async def test_numbers_tell_their_rates_and_whoever_is_answered_less(op: Operation, app: FastAPI) -> None:
    async with op.database.write() as session:
        tenant = (await campaigns.tenant(session)).id
        shown, today = Counted("number", CALLER_ID), NOON.date()
        await meters.add(session, tenant, today, {(shown, "calls"): 400, (shown, "answers"): 80})
        month = {(shown, "calls"): 600, (shown, "answers"): 420}
        await meters.add(session, tenant, today - timedelta(days=10), month)
    visitor = await browser(op, app, "supervisor")
    said = (await visitor.get("/numbers")).text
    assert "1 number is answered less than before." in said
    assert "20%" in said
    assert "50%" in said, "500 of 1,000 in 30 days"
    assert "Let it rest" not in said


async def test_a_number_rests_and_keeps_its_cap_and_is_removed_and_shown_again(op: Operation, app: FastAPI) -> None:
    manager = await browser(op, app)
    mine: dict[str, object] = {"number": "+1 212 555 0142", "cap": "300", "label": "East"}
    assert (await manager.send("/numbers", mine)).status_code == 303
    for act, status in (("rest", "resting"), ("resume", "active"), ("remove", "retired"), ("resume", "active")):
        assert (await manager.send(f"/numbers/{act}", {"number": "+12125550142"})).status_code == 303
        async with op.database.read() as session:
            row = (await session.scalars(select(CallerId).where(CallerId.e164 == "+12125550142"))).one()
        assert (row.status, row.daily_cap, row.label) == (status, 300, "East")
    wrong = await manager.send("/numbers", {"number": "12", "cap": "many"})
    assert wrong.status_code == 400
    assert 'value="many"' in wrong.text
    assert (await manager.send("/numbers", {**mine, "cap": "²"})).status_code == 400
    assert (await manager.send("/numbers/rest", {"number": "+12125550199"})).status_code == 404


async def test_the_audit_tells_who_did_what_and_filters_by_person_kind_and_day(op: Operation, app: FastAPI) -> None:
    made = await folk(op)
    manager, auditor = await browser(op, app), await browser(op, app, "auditor")
    assert (await manager.get("/audit")).status_code == 403
    await manager.send("/numbers", {"number": "+12125550142"})
    async with op.database.write() as session:
        tenant = (await campaigns.tenant(session)).id
        for person, kind in ((made.marina, "suppressed_lawyer"), (made.otto, "designated")):
            await interactions.add(
                session, tenant_id=tenant, person_id=person, at=NOON, kind=kind, actor=f"user {manager.user_id}"
            )
    everything = (await auditor.get("/audit")).text
    assert "manager 0" in everything
    assert "Has a lawyer" in everything
    assert "No call" not in everything.partition("<tbody>")[2], "what the machine decided is no act of a person"
    one = (await auditor.get(f"/audit?user={manager.user_id}&kind=designated&day=2026-03-02")).text
    assert f'href="/people/{made.otto}"' in one
    assert f'href="/people/{made.marina}"' not in one
    for nothing in ("day=2026-03-01", f"user={auditor.user_id}", "kind=unheard_of"):
        assert "Nobody did anything like that." in (await auditor.get(f"/audit?{nothing}")).text
    lines = (await auditor.get("/audit/lines.csv?kind=designated")).text.splitlines()
    assert [line.split(",")[3] for line in lines] == ["kind", "designated"]
    banco = await browser(op, app, "auditor", creditors=["banco"])
    theirs = (await banco.get("/audit")).text
    assert f'href="/people/{made.otto}"' in theirs
    assert f'href="/people/{made.marina}"' not in theirs
    other = await browser(op, app, "auditor", company="other")
    assert "Nobody has done anything yet." in (await other.get("/audit")).text


async def test_pages_of_the_audit_follow_each_other_without_gap(op: Operation, app: FastAPI) -> None:
    auditor = await browser(op, app, "auditor")
    async with op.database.write() as session:
        tenant = (await campaigns.tenant(session)).id
        rows = [{"person_id": None, "detail": {"n": n}} for n in range(150)]
        await interactions.add_all(session, rows, tenant_id=tenant, at=NOON, kind="noted", actor="user 1")
    first = (await auditor.get("/audit")).text
    assert "n: 149" in first
    assert "n: 50" in first
    assert "n: 49<" not in first
    later = first.partition('href="/audit?user=&amp;kind=&amp;day=&amp;behind=')[2].partition('"')[0]
    second = (await auditor.get(f"/audit?behind={quote(later)}")).text
    assert "n: 49<" in second
    assert "n: 50<" not in second


async def test_the_record_is_verified_by_a_button_and_a_changed_row_is_told(op: Operation, app: FastAPI) -> None:
    await folk(op)
    await attesting.seal_new(op)
    auditor = await browser(op, app, "auditor")
    assert "has not been verified" in (await auditor.get("/audit")).text
    await auditor.send("/audit/verify")
    assert "The record is what was sealed" in (await auditor.get("/audit")).text
    async with op.database.write() as session:
        trigger = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'interaction'"
        for name in (await session.scalars(text(trigger))).all():
            await session.execute(text(f"DROP TRIGGER {name}"))
        await session.execute(update(Interaction).where(Interaction.kind == "call_denied").values(actor="nobody"))
    await auditor.send("/audit/verify")
    assert "The record was changed: 1 place does not fit its seal" in (await auditor.get("/audit")).text
