"""What the agent sees, and when."""

from __future__ import annotations

import json

import orjson
import pytest
from sqlalchemy import select

from console import live, snapshot
from console.pages import fragment
from console.wording import LANGUAGES, amount, words_for
from dialer.fanout import LocalFanout
from dialer.store.models import Agent, Attempt, Packet, Person, Supervision, User
from tests.console.office import Office

OURS = {"X-Toque-Desk": "1"}


async def status_of(desk: Office) -> str:
    async with desk.op.database.read() as session:
        return (await session.get_one(Agent, desk.ids["agent"])).status


async def signed_in(desk: Office) -> dict[str, str]:
    return {"Authorization": f"Bearer {await desk.token('agent')}", "Accept-Language": "pt-BR"}


def data(chunk: bytes) -> dict[str, object]:
    found: dict[str, object] = orjson.loads(chunk.split(b"data: ", 1)[1])
    return found


async def test_the_desk_is_empty_without_a_caller(desk: Office) -> None:
    page = (await (await desk.client("agent")).get("/desk", headers={"Accept-Language": "en"})).text
    assert "No caller" in page
    assert "appear here before the voice" in page


async def test_the_card_shows_who_what_and_what_was_heard_and_pressed(desk: Office) -> None:
    await desk.ask_for_agent()
    page = (await (await desk.client("agent")).get("/desk", headers={"Accept-Language": "en"})).text
    for words in ("Marina Prado", "Campinas", "Aurora Energia", "20 days late", "Identity checked by keypad"):
        assert words in page
    assert "R$\xa01.284,90" in page  # the debtor's own way of writing it
    assert "November 3, 2026" in page  # the viewer's
    assert "<kbd>•••</kbd>" in page
    assert "<kbd>0</kbd>" in page  # the key that asked for the agent, pressed in the turn that wrote the packet
    assert "tecle 0" in page
    assert "+5511" not in page


async def test_the_card_of_somebody_who_called_us_says_so_and_that_nobody_knows_who_it_is(desk: Office) -> None:
    async with desk.op.database.write() as session:
        (await session.get_one(Attempt, desk.ids["attempt"])).direction = "in"
        (await session.get_one(Person, desk.ids["person"])).name = ""
    await desk.ask_for_agent()
    page = (await (await desk.client("agent")).get("/desk", headers={"Accept-Language": "en"})).text
    assert "<h1>Unknown caller</h1>" in page
    assert "Has called us, from +55 11 ••••" in page


async def test_what_people_are_called_is_text_and_never_markup(desk: Office) -> None:
    async with desk.op.database.write() as session:
        person = await session.get_one(Person, desk.ids["person"])
        person.name = "<script>alert(1)</script>"
    await desk.ask_for_agent()
    page = (await (await desk.client("agent")).get("/desk")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


async def test_the_first_event_is_the_whole_state_and_the_next_a_beat(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.01)
    await desk.ask_for_agent()
    chunks = await desk.events("/desk/events", await signed_in(desk), count=3)
    assert chunks[0] == b"200"
    assert chunks[1] == b"retry: 1000\n\n"
    assert chunks[2].startswith(b"id: 1.")
    assert b"event: snapshot" in chunks[2]
    first = data(chunks[2])
    assert first["packet"] == 1
    assert first["shown"] is False
    assert "Marina Prado" in str(first["html"])
    assert b"event: beat" in chunks[3]
    assert "html" not in data(chunks[3])


async def test_news_of_the_desk_is_shown_at_once(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 60)
    stream = live.stream(desk.op.fanout, lambda _: _look(desk), lambda seen: fragment(seen, words_for("en")))
    assert await anext(stream) == b"retry: 1000\n\n"
    assert "No caller" in str(data(await anext(stream))["html"])
    await desk.ask_for_agent()
    following = anext(stream)
    await desk.op.fanout.publish(live.topic("leg-1"), {"card": 1})
    assert "Marina Prado" in str(data(await following)["html"])
    await stream.aclose()


async def test_a_new_line_of_the_agent_is_followed_to_its_new_topic(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.01)
    fanout = desk.op.fanout
    assert isinstance(fanout, LocalFanout)
    stream = live.stream(fanout, lambda _: _look(desk), lambda seen: fragment(seen, words_for("en")))
    await anext(stream)
    await anext(stream)
    async with desk.op.database.write() as session:
        (await session.get_one(Agent, desk.ids["agent"])).leg_token = "leg-new"
    monkeypatch.setattr(live, "BEAT_SECONDS", 60)
    following = anext(stream)
    await fanout.publish(live.topic("leg-1"), {})
    await following
    await desk.ask_for_agent()
    after = anext(stream)
    await fanout.publish(live.topic("leg-new"), {})
    assert "Marina Prado" in str(data(await after)["html"])
    await stream.aclose()


async def test_a_desk_is_found_unchanged_only_by_the_same_scope_and_while_nobody_listens(desk: Office) -> None:
    await desk.ask_for_agent()

    async def again(scope: tuple[str, ...] | None = None) -> bool:
        async with desk.op.database.read() as session:
            return await snapshot.look_again(session, desk.op, agent.tenant_id, seen, scope) is not None

    async with desk.op.database.read() as session:
        agent = await session.get_one(Agent, desk.ids["agent"])
        seen = await snapshot.look(session, desk.op, agent.tenant_id, agent.name)
    assert await again()
    assert not await again(("another creditor",)), "what one may see is not what the other may"
    assert seen.card is not None
    async with desk.op.database.write() as session:
        user = User(tenant_id=agent.tenant_id, email="s@toque.example", name="Sol", role="supervisor", password="",
                    language="en-US", created_at=desk.clock.now())  # fmt: skip
        session.add(user)
        await session.flush()
        session.add(
            Supervision(
                tenant_id=agent.tenant_id, user_id=user.id, agent_id=agent.id, attempt_id=seen.card.attempt_id,
                room=agent.leg_token, coached="CA1", via="client:sol", mode="listen", wanted="listen",
                status="joined", token="line", asked_at=desk.clock.now(), heard_at=desk.clock.now(),
            )
        )  # fmt: skip
    assert not await again(), "somebody listens now"


async def test_the_stream_ends_with_the_right_to_look(desk: Office) -> None:
    async def nothing(_: object) -> None:
        return None

    chunks = [
        chunk async for chunk in live.stream(desk.op.fanout, nothing, lambda seen: fragment(seen, words_for("en")))
    ]
    assert b"event: closed" in chunks[-1]


async def test_the_screen_acknowledges_the_packet_once(desk: Office) -> None:
    await desk.ask_for_agent()
    client = await desk.client("agent")
    first = desk.clock.now()
    assert (await client.post("/desk/packets/1/shown", headers=OURS)).status_code == 204
    await desk.clock.sleep(5)
    await client.post("/desk/packets/1/shown", headers=OURS)
    async with desk.op.database.read() as session:
        assert await session.scalar(select(Packet.shown_at)) == first
    assert (await client.post("/desk/packets/9/shown", headers=OURS)).status_code == 404


async def test_a_watching_managers_screen_never_says_that_the_agent_has_the_card(desk: Office) -> None:
    await desk.ask_for_agent()
    manager = await desk.client("manager")
    refused = await manager.post("/desk/packets/1/shown?agent=Bia%20Nunes", headers=OURS)
    assert refused.status_code == 403
    known = {"Authorization": manager.headers["authorization"]}
    events = await desk.events("/desk/events?agent=Bia%20Nunes", known, count=2)
    assert data(events[-1])["shown"] is True, "it is not asked, either"
    async with desk.op.database.read() as session:
        assert await session.scalar(select(Packet.shown_at)) is None


async def test_pause_ready_and_done_from_the_desk(desk: Office) -> None:
    client = await desk.client("agent")
    await client.post("/desk/pause", headers=OURS)
    assert await status_of(desk) == "paused"
    await client.post("/desk/ready", headers=OURS)
    assert await status_of(desk) == "ready"
    refused = await client.post("/desk/done", headers=OURS | {"accept-language": "pt-BR"})
    assert (refused.status_code, "está assim: disponível" in refused.json()["detail"]) == (409, True)
    await desk.ask_for_agent()
    await desk.join()
    await desk.leave()
    assert await status_of(desk) == "wrapup"
    assert "Marina Prado" in (await client.get("/desk")).text
    assert (await client.post("/desk/done", headers=OURS)).status_code == 204
    assert await status_of(desk) == "ready"
    assert (await client.post("/desk/dance", headers=OURS)).status_code == 404


async def test_a_missed_caller_leaves_the_screen(desk: Office) -> None:
    from dialer import staffing

    await desk.ask_for_agent()
    await desk.clock.sleep(30)
    await staffing.settle(desk.op)
    page = (await (await desk.client("agent")).get("/desk", headers={"Accept-Language": "en"})).text
    assert "Marina Prado" not in page
    assert "a call came and was not taken" in page
    assert "1 person waits." in page


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "pt-BR"),
        ("pt-PT,pt;q=0.9", "pt-BR"),
        ("en-GB", "en-US"),
        ("fr-CA;q=0.4, en;q=0.8", "en-US"),
        ("de, fr;q=0.5", "fr-FR"),
        ("ja", "pt-BR"),
        (";;q=x,,*;q=a", "pt-BR"),
    ],
)
def test_the_language_follows_the_browser(header: str, language: str) -> None:
    assert words_for(header).language == language


def test_every_language_says_everything_with_the_same_places() -> None:
    def shape(texts: object) -> object:
        if isinstance(texts, dict):
            return {str(key): shape(value) for key, value in texts.items()}
        return sorted(part.split("}")[0] for part in str(texts).split("{")[1:])

    shapes = [json.dumps(shape(words_for(language).texts), sort_keys=True) for language in LANGUAGES]
    assert len(set(shapes)) == 1


def test_amounts_read_as_the_debtor_writes_them() -> None:
    assert amount(128490, "BRL", "pt-BR") == "R$\xa01.284,90"
    assert amount(128490, "USD", "en-US") == "$1,284.90"
    assert amount(128490, "EUR", "fr-FR") == "1\u202f284,90\xa0€"
    assert amount(1200, "JPY", "en-US") == "¥1,200"


async def _look(desk: Office) -> object:
    from console.snapshot import look

    async with desk.op.database.read() as session:
        agent = await session.get_one(Agent, desk.ids["agent"])
        return await look(session, desk.op, agent.tenant_id, agent.name)
