"""The processes: web, worker, local carrier. On SQLite, `serve` is web and worker in one."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import structlog
import uvicorn
from starlette.types import ASGIApp

from audio.prompts import PromptStore
from audio.speech import chain
from dialer.errors import NotConfigured
from dialer.settings import Settings
from dialer.worker import Worker
from toque.app import build_app
from toque.composition import operation
from toque.logging import set_up_logging

log = structlog.get_logger("toque.serving")


async def serve(settings: Settings, host: str, port: int) -> None:
    """The web process; on SQLite the worker runs inside it, because a second process would need Redis."""
    set_up_logging()
    if not settings.embedded:
        _needs_redis(settings)
    async with operation(settings) as op:
        app = build_app(op, prompt_store(settings))
        worker = Worker(op, beat=beat_of(settings)) if settings.embedded else None
        if not settings.can_dial:
            log.warning("not_dialling", todo="set TOQUE_TWILIO_ACCOUNT_SID and TOQUE_TWILIO_AUTH_TOKEN")
        running = asyncio.create_task(worker.run()) if worker else None
        try:
            await run_http(app, host, port)
        finally:
            if worker and running:
                await worker.stop()
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def work(settings: Settings) -> None:
    """A dial worker of its own, beside any number of others and of web processes."""
    set_up_logging()
    if settings.embedded:
        raise NotConfigured(
            "A worker of its own needs PostgreSQL and Redis (TOQUE_DATABASE_URL, TOQUE_REDIS_URL);"
            " on SQLite the worker runs inside: toque serve"
        )
    _needs_redis(settings)
    async with operation(settings) as op:
        worker = Worker(op, beat=beat_of(settings))
        running = asyncio.create_task(worker.run())
        await until_told_to_stop()
        await worker.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def carrier(
    host: str, port: int, people: Path | None, calls_per_second: float, account_sid: str, auth_token: str
) -> None:
    """The local carrier by itself, for anybody who develops against Twilio.

    Its people live in the time of TOQUE_CLOCK_SPEED and TOQUE_CLOCK_START, which is ours when the epoch is shared.
    """
    from local_carrier.api import create_carrier
    from local_carrier.config import CarrierConfig
    from local_carrier.lines.people import People, load_people

    config = CarrierConfig(account_sid=account_sid, auth_token=auth_token, calls_per_second=calls_per_second)
    who = load_people(people) if people else People()
    await run_http(create_carrier(config, clock=Settings().clock(), people=who), host, port)


async def run_http(app: ASGIApp, host: str, port: int) -> None:
    """Serve until told to stop (SIGINT, SIGTERM)."""
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=10
    )
    await uvicorn.Server(config).serve()


async def until_told_to_stop() -> None:
    """Wait for SIGINT or SIGTERM."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(name, stopping.set)
    await stopping.wait()


def prompt_store(settings: Settings) -> PromptStore:
    """The prompts of this installation, made by the engines of the settings."""
    return PromptStore(
        settings.home, chain(settings.speech_engines, home=settings.home), secret=settings.keys()[1].encode()
    )


def _needs_redis(settings: Settings) -> None:
    if not settings.redis_url:
        raise NotConfigured(
            "Set TOQUE_REDIS_URL: several processes share calls per second and live news through Redis"
        )


def beat_of(settings: Settings) -> float:
    """Business seconds between two beats: one, and never more than about ten beats a real second."""
    return max(1.0, settings.clock_speed / 10)
