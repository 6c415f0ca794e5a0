"""Booked breaks in the console: who books them, how those of today stand, and what the agent's desk says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from console import pages
from console.agents import agent_routes
from console.breaks import break_routes
from console.snapshot import Desk, look
from console.wording import LANGUAGES, words_for
from dialer import staffing
from dialer.operation import Operation
from dialer.resting import booking
from dialer.resting.booking import Wish
from dialer.rules import breaks
from dialer.store.campaigns import tenant
from dialer.store.models import BookedBreak, Interaction
from tests.console.visitors import app_of, browser
from tests.dialer.records import NOON, add, agent_of, campaign_of

PLACES = (agent_routes, break_routes)
ZONE = "America/Sao_Paulo"  # NOON is twelve there, on a Monday
EVERY_DAY = frozenset(breaks.WEEK)
STANDS = {"leg_sid": "CA-rita", "leg_joined_at": NOON}


@dataclass(frozen=True, slots=True)
class At:
    """A clock that says so many minutes past noon."""

    minutes: float

    def now(self) -> datetime:
        return NOON + timedelta(minutes=self.minutes)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


async def booked(op: Operation, *at: tuple[time, int, str]) -> None:
    wishes = [Wish(EVERY_DAY, starts, minutes, reason, ZONE) for starts, minutes, reason in at]
    await booking.book(op, ["Rita"], wishes)


@pytest.fixture
async def rita(op: Operation) -> int:
    (made,) = await add(
        op.database, agent_of(await campaign_of(op.database, 0), name="Rita", skills=["loans"], **STANDS)
    )
    return made


async def test_a_supervisor_books_the_usual_breaks_for_a_skill_and_cancels_one(
    op: Operation, app: FastAPI, rita: int
) -> None:
    await add(op.database, agent_of(await campaign_of(op.database, 0), name="Otto", skills=["cards"]))
    supervisor, auditor = await browser(op, app, "supervisor"), await browser(op, app, "auditor")
    usual = {"set": "br-teleatendimento-6h", "who": "skill:loans", "day": ["1", "3"], "starts": "08:00", "zone": ZONE}
    assert (await auditor.send("/agents/breaks", usual)).status_code == 403
    assert (await supervisor.client.post("/agents/breaks", data=usual)).status_code == 403, "no token, no booking"
    assert (await supervisor.send("/agents/breaks", usual)).status_code == 303
    async with op.database.read() as session:
        rows = (await session.scalars(select(BookedBreak).order_by(BookedBreak.id))).all()
    assert [(one.agent_id, one.starts, one.minutes, one.reason, one.weekdays) for one in rows] == [
        (rita, "09:30", 10, "break", [1, 3]),
        (rita, "11:00", 20, "meal", [1, 3]),
        (rita, "12:30", 10, "break", [1, 3]),
    ]
    seen = (await auditor.get("/agents/breaks")).text
    assert "3 breaks are booked." in seen
    assert "Mon, Wed" in seen
    assert "/cancel" not in seen
    assert (await supervisor.send(f"/agents/breaks/{rows[0].id}/cancel")).status_code == 303
    assert "2 breaks are booked." in (await supervisor.get("/agents/breaks")).text
    async with op.database.read() as session:
        noted = (await session.execute(select(Interaction.kind, Interaction.actor))).all()
    by = f"user {supervisor.user_id}"
    assert noted == [*[("break_booked", by)] * 3, ("break_cancelled", by)]


async def test_what_cannot_be_booked_comes_back_as_it_was_typed_with_the_reason(
    op: Operation, app: FastAPI, rita: int
) -> None:
    await booked(op, (time(15, 0), 20, "meal"))
    manager = await browser(op, app, "manager", language="pt-BR")
    typed = {
        "who": f"agent:{rita}",
        "day": ["2"],
        "starts": "15:10",
        "minutes": "25",
        "reason": "training",
        "zone": ZONE,
    }
    refused = await manager.send("/agents/breaks", typed)
    assert refused.status_code == 409
    assert "já tem uma pausa às 15:00" in refused.text
    for kept in (
        'value="15:10"',
        'value="25"',
        '<option value="training" selected',
        f'<option value="agent:{rita}" selected',
    ):
        assert kept in refused.text
    for wrong in (
        {"minutes": "x"},
        {"zone": "Mars"},
        {"starts": "9"},
        {"who": "agent:99"},
        {"day": []},
        {"set": "none"},
    ):
        assert (await manager.send("/agents/breaks", typed | wrong)).status_code == 409
    assert (await manager.send("/agents/breaks", typed | {"starts": "15:20"})).status_code == 303


async def test_nobody_sees_or_cancels_the_breaks_of_another_company(op: Operation, app: FastAPI, rita: int) -> None:
    await booked(op, (time(15, 0), 20, "meal"))
    stranger = await browser(op, app, "manager", company="other")
    assert "Rita" not in (await stranger.get("/agents/breaks")).text
    assert (await stranger.send("/agents/breaks/1/cancel")).status_code == 404
    typed = {"who": f"agent:{rita}", "day": ["2"], "starts": "9:00", "minutes": "5", "reason": "break", "zone": ZONE}
    assert (await stranger.send("/agents/breaks", typed)).status_code == 409


async def test_the_page_of_agents_says_how_the_breaks_of_today_stand(op: Operation, app: FastAPI, rita: int) -> None:
    await booked(op, (time(12, 10), 10, "break"), (time(13, 0), 20, "meal"), (time(17, 0), 10, "break"))
    for minutes, act in ((17, staffing.settle), (25, None), (61, staffing.settle)):
        later = replace(op, clock=At(minutes))
        if act:
            await act(later)
        else:
            await staffing.ready(later, "Rita")
    now = replace(op, clock=At(100), settings=op.settings.model_copy(update={"time_zone": ZONE}))
    manager = await browser(now, app_of(now, *PLACES), "manager")
    seen = " ".join((await manager.get("/agents/table")).text.split())
    assert "taken late (12:17)" in seen
    assert "should be back (13:21)" in seen
    assert "should be back for 19:00" in seen
    assert '17:00</span> short break <span class="muted">booked' in seen


async def desk_at(op: Operation, minutes: float) -> Desk:
    later = replace(op, clock=At(minutes))
    async with later.database.read() as session:
        return await look(session, later, (await tenant(session)).id, "Rita")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_desk_says_when_the_next_break_is_and_that_it_has_come(
    op: Operation, rita: int, language: str
) -> None:
    await booked(op, (time(12, 10), 10, "break"))
    words = words_for(language)
    before = await desk_at(op, 4)
    assert before.ages["rest"] == 360
    html = pages.fragment(before, words, ZONE)
    assert words("rest_next") in html
    assert "12:10" in html
    assert words("rest_due") in pages.fragment(await desk_at(op, 11), words, ZONE)


async def test_a_booking_is_news_for_an_idle_desk_by_the_question_that_it_asks_anyway(
    op: Operation, rita: int
) -> None:
    before = (await desk_at(op, 0)).mark
    await booked(op, (time(12, 10), 10, "break"))
    assert (await desk_at(op, 0)).mark != before
