"""Real processes of the product on loopback ports: a carrier, web servers behind a balancer, workers.

Each is started, stopped and killed by its own process id; whoever leaves the block finds none of them running.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx

from dialer.clock import ScaledClock
from tests.processes.balancer import Balancer, balanced
from tests.processes.entry import CLOCK_FILE, started
from tests.processes.storm import WEBS, WORKERS

ACCOUNT, TOKEN = "AC" + "5" * 32, "a token for tests"
SECRET_KEY, HASH_KEY = "test secret key", "test hash key"
CALLER_IDS = ("+15005550006", "+15005550007", "+15005550008")
STARTING = 60.0  # seconds, on a machine that does other things as well
STOPPING = 40.0
COMMAND_SECONDS = 90.0


class CommandFailed(Exception):
    """`toque` ended with an error; the words are those that it printed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which circumstances a fleet runs: time, pace, patience (real seconds)."""

    start: datetime
    speed: float
    calls_per_second: float
    http_timeout: float = 2.0
    unknown_grace: float = 3.0


@dataclass(slots=True)
class Fleet:
    """The processes by name, and the environment that they share."""

    home: Path
    environment: dict[str, str]
    ports: dict[str, int]
    people: Path
    terms: Terms
    clock: ScaledClock
    balancer: Balancer
    http: httpx.AsyncClient
    running: dict[str, BaseProcess] = field(default_factory=dict)
    _commands: int = 0

    @property
    def carrier_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['carrier']}"

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['balancer']}"

    async def start(self, name: str) -> None:
        """Start "carrier", a web process or a worker; carrier and web until they answer."""
        environment = self.environment | {CLOCK_FILE: str(self.home / f"{name}.clock")}
        self.running[name] = started(self._arguments(name), environment, self.home, self.home / f"{name}.log")
        if name not in WORKERS:
            await self._until_it_answers(name)
        if name in WEBS:
            self.balancer.enter(self.ports[name])

    async def kill(self, name: str) -> None:
        """SIGKILL: nothing is finished, nothing is given back."""
        process = self.running.pop(name)
        process.kill()
        await asyncio.to_thread(process.join)

    async def stop(self, name: str) -> None:
        """SIGTERM, after the balancer was told; who does not end in time is killed, and that is an error."""
        if name in WEBS:
            self.balancer.leave(self.ports[name])
        process = self.running[name]
        process.terminate()
        await asyncio.to_thread(process.join, STOPPING)
        if process.is_alive():
            raise AssertionError(f"{name} did not end within {STOPPING:.0f} seconds of SIGTERM:\n{self.tail()}")
        del self.running[name]

    def set_clock(self, name: str, seconds: float) -> None:
        """Let the wall clock of one process be off by so much."""
        (self.home / f"{name}.clock").write_text(str(seconds))

    async def command(self, *arguments: str) -> str:
        """What `toque ARGUMENTS` prints, in a process of its own. Raises CommandFailed."""
        self._commands += 1
        log = self.home / f"command-{self._commands}.log"
        process = started(arguments, self.environment, self.home, log)
        self.running[log.name] = process
        try:
            await asyncio.to_thread(process.join, COMMAND_SECONDS)
            if process.exitcode != 0:
                raise CommandFailed(f"toque {' '.join(arguments[:3])}: {process.exitcode}\n{log.read_text()[-2000:]}")
        finally:
            if process.is_alive():
                process.kill()
            del self.running[log.name]
        printed = log.read_text()
        log.unlink()
        return printed

    async def weather(self, faults: tuple[dict[str, Any], ...], seed: int) -> None:
        """Let the carrier do this from now on."""
        answer = await self.http.post(f"{self.carrier_url}/faults", json={"seed": seed, "faults": list(faults)})
        answer.raise_for_status()

    async def ledger(self, after: int = 0) -> list[dict[str, Any]]:
        """Every leg that the carrier saw, or those after the first so many."""
        answer = await self.http.get(f"{self.carrier_url}/ledger", params={"after": after})
        return list(answer.raise_for_status().json()["calls"])

    async def end(self) -> None:
        """Ask all of them to end; whoever does not is killed."""
        processes = list(self.running.values())
        for process in processes:
            process.terminate()
        for process in processes:
            await asyncio.to_thread(process.join, 15)
            if process.is_alive():
                process.kill()
                await asyncio.to_thread(process.join)
        self.running.clear()

    def tail(self) -> str:
        """The last words of every process."""
        return "\n".join(f"--- {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self.home.glob("*.log")))

    def _arguments(self, name: str) -> list[str]:
        if name in WORKERS:
            return ["work"]
        port = ["--port", str(self.ports[name])]
        if name in WEBS:
            return ["serve", *port]
        # Its own queue is faster than our cap: whoever is too fast is seen, and not slowed down.
        pace = min(1000.0, self.terms.calls_per_second * 20)
        return ["carrier", *port, "--people", str(self.people), "--calls-per-second", str(pace)]

    async def _until_it_answers(self, name: str) -> None:
        url = f"http://127.0.0.1:{self.ports[name]}" + ("/healthz" if name == "carrier" else "/readyz?for=calls")
        until = time.monotonic() + STARTING
        while time.monotonic() < until and self.running[name].is_alive():
            try:
                if (await self.http.get(url)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
        raise AssertionError(f"{name} did not start:\n{self.tail()}")


@asynccontextmanager
async def fleet(home: Path, *, database_url: str, redis_url: str, people: Path, terms: Terms) -> AsyncIterator[Fleet]:
    """A fleet with nothing running yet; at the end everything that it started is gone."""
    names = ("carrier", "balancer", *WEBS)
    ports = dict(zip(names, _free_ports(len(names)), strict=True))
    epoch = time.time()
    environment = _environment(home, ports, terms) | {
        "TOQUE_DATABASE_URL": database_url, "TOQUE_REDIS_URL": redis_url, "TOQUE_CLOCK_EPOCH": str(epoch),
    }  # fmt: skip
    clock = ScaledClock(speed=terms.speed, start=terms.start, epoch=epoch)
    async with (
        balanced(ports["balancer"], []) as balancer,
        httpx.AsyncClient(auth=(ACCOUNT, TOKEN), trust_env=False, timeout=30) as http,
    ):
        made = Fleet(home, environment, ports, people, terms, clock, balancer, http)
        try:
            yield made
        finally:
            for process in made.running.values():
                process.kill()
                process.join()


def _environment(home: Path, ports: dict[str, int], terms: Terms) -> dict[str, str]:
    settings = {
        "HOME": str(home / "var"), "PUBLIC_URL": f"http://127.0.0.1:{ports['balancer']}",
        "TWILIO_API_ROOT": f"http://127.0.0.1:{ports['carrier']}", "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN, "CALLS_PER_SECOND": str(terms.calls_per_second),
        "CALLER_IDS": ",".join(CALLER_IDS), "CALLER_NAME": "Horizonte", "CONTACT_PERSON": "Ana Lima",
        "OFFICIAL_SITE": "horizonte.example",
        "SECRET_KEY": SECRET_KEY, "HASH_KEY": HASH_KEY, "SPEECH_ENGINES": "", "RECORD": "off", "LINES": "60",
        "HTTP_TIMEOUT": str(terms.http_timeout), "UNKNOWN_GRACE": str(terms.unknown_grace),
        "CLOCK_SPEED": str(terms.speed), "CLOCK_START": terms.start.isoformat(),
    }  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOQUE_")}
    return kept | {f"TOQUE_{name}": value for name, value in settings.items()} | {"COLUMNS": "200"}


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
