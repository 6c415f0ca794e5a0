"""Own flows on the console: made, edited, published and compared by those who may, seen by their company only."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from console.flows import flows_routes
from console.flows.own.comparing import SETTINGS
from console.flows.own.making import BLANK
from console.guard import token_of
from console.pofiles import of_pages
from dialer.flows.reading import LONGEST_BYTES, read_text
from dialer.operation import Operation
from dialer.proving import proof_of
from dialer.rules.packs import load_packs
from dialer.store import flow_versions
from dialer.store.models import FlowText, FlowVersion
from ivr_flows.checking import check
from ivr_flows.comparing.change import SENTENCES
from tests.console.test_flows import HTMX, call_in, here
from tests.console.visitors import Browser, browser
from tests.dialer.flows.own_flow import FIRST, NAME, SAID, THREAT, company, prove_here, saying

PLACES = (flows_routes,)
OWN = "/flows/own/natal"
NEW = "Temos um recado para o titular."


@pytest.fixture(autouse=True)
def _proofs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_here(monkeypatch)


async def made(visitor: Browser, *texts: str) -> None:
    """The flow with these versions, none published."""
    form: dict[str, object] = {"name": "natal", "why": "a flow for December", "of": "recado", "text": texts[0]}
    assert (await visitor.send("/flows/new", form)).headers["location"] == f"{OWN}/text"
    for n, text in enumerate(texts[1:], 1):
        saved = await visitor.send(f"{OWN}/save", {"text": text, "why": f"change {n}", "base": str(n)})
        assert saved.headers["location"] == f"{OWN}/versions"


async def publish(visitor: Browser, number: int, *places: str) -> str:
    form: dict[str, object] = {"number": str(number), "places": list(places or ("BR", "US"))}
    answer = await visitor.send(f"{OWN}/publish", form)
    return answer.headers.get("location", "") or answer.text


async def versions(op: Operation) -> list[FlowVersion]:
    tenant_id = await company(op.database)
    async with op.database.read() as session:
        return list(await flow_versions.versions(session, tenant_id, NAME))


async def test_a_manager_makes_a_flow_of_one_of_the_library_and_puts_it_in_force(
    op: Operation,
    app: FastAPI,
) -> None:
    visitor = await browser(op, app)
    page = (await visitor.get("/flows/new?of=recado")).text
    assert SAID in page
    assert 'value="meu-recado"' in page
    await made(visitor, FIRST, saying(NEW))
    text = (await visitor.get(f"{OWN}/versions")).text
    assert "Nothing is published yet" in text
    assert "a flow for December" in text
    assert f"manager {visitor.user_id - 1}" in text, "the name of who saved it"
    assert await publish(visitor, 2) == f"{OWN}/versions"
    assert "New calls say version 2." in (await visitor.get(f"{OWN}/versions")).text
    listed = (await visitor.get("/flows")).text
    assert f'href="{OWN}"' in listed
    assert "BR, US" in listed
    assert (await publish(visitor, 1)) == f"{OWN}/versions"
    newest = (await versions(op))[0]
    assert (newest.number, newest.published_by) == (3, f"user {visitor.user_id}")


async def test_what_is_not_proven_stays_a_draft_and_its_calls_are_shown(
    op: Operation,
    app: FastAPI,
) -> None:
    visitor = await browser(op, app)
    await made(visitor, saying(THREAT))
    told = await publish(visitor, 1)
    assert "Version 1 is not published." in told
    assert "Not proven" in told
    assert "preso" in told
    assert "Choose a place at least." in (await visitor.send(f"{OWN}/publish", {"number": "1"})).text
    assert (await versions(op))[0].published_at is None


async def test_nothing_typed_is_lost_and_of_two_who_save_the_second_is_told(
    op: Operation,
    app: FastAPI,
) -> None:
    ana, rui = await browser(op, app), await browser(op, app)
    await made(ana, FIRST)
    await ana.send(f"{OWN}/text", {"text": saying("Half a wo"), "base": "1"})
    assert "Half a wo" in (await ana.get(f"{OWN}/text")).text
    assert "Half a wo" not in (await rui.get(f"{OWN}/text")).text, "a draft is its writer's alone"
    await rui.send(f"{OWN}/save", {"text": saying(NEW), "why": "mine", "base": "1"})
    assert "Meanwhile version 2 was saved." in (await ana.get(f"{OWN}/text")).text
    late = await ana.send(f"{OWN}/save", {"text": saying("Half a word."), "why": "hers", "base": "1"})
    assert late.status_code == 409
    assert "Half a word." in late.text
    assert "Save over version 2" in late.text
    assert 'value="hers"' in late.text
    (base,) = re.findall(r'name="base" value="(\d+)"', late.text)
    await ana.send(f"{OWN}/save", {"text": saying("Half a word."), "why": "hers", "base": base})
    assert [one.why for one in await versions(op)] == ["hers", "mine", "a flow for December"]
    assert "your draft" not in (await ana.get(f"{OWN}/text")).text
    await ana.send(f"{OWN}/text", {"text": saying("Another."), "base": "3"})
    await ana.send(f"{OWN}/drop")
    assert "Another." not in (await ana.get(f"{OWN}/text")).text


async def test_what_cannot_be_saved_is_told_beside_what_was_typed(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    for form, words in (
        ({"name": "Natal!", "why": "x", "text": FIRST}, "small letters"),
        ({"name": "natal", "why": " ", "text": FIRST}, "why the flow is changed"),
        ({"name": "natal", "why": "x", "text": "title: unfinished"}, "line 1: "),
    ):
        told = await visitor.send("/flows/new", {**form})
        assert (told.status_code, words in told.text) == (409, True), words
        assert form["text"].splitlines()[0] in told.text
    await made(visitor, FIRST)
    taken = await visitor.send("/flows/new", {"name": "natal", "why": "x", "text": FIRST + "\n"})
    assert "There is a flow of this name already." in taken.text
    kept = await visitor.send("/flows/new", {"open": "1", "of": "recado", "text": "# from the editor"})
    assert "# from the editor" in kept.text


async def test_any_version_can_be_called_and_drawn(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    await made(visitor, FIRST, saying(NEW))
    await publish(visitor, 2)
    old, new = [(await visitor.get(f"{OWN}?v={n}&lang=pt-BR")).text for n in (1, 2)]
    assert (SAID[:20] in old, NEW[:20] in new) == (True, True)
    assert "v=1#node" in old
    (revision,) = re.findall(r'name="revision" value="(\w+)"', old)
    form: dict[str, object] = {"person": "one", "lang": "pt-BR", "role": "person"}
    played = await visitor.send(f"{OWN}/call", form | {"revision": revision})
    phone = (await visitor.get(played.headers["location"])).text
    assert SAID in phone
    assert here(phone) == "choice"
    assert NEW in (await visitor.get((await visitor.send(f"{OWN}/call", form)).headers["location"])).text
    edited = await visitor.send(
        f"{OWN}/call",
        form | {"text": saying("Por enquanto é isto.")},
    )
    assert "Por enquanto é isto." in (await visitor.get(edited.headers["location"])).text
    phone = (await visitor.get(edited.headers["location"])).text
    kept = await visitor.get(f"/flows/calls/{call_in(phone)}/transcript.yaml")
    assert 'filename="own-natal-call.yaml"' in kept.headers["content-disposition"]


async def test_the_proof_of_a_published_version_is_for_its_places(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    await made(visitor, FIRST, saying(NEW))
    await publish(visitor, 2, "BR")
    assert "for BR:" in (await visitor.get(f"{OWN}/proof")).text
    assert "for BR, CA, FR, GB, US:" in (await visitor.get(f"{OWN}/proof?v=1")).text


async def test_two_versions_are_compared_in_the_viewers_words_and_line_by_line(
    op: Operation,
    app: FastAPI,
) -> None:
    visitor = await browser(op, app, language="pt-BR")
    await made(visitor, FIRST, saying(NEW).replace("tries: 2", "tries: 1").replace("to: wrong_who", "to: agent"))
    text = (await visitor.get(f"{OWN}/diff")).text
    assert "O que é dito em pt-BR" in text
    assert "<ins>Temos um recado para</ins>" in text
    assert "choice: número de tentativas era 2 e agora é 1." in text
    assert "choice: 3 leva a agent, não mais a wrong who." in text
    assert re.search(r'class="line gone">\s+tries: 2', text)
    same = (await visitor.get(f"{OWN}/diff?a=2&b=2")).text
    assert "Quem atende não percebe nada" in same


async def test_who_only_looks_changes_nothing_and_another_company_finds_nothing(
    op: Operation,
    app: FastAPI,
) -> None:
    await made(await browser(op, app), FIRST)
    looks = await browser(op, app, "supervisor")
    page = (await looks.get(f"{OWN}/versions")).text
    assert "a flow for December" in page
    assert "Prove and publish" not in page
    assert "/save" not in (await looks.get(f"{OWN}/text")).text
    await looks.send(
        f"{OWN}/text",
        {"text": "typed by who may not change"},
    )
    for path in ("save", "publish", "drop"):
        assert (await looks.send(f"{OWN}/{path}", {"number": "1", "places": "BR"})).status_code == 403
    stranger = await browser(op, app, "administrator", company="other")
    for path in ("", "/text", "/versions", "/diff", "/proof", "/nodes/greeting", "?v=1"):
        assert (await stranger.get(f"{OWN}{path}")).status_code == 404, path
    for path in ("save", "publish", "drop", "call"):
        assert (await stranger.send(f"{OWN}/{path}", {"number": "1", "places": "BR"})).status_code == 404, path
    assert "natal" not in (await stranger.get("/flows")).text
    async with op.database.read() as session:
        assert await flow_versions.draft(session, looks.user_id, NAME) is None


async def test_a_text_may_be_as_long_as_on_the_command_line(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    await made(visitor, FIRST, FIRST + "# " + "x" * 150_000)
    refused = await visitor.send(f"{OWN}/save", {"text": FIRST + "#" * LONGEST_BYTES, "why": "longer", "base": "2"})
    assert refused.status_code == 409
    assert f"longer than {LONGEST_BYTES} bytes" in refused.text


async def test_a_fragment_of_the_page_checks_the_text_and_keeps_it(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    await made(visitor, FIRST)
    broken = FIRST.replace("next: choice", "next: nowhere")
    headers = {**HTMX, "x-toque-token": token_of(visitor.cookie), "sec-fetch-site": "same-origin"}
    checked = await visitor.client.post(f"{OWN}/text", data={"text": broken, "base": "1"}, headers=headers)
    assert "nowhere" in checked.text
    assert "<html" not in checked.text
    assert "nowhere" in (await visitor.get(f"{OWN}/text")).text


async def test_a_version_whose_text_is_lost_hides_no_other(op: Operation, app: FastAPI) -> None:
    visitor = await browser(op, app)
    await made(visitor, FIRST, saying(NEW))
    await publish(visitor, 2)
    newest = (await versions(op))[0].revision
    async with op.database.write() as session:
        await session.execute(update(FlowText).where(FlowText.revision == newest).values(text=FIRST))
    op.flows._read.clear()
    assert "it was changed in the database" in (await visitor.get("/flows")).text
    assert "Go back to it" in (await visitor.get(f"{OWN}/versions")).text
    assert (await visitor.get(f"{OWN}?v=2")).status_code == 404
    assert await publish(visitor, 1) == f"{OWN}/versions"
    assert SAID in (await visitor.get(f"{OWN}/text")).text


def test_the_blank_flow_is_proven_as_it_stands() -> None:
    flow = read_text("own/blank", BLANK.read_text(encoding="utf-8"))
    assert not check(flow)
    assert proof_of(flow, load_packs()).proven


@pytest.mark.parametrize("language", ["pt-BR", "fr-FR"])
def test_every_sentence_of_a_difference_is_translated(language: str) -> None:
    known = of_pages(language)
    groups = ("Where it leads", "Parts", "Everything else", "What is said in {language}", "Every question")
    words = [*SENTENCES.values(), *SETTINGS.values(), *groups, "nothing", "the same question"]
    assert not [one for one in words if one not in known]
