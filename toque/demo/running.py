"""Runs the demo: everything in one process over real HTTP on this machine, in simulated time that is speeded up."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
import sys
import time
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import holidays
import uvicorn
from rich.console import Console
from sqlalchemy import func, select
from starlette.types import ASGIApp

from audio.prompts import PromptStore
from dialer import importing, staffing, users
from dialer.campaigns import campaigning
from dialer.clock import ScaledClock
from dialer.operation import Operation
from dialer.results import reporting
from dialer.rules.plan import Plan
from dialer.settings import Settings
from dialer.store import campaigns, tokens
from dialer.store.models import Agent, Attempt, Contact
from dialer.worker import Worker
from local_carrier.api import create_carrier
from local_carrier.config import CarrierConfig
from local_carrier.exchange import Exchange
from toque.app import build_app
from toque.composition import operation
from toque.demo import people, screen
from toque.prerendering import render_for_list
from toque.serving import prompt_store

ACCOUNT, TOKEN = "AC" + "0" * 31 + "d", "demo-only-token-for-the-local-carrier"
OPENING = 14  # o'clock UTC: late morning in Brazil, early in New York, afternoon in Paris; too early in California
CALLS_PER_SECOND = 3.0
WAIT_FOR_RETRIES = timedelta(minutes=5)  # what is due later than this is left to another day
CAMPAIGN = "demo"
MANAGER = "marina@demo.example"


@dataclass(frozen=True, slots=True)
class Stage:
    """All parts of a running demo."""

    op: Operation
    exchange: Exchange
    worker: Worker
    prompts: PromptStore
    talk: bool


async def run(
    *,
    contacts: int = 60,
    speed: float = 20.0,
    flow: str = "lembrete",
    report: Path | None = None,
    leave: bool = False,
    talk: bool = False,
) -> dict[str, Any]:
    """Play the demo to its end; the campaign's report. Without `leave` the pages stay up until Ctrl-C.

    `talk`: the viewer is the agent. Time runs as it does, everybody asks for a person, and one desk takes the calls.
    """
    speed = 1.0 if talk else speed
    console = Console()
    console.print(
        "[bold]Toque[/] makes a town of invented people, and calls them. No account, nothing leaves this machine."
    )
    home = Settings().home / "demo"
    shutil.rmtree(home / "data", ignore_errors=True)
    web, carrier = _free_port(), _free_port()
    settings = _settings(home, web, carrier, speed)
    clock = settings.clock()
    residents = people.residents(contacts, today=clock.now().date(), talking=talk)
    config = CarrierConfig(
        account_sid=ACCOUNT, auth_token=TOKEN, calls_per_second=CALLS_PER_SECOND * 2, real_time=speed == 1
    )
    carrier_app = create_carrier(config, clock=clock, people=people.phone_book(residents))
    async with operation(settings, clock=clock) as op:
        prompts = prompt_store(settings)
        worker = Worker(op, beat=max(1.0, speed / 5))
        stage = Stage(op, carrier_app.state.exchange, worker, prompts, talk)
        async with _serving(carrier_app, carrier), _serving(build_app(op, prompts), web):
            return await _play(stage, clock, console, residents, flow=flow, report=report, leave=leave)


async def _play(
    stage: Stage,
    clock: ScaledClock,
    console: Console,
    residents: list[people.Resident],
    *,
    flow: str,
    report: Path | None,
    leave: bool,
) -> dict[str, Any]:
    op = stage.op
    await _load(op, residents, console, people.agents(talking=stage.talk))
    await campaigning.create(op, CAMPAIGN, list_name="town", flow=flow, plan=Plan(detect="beep", ratio=3.0))
    with screen.rendering(console) as progress:
        rendered = await render_for_list(op, stage.prompts, flow=flow, list_name="town", progress=progress)
    console.print(f"{rendered.prompts} prompts ready in {op.settings.home / 'audio'}")
    clock.restart()  # the town's day begins when everything is ready
    if leave or not stage.talk:  # else the town waits for the viewer: while its agent is away nobody is called
        await _sign_in_agents(op, people.agents(talking=stage.talk))
    entry = await _console_link(op)
    console.print(f"The console, signed in as its manager (one use): [link]{entry}[/]", soft_wrap=True)
    console.print(f"An agent's desk (one use): [link]{await _desk_link(op)}[/]", soft_wrap=True)
    console.print(f"{screen.TALKING if stage.talk else ''}\n", soft_wrap=True)
    if not leave:
        _open(entry, console)
    beating = asyncio.create_task(stage.worker.run())
    try:
        await campaigning.start(op, CAMPAIGN)
        with screen.live(console, stage.op, stage.exchange, CAMPAIGN) as refresh:
            while not await _over(op):
                await refresh()
                await asyncio.sleep(0.25)
            await refresh()
        made = await reporting.report(op, CAMPAIGN)
        if report is not None:
            _write(report, made)
        screen.closing_words(console, made, op.settings.home / "audio", report)
        if not stage.talk:
            console.print(screen.TALK_YOURSELF, soft_wrap=True)
        if not leave:
            console.print("The pages stay up: Ctrl-C ends the demo.")
            await asyncio.Event().wait()
        return made
    finally:
        await stage.worker.stop()
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def _load(
    op: Operation, residents: list[people.Resident], console: Console, agents: list[dict[str, Any]]
) -> None:
    """The list comes in as a file, as it would from a creditor."""
    town = people.town()
    path = op.settings.home / "data" / "town.csv"
    people.write_list(path, residents)
    creditor = town["creditor"]
    order = importing.Order(path=path, creditor=creditor["key"], creditor_name=creditor["name"], list_name="town")
    loaded = await importing.load(op, order)
    console.print(f"{loaded.rows - loaded.rejected} people loaded from {path}")
    now = op.clock.now()
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        session.add_all(
            Agent(
                tenant_id=tenant.id,
                name=one["name"],
                via=people.line_of(one),
                skills=one["skills"],
                status="offline",
                since=now,
                leg_token=f"demo-{one['name'].lower()}",
            )
            for one in agents
        )


async def _sign_in_agents(op: Operation, agents: list[dict[str, Any]]) -> None:
    for one in agents:
        await staffing.ready(op, one["name"])


async def _console_link(op: Operation) -> str:
    """A manager of the town, whose password nobody knows: the way in is the link."""
    await users.add(op, users.NewUser(MANAGER, "Marina", "administrator", secrets.token_urlsafe(24)))
    return await users.link(op, MANAGER)


def _open(link: str, console: Console) -> None:
    """In a browser, where there is a screen and somebody before it."""
    screen_there = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    if console.is_terminal and screen_there:
        webbrowser.open(link)


async def _desk_link(op: Operation) -> str:
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        name = people.town()["agents"][0]["name"]
        return op.addresses.desk(await tokens.desk_ticket(session, tenant.id, name, datetime.now(UTC)))


async def _over(op: Operation) -> bool:
    """Nobody is on the line and nobody is due within the next minutes."""
    soon = op.clock.now() + WAIT_FOR_RETRIES
    async with op.database.read() as session:
        live = await session.scalar(
            select(func.count()).select_from(Attempt).where(Attempt.status.not_in(("ended", "denied")))
        )
        due = await session.scalar(
            select(func.count())
            .select_from(Contact)
            .where(
                Contact.status.in_(("claimed", "calling")) | ((Contact.status == "waiting") & (Contact.due_at < soon))
            )
        )
    return not live and not due


def _write(report: Path, made: dict[str, Any]) -> None:
    report.write_text(json.dumps(made, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def _settings(home: Path, web: int, carrier: int, speed: float) -> Settings:
    town = people.town()
    (home / "data").mkdir(parents=True, exist_ok=True)
    return Settings(
        home=home,
        database_url=f"sqlite+aiosqlite:///{home / 'data' / 'toque.sqlite3'}",
        redis_url="",
        public_url=f"http://127.0.0.1:{web}",
        twilio_api_root=f"http://127.0.0.1:{carrier}",
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        calls_per_second=CALLS_PER_SECOND,
        caller_ids=(town["caller_id"],),
        caller_name=town["caller_name"],
        official_site=town["official_site"],
        contact_person=town["contact_person"],
        clock_speed=speed,
        clock_start=_opening(date.today()),  # noqa: DTZ011 - the operator's own day
        clock_epoch=time.time(),
    )


def _opening(today: date) -> datetime:
    """The next weekday from today that is no holiday in any of the countries, at a lawful hour."""
    calendars = [holidays.country_holidays(country["country"]) for country in people.town()["countries"]]
    day = today
    while day.weekday() >= 5 or any(day in calendar for calendar in calendars):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, OPENING, tzinfo=UTC)


@asynccontextmanager
async def _serving(app: ASGIApp, port: int) -> AsyncIterator[None]:
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started and not task.done():  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
