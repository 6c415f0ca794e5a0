"""Real processes of the product on loopback ports: a carrier, a web server, workers. Ends only what it started."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from tests.processes.entry import started

ACCOUNT, TOKEN = "AC" + "5" * 32, "a token for tests"
STARTING = 40.0  # seconds, on a machine that does other things as well


@dataclass(slots=True)
class Fleet:
    """The processes by name, and the environment that they share."""

    home: Path
    environment: dict[str, str]
    carrier_url: str
    web_url: str
    people: Path
    calls_per_second: float
    running: dict[str, BaseProcess] = field(default_factory=dict)

    async def start(self, name: str) -> None:
        """Start "carrier", "web" or anything that begins with "worker"; the first two until they answer."""
        arguments = self._arguments(name)
        self.running[name] = started(arguments, self.environment, self.home, self.home / f"{name}.log")
        if name in ("carrier", "web"):
            await self._until_it_answers(name)

    async def kill(self, name: str) -> None:
        """SIGKILL: nothing is finished, nothing is given back."""
        process = self.running.pop(name)
        process.kill()
        await asyncio.to_thread(process.join)

    async def end(self) -> None:
        """Ask all of them to end; whoever does not is killed."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            await asyncio.to_thread(process.join, 15)
            if process.is_alive():
                process.kill()
                await asyncio.to_thread(process.join)
        self.running.clear()

    async def ledger(self) -> list[dict[str, object]]:
        """Every leg that the carrier saw."""
        async with httpx.AsyncClient(auth=(ACCOUNT, TOKEN), trust_env=False, timeout=30) as client:
            return list((await client.get(f"{self.carrier_url}/ledger")).raise_for_status().json()["calls"])

    def tail(self) -> str:
        """The last words of every process."""
        return "\n".join(f"--- {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self.home.glob("*.log")))

    def _arguments(self, name: str) -> list[str]:
        match name:
            case "carrier":
                rate = ["--people", str(self.people), "--calls-per-second", str(self.calls_per_second)]
                return ["carrier", "--port", self.carrier_url.rpartition(":")[2], *rate]
            case "web":
                return ["serve", "--port", self.web_url.rpartition(":")[2]]
            case _:
                return ["work"]

    async def _until_it_answers(self, name: str) -> None:
        url = f"{self.carrier_url}/healthz" if name == "carrier" else f"{self.web_url}/readyz?for=calls"
        until = time.monotonic() + STARTING
        async with httpx.AsyncClient(trust_env=False) as client:
            while time.monotonic() < until:
                try:
                    if (await client.get(url)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                if not self.running[name].is_alive():
                    break
                await asyncio.sleep(0.1)
        raise AssertionError(f"{name} did not start:\n{self.tail()}")


@contextmanager
def fleet(
    home: Path,
    *,
    database_url: str,
    redis_url: str,
    start: datetime,
    speed: float,
    people: Path,
    calls_per_second: float,
) -> Iterator[Fleet]:
    """A fleet with nothing running yet; at the end everything that it started is gone."""
    carrier_url, web_url = (f"http://127.0.0.1:{port}" for port in _free_ports(2))
    settings = {
        "HOME": str(home / "var"), "DATABASE_URL": database_url, "REDIS_URL": redis_url, "PUBLIC_URL": web_url,
        "TWILIO_API_ROOT": carrier_url, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN,
        "CALLS_PER_SECOND": str(calls_per_second), "CALLER_IDS": "+15005550006", "CALLER_NAME": "Horizonte",
        "SECRET_KEY": "test secret key", "HASH_KEY": "test hash key", "SPEECH_ENGINES": "", "HTTP_TIMEOUT": "1.5",
        "UNKNOWN_GRACE": "1", "CLOCK_SPEED": str(speed), "CLOCK_START": start.isoformat(),
        "CLOCK_EPOCH": str(time.time()), "LINES": "60", "RECORD": "off",
    }  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOQUE_")}
    environment |= {f"TOQUE_{name}": value for name, value in settings.items()}
    made = Fleet(home, environment, carrier_url, web_url, people, calls_per_second)
    try:
        yield made
    finally:
        for process in made.running.values():
            process.kill()
            process.join()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
