"""The place of the flows: who sees what, what is wrong with a text, and the telephone that runs the real engine."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from fastapi import FastAPI
from sqlalchemy import func, select

from audio.prompts import PromptStore
from audio.sound import Sound
from console.flows import flows_routes
from console.flows.calls import LONGEST_SECONDS, MOST_CALLS, Switchboard
from console.flows.editing import looked_over
from console.flows.people import caller, everybody, examples
from console.flows.shelf import text_of
from dialer import proving
from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.store import campaigns
from dialer.store.models import Attempt, Campaign, ContactList, Creditor, Interaction, Tenant
from ivr_flows.events import Answered
from ivr_flows.loading import library, load
from tests.console.visitors import Browser, browser
from tests.dialer.records import NOON
from tests.ivr_flows.flow_calls import call, effects, maria, words

PLACES = (flows_routes,)

HTMX = {"hx-request": "true"}


async def a_campaign(op: Operation, name: str, creditor: str, *, company: str = "") -> None:
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        if company:
            session.add(tenant := Tenant(key=company, name=company))
            await session.flush()
        session.add(owner := Creditor(tenant_id=tenant.id, key=creditor, name=creditor))
        await session.flush()
        session.add(source := ContactList(tenant_id=tenant.id, creditor_id=owner.id, name=name, created_at=NOON))
        await session.flush()
        session.add(
            Campaign(tenant_id=tenant.id, list_id=source.id, name=name, flow="recado", plan={}, created_at=NOON)
        )


async def dialled(visitor: Browser, flow: str, **form: str) -> str:
    """Begin a call; the phone's HTML."""
    answer = await visitor.send(f"/flows/{flow}/call", {"person": "one", "lang": "en-US", "role": "person", **form})
    assert answer.status_code == 303, "without scripts the whole page comes"
    return (await visitor.get(answer.headers["location"])).text


async def pressed(visitor: Browser, phone: str, typed: str, **more: str) -> str:
    answer = await visitor.send(f"/flows/calls/{call_in(phone)}", {"typed": typed, **more})
    return (await visitor.get(answer.headers["location"])).text


def call_in(phone: str) -> str:
    found = re.search(r'data-call="([^"]+)"', phone)
    assert found
    return found[1]


def here(phone: str) -> str:
    found = re.search(r'data-at="([^"]+)"', phone)
    assert found
    return found[1]


async def test_the_list_names_every_flow_and_only_campaigns_within_sight(op: Operation, app: FastAPI) -> None:
    await a_campaign(op, "November of Aurora", "aurora")
    await a_campaign(op, "November of Banco", "banco")
    await a_campaign(op, "Elsewhere", "strange", company="strangers")
    text = (await (await browser(op, app)).get("/flows")).text
    assert all(f'href="/flows/{name}"' in text for name in library())
    assert "step 4, from 60 days late" in text
    assert "people who call us" in text
    assert "November of Aurora" in text
    assert "November of Banco" in text
    assert "Elsewhere" not in text
    scoped = (await (await browser(op, app, "supervisor", creditors=["banco"])).get("/flows")).text
    assert "November of Banco" in scoped
    assert "November of Aurora" not in scoped


async def test_an_agent_does_not_come_in_and_no_file_is_read_by_its_name(op: Operation, app: FastAPI) -> None:
    agent = await browser(op, app, "agent", agent="Bia Nunes")
    assert (await agent.get("/flows")).status_code == 403
    visitor = await browser(op, app, "auditor")
    for strange in ("nope", "lembrete.yaml", "..%2Ffragments%2Fpay", "%2Fetc%2Fpasswd"):
        assert (await visitor.get(f"/flows/{strange}")).status_code == 404, strange
    assert (await visitor.get("/flows/recado/nodes/nope")).status_code == 404


async def test_a_flow_is_drawn_with_every_node_and_its_words(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app, language="fr-FR")
    text = (await visitor.get("/flows/lembrete?lang=pt-BR&node=first_menu")).text
    flow = load("lembrete")
    assert set(re.findall(r'data-node="([^"·]+)"', text)) == set(flow.nodes)
    assert "Esta é uma ligação automática" in text
    assert "demande une touche" in text, "the page speaks the viewer's language, the node that of the call"
    assert "Si c&#39;est vous, appuyez sur la touche un." in text, "the panel has all languages"
    assert "‹first name›" in text
    assert "{first_name" not in text
    assert " style=" not in text


def test_a_fault_of_a_text_is_told_with_its_line() -> None:
    text = text_of(load("recado"))
    assert looked_over("recado", text)[1] == []
    line = next(n for n, one in enumerate(text.splitlines(), 1) if one.strip() == "next: choice")
    flow, (fault,) = looked_over("recado", text.replace("next: choice", "next: nowhere"))
    assert (flow, fault.line) == (None, line)
    assert "nowhere" in fault.what
    broken = looked_over("recado", text.replace("  greeting:\n", "  greeting\n"))[1]
    assert broken[0].line
    flow, faults = looked_over("recado", text.replace("fr-FR]", "fr-FR, de-DE]"))
    assert flow is not None
    assert any(one.node == "greeting" and one.line for one in faults)


def test_a_text_that_would_grow_without_end_is_not_read() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 12))
    flow, (fault,) = looked_over("recado", bomb)
    assert flow is None
    assert "references" in fault.what


async def test_what_a_changed_text_can_come_to_is_shown_as_a_path(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    text = (await visitor.get("/flows/recado/text")).text
    assert "It is not saved" in text
    changed = text_of(load("recado")).replace("{caller_name|name}", "us")
    quick = await visitor.send("/flows/recado/text", {"text": changed})
    assert "The form is right." in quick.text
    proven = await visitor.send("/flows/recado/text", {"text": changed, "prove": "1"})
    assert "Not proven" in proven.text
    assert "Who calls comes first, in time" in proven.text
    assert re.search(r'data-counter="[a-z_ ]*greeting', proven.text)


async def test_a_proof_that_takes_too_long_is_broken_off_and_said_so(
    op: Operation, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "LONGEST_SECONDS", 0.01)
    changed = text_of(load("recado")).replace("Hello!", "Hi!")
    told = await (await browser(op, app)).send("/flows/recado/text", {"text": changed, "prove": "1"})
    assert "could not be looked at to the end" in told.text
    assert "Proven" not in told.text


async def test_the_phone_goes_the_way_of_the_engine_and_writes_nothing(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    phone = await dialled(visitor, "lembrete")
    turns = call(load("lembrete"), maria("en-US"), "1", "123", "9")
    assert here(phone) == turns[0].state.node
    assert all(one.text.replace("'", "&#39;") in phone for one in turns[0].speech)
    for n, typed in enumerate(("1", "123", "9"), 1):
        phone = await pressed(visitor, phone, typed, turn=str(n - 1))
        assert here(phone) == turns[n].state.node
    assert "The call is over." in phone
    assert "No more automated calls." in phone
    async with op.database.read() as session:
        for table in (Attempt, Interaction):
            assert not await session.scalar(select(func.count()).select_from(table))


async def test_a_key_that_comes_late_or_does_not_fit_changes_nothing(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    phone = await dialled(visitor, "lembrete")
    after = await pressed(visitor, phone, "1", turn="0")
    again = await pressed(visitor, phone, "1", turn="0")
    assert here(again) == here(after) == "check"
    odd = await visitor.client.post(
        f"/flows/calls/{call_in(phone)}",
        data={"typed": "talked", "turn": "1"},
        headers={**HTMX, "x-toque-token": re.findall(r'name="_token" value="(\w+)"', after)[0]},
    )
    assert 'role="alert"' in odd.text
    assert here(odd.text) == "check"


async def test_a_call_is_its_callers_alone(op: Operation, app: FastAPI) -> None:
    phone = await dialled(await browser(op, app), "recado")
    other = await browser(op, app)
    for path in (f"/flows/recado?call={call_in(phone)}", f"/flows/calls/{call_in(phone)}/transcript.yaml"):
        assert (await other.get(path)).status_code == 404
    assert "This call is over" in (await other.send(f"/flows/calls/{call_in(phone)}", {"typed": "1"})).text


@pytest.mark.parametrize(
    ("flow", "person", "role", "typed"),
    [
        ("lembrete", "two", "person", ["1", "123", "2", "1", "1"]),
        ("lembrete", "closed", "person", ["0", "silence"]),
        ("lembrete", "one", "machine", []),
        ("pre-vencimento", "early_two", "person", ["1", "123"]),
        ("retorno", "stranger", "person", ["1", "silence"]),
        ("recado", "abroad", "silence", ["hangup"]),
    ],
)
async def test_a_call_kept_as_a_transcript_goes_the_same_way_when_it_is_run(
    op: Operation, app: FastAPI, flow: str, person: str, role: str, typed: list[str]
) -> None:
    visitor = await browser(op, app)
    phone = await dialled(visitor, flow, person=person, role=role)
    for one in typed:
        phone = await pressed(visitor, phone, one)
    kept = await visitor.get(f"/flows/calls/{call_in(phone)}/transcript.yaml")
    document = yaml.safe_load(kept.text)
    (case,) = document["cases"]
    answered = Answered(case["answered"]) if "answered" in case else None
    debtor = maria("en-US", **case.get("given", {}))
    turns = call(load(document["flow"]), debtor, *case["inputs"], answered=answered)  # as the transcripts are run
    assert case["inputs"] == typed
    assert case["says"]["en-US"] == words(turns[-1])
    assert case["effects"] == effects(*turns)
    assert case["ends_at"] == turns[-1].state.node == here(phone)


@pytest.mark.parametrize("name", library())
def test_every_example_can_be_called_with_every_flow_in_every_language(name: str) -> None:
    flow = load(name)
    people = examples(flow)
    assert people
    for person in people:
        for language in flow.languages:
            switchboard = Switchboard()
            assert switchboard.begin(1, flow, person, language=language, role="person").turn.speech
        plain = {name: value for name, value in person.given.items() if name != "debts"}
        same = maria("pt-BR", debts=person.given.get("debts", 1), **plain)
        known = caller(person, "pt-BR")
        assert {name: known.values.get(name) for name in flow.variables} == {
            name: same.values.get(name) for name in flow.variables
        }


def test_calls_are_few_and_forgotten() -> None:
    now = 0.0
    switchboard = Switchboard(seconds=lambda: now)
    flow, person = load("recado"), everybody()[0]
    first = switchboard.begin(0, flow, person, language="en-US", role="person")
    assert switchboard.of(0, first.id) is first
    now = LONGEST_SECONDS + 1
    with pytest.raises(NotFound):
        switchboard.of(0, first.id)
    for user in range(MOST_CALLS + 5):
        switchboard.begin(user, flow, person, language="en-US", role="person")
    assert len(switchboard._calls) == MOST_CALLS


class Hum:
    """An engine for which every text sounds the same."""

    name = "hum"

    def identity(self, language: str) -> str:
        return "hum 1"

    def can(self, language: str, *, private: bool) -> bool:
        return language == "en-US"

    def speak(self, text: str, language: str) -> Sound | None:
        return Sound(np.zeros(800, dtype=np.float32), 8000)


async def test_what_is_said_can_be_heard_and_is_read_where_no_voice_is(
    op: Operation, app: FastAPI, tmp_path: Path
) -> None:
    visitor = await browser(op, app)
    mute = await dialled(visitor, "recado")
    assert 'data-sounds="0"' in mute
    assert (await visitor.get(f"/flows/calls/{call_in(mute)}/0/0.wav")).status_code == 404
    app.state.prompts = PromptStore(tmp_path, [Hum()])
    phone = await dialled(visitor, "recado")
    count = int(re.findall(r'data-sounds="(\d+)"', phone)[0])
    assert count >= 1
    heard = await visitor.get(f"/flows/calls/{call_in(phone)}/0/0.wav")
    assert heard.headers["content-type"] == "audio/wav"
    assert heard.content[:4] == b"RIFF"
    assert (await visitor.get(f"/flows/calls/{call_in(phone)}/0/{count}.wav")).status_code == 404
    french = await dialled(visitor, "recado", lang="fr-FR")
    assert (await visitor.get(f"/flows/calls/{call_in(french)}/0/0.wav")).status_code == 404


async def test_an_edited_text_is_called_as_it_stands(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    text = text_of(load("recado")).replace("Hello! This is", "Good day, here is")
    answer = await visitor.send("/flows/recado/call", {"lang": "en-US", "text": text})
    assert "Good day, here is" in (await visitor.get(answer.headers["location"])).text
    refused = await visitor.send("/flows/recado/call", {"lang": "en-US", "text": text.replace("next: choice", "")})
    assert "Line " in refused.text
