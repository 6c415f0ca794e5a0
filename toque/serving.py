"""The processes: web, worker, local carrier. On SQLite, `serve` is web and worker in one."""

from __future__ import annotations

import asyncio
import fcntl
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import uvicorn
from starlette.types import ASGIApp

from audio.prompts import PromptStore
from audio.speech import chain
from dialer.errors import BadInput, NotConfigured, Refused
from dialer.settings import Settings
from dialer.worker import Worker
from toque.app import build_app
from toque.composition import operation
from toque.logging import set_up_logging
from toque.settling import settled

if TYPE_CHECKING:
    from local_carrier.config import CarrierConfig

log = structlog.get_logger("toque.serving")


async def serve(settings: Settings, host: str, port: int) -> None:
    """The web process; on SQLite the worker runs inside it, because a second process would need Redis."""
    set_up_logging()
    if not settings.embedded:
        _needs_redis(settings)
    with _alone(settings):
        await _serve(settings, host, port)


async def _serve(settings: Settings, host: str, port: int) -> None:
    async with operation(settings) as op, settled():
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
    async with operation(settings) as op, settled():
        worker = Worker(op, beat=beat_of(settings))
        running = asyncio.create_task(worker.run())
        await until_told_to_stop()
        await worker.stop()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def carrier(host: str, port: int, people: Path | None, config: CarrierConfig) -> None:
    """The local carrier by itself, for anybody who develops against Twilio.

    Its people live in the time of TOQUE_CLOCK_SPEED and TOQUE_CLOCK_START, which is ours when the epoch is shared.
    """
    from local_carrier.api import create_carrier
    from local_carrier.lines.people import People, load_people
    from local_carrier.lines.persona import PersonaRefused

    try:
        who = load_people(people) if people else People()
    except (PersonaRefused, OSError) as fault:
        raise BadInput(f"--people {people}: {fault}") from None
    await run_http(create_carrier(config, clock=Settings().clock(), people=who), host, port)


async def run_http(app: ASGIApp, host: str, port: int) -> None:
    """Serve until told to stop (SIGINT, SIGTERM), and return. Refused when the address cannot be listened on."""
    listener = _listen(host, port)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    # Served bare: uvicorn's own handling would end the process before the worker has stopped.
    serving = asyncio.create_task(server._serve(sockets=[listener]))
    told = asyncio.create_task(until_told_to_stop())
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    told.cancel()
    await asyncio.gather(told, return_exceptions=True)
    await serving


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as fault:
        listener.close()
        raise Refused(f"Cannot listen on {host}:{port} ({fault.strerror}): choose another --port or --host") from None
    return listener


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """On SQLite one process dials: a second one would double the calls per second. Refused while another runs."""
    if not settings.embedded:
        yield
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"Another toque serve uses {settings.home} already: stop it first, or use PostgreSQL for several"
            ) from None
        yield


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
