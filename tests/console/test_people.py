"""Looking people up: what their page says, who may see it, and what the forms put on record."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from console.people import people_routes
from dialer.operation import Operation
from dialer.store.models import Consent, Designation, Interaction, Person, Suppression
from tests.console.folk import RULE_LINK, WORDS, Folk, folk, keep_sound
from tests.console.visitors import browser

PLACES = (people_routes,)


@pytest.fixture
async def on_record(op: Operation) -> Folk:
    return await folk(op)


async def kinds(op: Operation, person: int) -> list[tuple[str, str]]:
    async with op.database.read() as session:
        rows = await session.scalars(
            select(Interaction).where(Interaction.person_id == person).order_by(Interaction.id)
        )
        return [(row.kind, row.actor) for row in rows]


async def test_who_is_looked_up_is_found_by_name_key_contract_or_number(
    op: Operation, app: FastAPI, on_record: Folk
) -> None:
    visitor = await browser(op, app, "supervisor")
    for asked in ("Marina", "p:1", "C-1-1", "+55 11 99999-1101"):
        found = await visitor.send("/people", {"q": asked})
        assert f'href="/people/{on_record.marina}"' in found.text, asked
        assert "Otto Lima" not in found.text
        assert "5511999991101" not in found.text, "numbers are masked in a list"
    assert "R$1,284.91" in found.text
    async with op.database.write() as session:
        (await session.get_one(Person, on_record.marina)).name = "Ângela Prado"
    for asked in ("ângela", "Ângela P"):  # SQLite lowers letters of English only
        assert f'href="/people/{on_record.marina}"' in (await visitor.send("/people", {"q": asked})).text, asked
    assert "Nobody fits." in (await visitor.send("/people", {"q": "Zenaide"})).text


async def test_the_page_tells_when_next_and_the_story_with_words_keys_and_citations(
    op: Operation, app: FastAPI, on_record: Folk
) -> None:
    visitor = await browser(op, app, "supervisor")
    text = (await visitor.get(f"/people/{on_record.marina}")).text
    assert "May be called now." in text or "Not before" in text
    for said in (WORDS, "presses •••", "begin → identity", "promised to pay", "Promised R$1,284.91", "Paid R$50.00",
                 "Check a payment", "Lei SP 15.426/2014 art. 2", RULE_LINK, "0:31"):  # fmt: skip
        assert said in text, said
    assert "5511999991101" not in text
    assert "Stop contact" not in text, "a supervisor changes nothing"


async def test_another_company_and_another_creditor_see_nobody(op: Operation, app: FastAPI, on_record: Folk) -> None:
    marina = f"/people/{on_record.marina}"
    banco = await browser(op, app, "manager", creditors=["banco"])
    for stranger in (await browser(op, app, "administrator", company="other"), banco):
        assert (await stranger.get(marina)).status_code == 404
        assert (await stranger.get(f"{marina}/recordings/{on_record.recording}")).status_code == 404
        assert (await stranger.send(f"{marina}/bar", {"kind": "lawyer"})).status_code == 404
        assert (await stranger.send(f"{marina}/details", {"reason": "audit"})).status_code == 404
        assert "Nobody fits." in (await stranger.send("/people", {"q": "Marina"})).text
    async with op.database.read() as session:
        assert (await session.scalars(select(Suppression))).all() == []
    caio = (await banco.get(f"/people/{on_record.caio}")).text
    assert "Banco Sul" in caio
    assert "Aurora" not in caio
    assert "aurora" not in caio
    assert "Nobody fits." in (await banco.send("/people", {"q": "C-3-1"})).text, "by the contract of another creditor"
    assert f'href="/people/{on_record.caio}"' in (await banco.send("/people", {"q": "C-3-2"})).text
    assert (await banco.send(f"/people/{on_record.caio}/dossier", {"format": "json"})).status_code == 400


async def test_an_agent_and_a_form_without_token_are_refused(op: Operation, app: FastAPI, on_record: Folk) -> None:
    agent = await browser(op, app, "agent", agent="Bia Nunes")
    assert (await agent.get(f"/people/{on_record.marina}")).status_code == 403
    auditor = await browser(op, app, "auditor")
    assert (await auditor.send(f"/people/{on_record.marina}/bar", {"kind": "lawyer"})).status_code == 403
    manager = await browser(op, app)
    bare = await manager.client.post(f"/people/{on_record.marina}/bar", data={"kind": "lawyer"})
    assert bare.status_code == 403


async def test_the_forms_put_on_record_who_did_it(op: Operation, app: FastAPI, on_record: Folk) -> None:
    manager = await browser(op, app)
    marina = f"/people/{on_record.marina}"
    forms: dict[str, dict[str, object]] = {
        "bar": {"kind": "lawyer", "because": "letter of the office"},
        "designate": {"days": ["1", "3"], "from": "15:00", "to": "18:00"},
        "consent": {"kind": "texts", "given_on": "2026-02-01", "how": "form"},
        "revoke": {"kind": "texts"},
        f"numbers/{on_record.number}/bar": {"because": "asked by letter"},
        "unbar": {"kind": "lawyer", "because": "the mandate ended"},
    }
    for path, form in forms.items():
        done = await manager.send(f"{marina}/{path}", form)
        assert (done.status_code, done.headers["location"].partition("?")[0]) == (303, marina), path
    assert "That bar has ended." in (await manager.get(done.headers["location"])).text
    me = f"user {manager.user_id}"
    mine = [kind for kind, actor in await kinds(op, on_record.marina) if actor == me]
    assert mine == ["suppressed_lawyer", "designated", "consent_given", "consent_revoked", "ended_lawyer"]
    async with op.database.read() as session:
        named = (await session.scalars(select(Designation))).one()
        assert (named.days, named.from_minute, named.to_minute) == ([1, 3], 900, 1080)
        assert (await session.scalars(select(Consent.revoked_at))).one() is not None
        assert "do_not_call" in (await session.scalars(select(Suppression.kind))).all()


async def test_what_cannot_be_taken_is_told_and_nothing_typed_is_lost(
    op: Operation, app: FastAPI, on_record: Folk
) -> None:
    manager = await browser(op, app)
    form: dict[str, object] = {"kind": "cease", "until": "2020-01-01", "because": "letter of March"}
    answer = await manager.send(f"/people/{on_record.marina}/bar", form)
    assert answer.status_code == 400
    assert "lies in the past" in answer.text
    assert "letter of March" in answer.text
    assert '<option value="cease" selected>' in answer.text
    for odd in ({"from": "²:00"}, {"from": "1²:00"}, {"days": "²"}, {"days": "99"}):
        assert (await manager.send(f"/people/{on_record.marina}/designate", odd)).status_code == 400, odd


async def test_numbers_in_clear_need_a_reason_which_is_kept(op: Operation, app: FastAPI, on_record: Folk) -> None:
    manager = await browser(op, app)
    path = f"/people/{on_record.marina}/details"
    assert (await manager.send(path, {"reason": " "})).status_code == 400
    assert "+5511999991101" in (await manager.send(path, {"reason": "court order"})).text
    assert ("details_shown", f"user {manager.user_id}") in await kinds(op, on_record.marina)
    supervisor = await browser(op, app, "supervisor")
    assert (await supervisor.send(path, {"reason": "court order"})).status_code == 403


async def test_listening_streams_the_sealed_sound_and_is_a_line_of_the_record(
    op: Operation, app: FastAPI, on_record: Folk
) -> None:
    await keep_sound(op, b"RIFF" + bytes(70_000))
    supervisor = await browser(op, app, "supervisor")
    path = f"/people/{on_record.marina}/recordings/{on_record.recording}"
    heard = await supervisor.get(path)
    assert (heard.headers["content-type"], heard.content[:4], len(heard.content)) == ("audio/wav", b"RIFF", 70_004)
    assert ("recording_heard", f"user {supervisor.user_id}") in await kinds(op, on_record.marina)
    assert (await supervisor.get(path.replace(str(on_record.marina), str(on_record.caio)))).status_code == 404


async def test_a_dossier_is_made_in_the_name_of_who_asked(op: Operation, app: FastAPI, on_record: Folk) -> None:
    auditor = await browser(op, app, "auditor")
    made = await auditor.send(f"/people/{on_record.marina}/dossier", {"format": "json"})
    assert made.headers["content-disposition"] == f'attachment; filename="dossier-{on_record.marina}.json"'
    assert made.json()["person"]["name"] == "M••• P•••"
    assert ("dossier_made", f"user {auditor.user_id}") in await kinds(op, on_record.marina)
