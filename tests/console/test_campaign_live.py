"""A campaign live: what the screen says, who may read what, and that a change is there within a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from console.campaign_live import feed, routes
from console.campaign_live.band import HEIGHT, pieces, shares
from console.campaign_live.drawing import draw
from console.campaign_live.feed import Feeds
from console.campaign_live.routes import Watching, live_routes
from console.catalogues import texts_for
from console.guard import Visitor
from dialer.operation import Operation
from dialer.results import watching
from dialer.results.watching import STATES, Before, Live, state_of
from dialer.speaking import Answer, dump_answer
from dialer.store import turns
from dialer.store.live_calls import InFlight
from dialer.store.models import Agent, Attempt, Campaign
from ivr_flows.turn import Keys, Part, Speech
from tests.console.visitors import browser
from tests.dialer.records import NOON, Rows, agent_of, attempt_of, campaign_of, reservation_of

PLACES = (live_routes,)

SLOW_MACHINE = 2.0  # seconds: one look takes some hundredths, but tests share their processors
OWED = "Há uma fatura de R$ 128,40."


@pytest.fixture
async def rows(op: Operation) -> Rows:
    """Five calls: one about the debt, one with an agent, one rings, one was answered, one failed."""
    rows = await campaign_of(op.database, 5)
    lately = NOON - timedelta(seconds=40)
    live = {"status": "live", "answered_at": lately, "turn": 2}
    async with op.database.write() as session:
        agent = agent_of(rows, name="Bia Nunes", status="in_call")
        asked, talks = attempt_of(rows, 0, waits="keys", **live), attempt_of(rows, 1, waits="transfer", **live)
        over = {"status": "ended", "ended_at": lately, "closed_at": lately}
        rings = attempt_of(rows, 2, status="ringing")
        done = attempt_of(rows, 3, carrier_status="completed", answered_at=lately, key_pressed=True, **over)
        failed = attempt_of(rows, 4, carrier_status="failed", error="13224", sip_code=404, **over)
        session.add_all([agent, asked, talks, rings, done, failed])
        await session.flush()
        session.add(reservation_of(rows, talks.id, agent.id, "connected"))
        said = Answer((Speech("pt-BR", (Part(OWED),), "debt"),), Keys(), 3)
        sealed = op.database.keyring.seal(dump_answer(said))
        await turns.add(session, asked.id, 2, at=lately, event={"type": "Answered"}, answer=sealed, path=[])
    return rows


def viewer(rows: Rows, role: str = "manager") -> Visitor:
    return Visitor(1, rows.tenant, "Ana", role, None, None, "token", texts_for("en-US", "", "UTC"))


async def look_at(session: AsyncSession, op: Operation, campaign: Campaign, before: Before) -> Live:
    told = await watching.figures(session, op, campaign, before), await watching.verdict(session, op, campaign)
    return await watching.live(session, op, campaign, told, before)


async def may() -> bool:
    return True


async def may_not() -> bool:
    return False


def parts(event: bytes) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(event.split(b"data: ", 1)[1])["parts"]
    return found


async def state_after(stream: AsyncIterator[bytes]) -> dict[str, str]:
    """The next event that tells of a change."""
    while b"event: state" not in (event := await anext(stream)):
        pass
    return parts(event)


async def test_the_page_tells_the_funnel_the_calls_and_what_went_wrong(
    op: Operation, app: FastAPI, rows: Rows
) -> None:
    page = (await (await browser(op, app)).get(f"/campaigns/{rows.campaign}/live")).text
    assert "&lt;" not in page, "its parts are markup from the first paint on, before any news has come"
    for words in ("3 calls under way", "Talks with an agent", "Bia Nunes", "May press a key", "Ringing", OWED):
        assert words in page
    assert "60.0% of the calls" in page, "three of five dialled were answered"
    assert "the number may not exist" in page
    assert "SIP 404" in page
    assert "+55119800" not in page, "numbers are masked"
    assert page.index("Talks with an agent") < page.index("May press a key") < page.index("Ringing")


async def test_words_about_a_debt_are_not_for_every_role(op: Operation, app: FastAPI, rows: Rows) -> None:
    page = (await (await browser(op, app, "auditor")).get(f"/campaigns/{rows.campaign}/live")).text
    assert OWED not in page
    assert "not shown to your role" in page


async def test_nobody_of_another_company_or_creditor_sees_it(op: Operation, app: FastAPI, rows: Rows) -> None:
    strangers = [await browser(op, app, company="other"), await browser(op, app, creditors=["banco"])]
    for stranger in strangers:
        for path in ("live", "live/events"):
            assert (await stranger.get(f"/campaigns/{rows.campaign}/{path}")).status_code == 404
    assert (await (await browser(op, app, "agent")).get(f"/campaigns/{rows.campaign}/live")).status_code == 403
    mine = await browser(op, app, creditors=["loja"])
    assert (await mine.get(f"/campaigns/{rows.campaign}/live")).status_code == 200


async def test_a_change_is_there_within_a_second_and_after_a_reconnect(op: Operation, rows: Rows) -> None:
    feeds, watch = Feeds(op), Watching(op, viewer(rows), may)
    stream = watch.events(feeds, rows.campaign)
    assert await anext(stream) == b"retry: 1000\n\n"
    first = await state_after(stream)
    assert set(first) >= {"funnel", "calls", "lines", "agents", "drops", "waiting", "troubles", "sentence"}
    assert "Ringing" in first["calls"]
    began = time.monotonic()
    await _set_ringing(op, "live")
    assert "Ringing" not in (await state_after(stream))["calls"], "every event is the whole state"
    assert time.monotonic() - began < feed.LOOK_EVERY + SLOW_MACHINE
    await stream.aclose()
    await _set_ringing(op, "unknown")
    again = watch.events(feeds, rows.campaign)
    await anext(again)
    assert "No news of it yet" in (await state_after(again))["calls"], "what happened meanwhile is not lost"
    await again.aclose()


async def test_news_of_a_call_is_looked_at_at_once(
    op: Operation, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert feed.LOOK_EVERY + feed.LOOKS_APART < 1.0, "never more than a second behind"
    monkeypatch.setattr(feed, "LOOK_EVERY", 60.0)
    stream = Watching(op, viewer(rows), may).events(Feeds(op), rows.campaign)
    await anext(stream)
    await state_after(stream)
    await _set_ringing(op, "live")
    await op.fanout.publish(f"campaign:{rows.campaign}", {"attempt": 3})
    async with asyncio.timeout(20):
        assert "Ringing" not in (await state_after(stream))["calls"]
    await stream.aclose()


async def test_all_who_watch_share_one_look_and_it_ends_with_the_last(
    op: Operation, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    look = watching.live

    async def counted(*args: object) -> object:
        nonlocal looks
        looks += 1
        return await look(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(watching, "live", counted)
    feeds = Feeds(op)
    async with feeds.watch(rows.campaign) as watched:
        others = [Watching(op, viewer(rows), may).events(feeds, rows.campaign) for _ in range(20)]
        for other in others:
            await anext(other)
            await state_after(other)
        assert looks == 1
        for other in others:
            await other.aclose()
        looking = watched.looking
        assert looking is not None
        assert not looking.done()
    assert looking.done()


async def test_who_may_not_look_any_more_is_told_so_and_sees_nothing_further(
    op: Operation, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MAY_LOOK_EVERY", 0.0)
    stream = Watching(op, viewer(rows), may_not).events(Feeds(op), rows.campaign)
    assert [event async for event in stream][1:] == [b"event: closed\ndata: {}\n\n"]


@pytest.mark.parametrize("fault", [OSError("the database is away"), RuntimeError("the database is no database")])
async def test_a_look_that_fails_ends_the_stream_and_the_next_one_begins_anew(
    fault: Exception, op: Operation, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is away is told to whoever watches; a fault of ours is raised."""

    async def broken(*_: object) -> object:
        raise fault

    feeds = Feeds(op)
    with monkeypatch.context() as patch:
        patch.setattr(watching, "live", broken)
        stream = Watching(op, viewer(rows), may).events(feeds, rows.campaign)
        await anext(stream)
        if isinstance(fault, OSError):
            told = await anext(stream)
            assert told.startswith(b"event: away\n")
            assert b"The database does not answer. Nothing is dialled until it does" in told
            assert [event async for event in stream] == []
        else:
            with pytest.raises(RuntimeError, match="no database"):
                await anext(stream)
    again = Watching(op, viewer(rows), may).events(feeds, rows.campaign)
    await anext(again)
    assert "Ringing" in (await state_after(again))["calls"]
    await again.aclose()


async def test_a_first_look_that_takes_longer_than_a_beat_is_waited_for(
    op: Operation, app: FastAPI, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "BEAT_SECONDS", 0.001)
    look = watching.live

    async def slow(*about: Any) -> Live:
        await asyncio.sleep(0.05)
        return await look(*about)

    monkeypatch.setattr(watching, "live", slow)
    page = await (await browser(op, app)).get(f"/campaigns/{rows.campaign}/live")
    assert page.status_code == 200
    stream = Watching(op, viewer(rows), may).events(Feeds(op), rows.campaign)
    assert "Ringing" in (await state_after(stream))["calls"]
    await stream.aclose()


async def test_of_many_calls_a_hundred_are_listed_and_all_are_counted(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        session.add_all([attempt_of(rows, 0, direction="in", status="live", answered_at=NOON) for _ in range(120)])
    async with op.database.read() as session:
        campaign, before = await session.get_one(Campaign, rows.campaign), Before()
        live = await look_at(session, op, campaign, before)
    assert (live.lines, len(live.calls)) == (123, 100)
    drawn = draw(viewer(rows), op.packs, live)
    assert drawn["calls"].count("<tr id=") == 100
    assert "The first 100 of 123 calls" in drawn["calls"]


async def test_sums_of_calls_that_are_over_change_no_figure(
    op: Operation, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SETTLED_MARGIN", 0)
    async with op.database.write() as session:
        await session.execute(update(Attempt).where(Attempt.status == "live").values(status="ended", closed_at=NOON))
    async with op.database.read() as session:
        campaign, before = await session.get_one(Campaign, rows.campaign), Before()
        anew = await watching.figures(session, op, campaign, before)
        await watching.settle(session, campaign.id, before)
        assert before.upto > 0
        assert before.settled
        assert (await watching.figures(session, op, campaign, before)).funnel == anew.funnel


async def test_agents_and_lines_are_counted_by_what_they_do(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        session.add_all([agent_of(rows, status="ready"), agent_of(rows, status="ready", skills=["other"])])
        await session.execute(update(Campaign).where(Campaign.id == rows.campaign).values(skill="billing"))
        await session.execute(update(Agent).where(Agent.name == "Bia Nunes").values(skills=["billing"]))
    async with op.database.read() as session:
        campaign, before = await session.get_one(Campaign, rows.campaign), Before()
        live = await look_at(session, op, campaign, before)
    assert live.verdict.standing.agents == {"in_call": 1, "ready": 1}, "who lacks the skill is not counted"
    assert (live.lines, live.talking, live.all_lines) == (3, 2, 3)
    assert live.cps == 0.5, "five were begun within the last ten seconds"


@pytest.mark.parametrize(
    ("status", "waits", "wish", "cancel", "state"),
    [
        ("placed", "answer", None, None, "placing"),
        ("ringing", "answer", None, None, "ringing"),
        ("unknown", "answer", None, None, "unknown"),
        ("live", "answer", None, None, "speaking"),
        ("live", "secret", None, None, "checking"),
        ("live", "transfer", "waiting", None, "queueing"),
        ("live", "transfer", "reserved", None, "agent_coming"),
        ("live", "transfer", "connected", None, "agent"),
        ("live", "end", None, None, "ending"),
        ("live", "keys", None, "opted_out", "stopping"),
        ("live", "keys", None, "changed", "keys"),
    ],
)
def test_a_call_has_one_state(status: str, waits: str, wish: str | None, cancel: str | None, state: str) -> None:
    call = InFlight(1, 1, "out", "+5511999990000", status, waits, 0, "none", NOON, None, cancel, wish, None)
    assert state_of(call) == state
    assert state in STATES


def test_the_band_narrows_from_the_first_step_and_never_widens_beyond_it() -> None:
    assert pieces([10, 5, 0])[0] == f"0,0.0 100,{HEIGHT / 4:.1f} 100,{HEIGHT * 3 / 4:.1f} 0,{HEIGHT:.1f}"
    assert shares([10, 5, 0]) == [None, 0.5, 0.0]
    assert shares([0, 0]) == [None, None]
    assert pieces([1, 9]) == pieces([1, 1])


async def _set_ringing(op: Operation, status: str) -> None:
    async with op.database.write() as session:
        of = Attempt.status.in_(("ringing", "live")) & (Attempt.answered_at.is_(None))
        await session.execute(update(Attempt).where(of).values(status=status))
    await asyncio.sleep(0)
