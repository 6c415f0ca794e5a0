"""What a web process does with ten times the calls that it can bear: how late it answers, and what becomes of news.

The load behaves as the carrier does: a call says that it rings and is picked up, asks for its turns one after
another, and tells of its end; what is answered with an error is told again, as often and as long as the carrier does.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from dialer.settings import Settings
from dialer.speaking import APOLOGIES
from dialer.store.database import Database
from dialer.store.models import Attempt
from dialer.store.sealing import Keyring
from toque.bench.crowd import LAST_DIGITS, insert_calls, insert_people
from toque.bench.databases import fresh_database
from toque.bench.load import post, send
from toque.bench.measuring import Figure, Pass
from toque.bench.servers import served
from toque.bench.webhook import FORM, PUBLIC_URL, SECRET, bench_settings
from toque.composition import operation

SECONDS = 10.0
TIMES = 10
CALLS = 1200  # at the most
FIRST = 40  # calls by which the bearable rate is found
AT_ONCE = 8  # calls under way then
APOLOGY = APOLOGIES["pt-BR"].encode()
TURNS = ("", "1", LAST_DIGITS, "*", "")
AFTERWARDS = 90.0  # seconds; before that no worker asks the carrier
LIMIT = 15.0  # seconds; what the carrier waits for an answer, all its repetitions included
TOLD_AGAIN = {"status": 5, "turn": 3}  # times, as our addresses ask for it


@dataclass(slots=True)
class Carrier:
    """The other side, and what it saw. `slowest` in seconds, by kind."""

    port: int
    slowest: dict[str, float] = field(default_factory=lambda: {"status": 0.0, "turn": 0.0})
    counts: Counter[str] = field(default_factory=Counter)

    async def call(self, token: str) -> None:
        """One call from its ringing to its end, which comes early when we hang up."""
        told = [asyncio.create_task(self._tell(token, word)) for word in ("ringing", "in-progress")]
        for turn, keys in enumerate(TURNS):
            if b"<Hangup" in await self._ask(token, turn, keys):
                break
        await asyncio.gather(*told, self._tell(token, "completed"))

    async def _ask(self, token: str, turn: int, keys: str) -> bytes:
        form = {"Digits": keys} if keys else {}
        _, body = await self._send("turn", f"/voice/{token}/{turn}", token, form)
        self.counts["apology"] += APOLOGY in body
        return body

    async def _tell(self, token: str, word: str) -> None:
        status, _ = await self._send("status", f"/voice/{token}/status", token, {"CallStatus": word})
        self.counts["given_up"] += status != 200

    async def _send(self, kind: str, path: str, token: str, form: dict[str, str]) -> tuple[int, bytes]:
        """Ask once, and again for as long as the carrier does."""
        sid = f"CA{int(token.rpartition('-')[2]):032d}"
        request = post(self.port, path, FORM | {"CallSid": sid} | form, secret=SECRET, public_url=PUBLIC_URL)
        status, body, first = 0, b"", time.monotonic()
        for again in range(1 + TOLD_AGAIN[kind]):
            began = time.monotonic()
            self.counts[kind] += 1
            self.counts["again"] += again > 0
            ((status, body),) = await send(self.port, [[request]])
            now = time.monotonic()
            self.slowest[kind] = max(self.slowest[kind], now - began)
            if status == 200 or now - first > LIMIT:
                break
        return status, body


def measure(kind: str, scale: float) -> Figure:
    """The slowest answer in seconds beside what the carrier waits. Less is better; more than that is a lost call."""
    first = max(8, round(FIRST * scale))
    return asyncio.run(_measure(kind, max(0.5, SECONDS * scale), first, max(2 * first, round(CALLS * scale))))


async def _measure(kind: str, seconds: float, first: int, most: int) -> Figure:
    tokens = [f"bench-token-{n:06d}" for n in range(most)]
    async with fresh_database(kind) as url:
        settings = bench_settings(url)
        await _prepare(settings, tokens)
        with served({"serve": "app", "settings": settings}) as port:
            bearable = await _bearable(port, tokens[:first])
            carrier, began = Carrier(port), time.monotonic()
            begun = await _flood(carrier, tokens[first:], a_second=bearable * TIMES, seconds=seconds)
            took = time.monotonic() - began
            missing = await _missing(settings, tokens[first : first + begun])
    return _figure(carrier, bearable, begun, took, missing)


def _figure(carrier: Carrier, bearable: float, begun: int, took: float, missing: int) -> Figure:
    counts = carrier.counts
    more = {
        "bearable_calls_a_second": round(bearable, 1), "calls": begun, "begun_in": round(begun / bearable / TIMES, 1),
        "over_after": round(took, 1), "slowest_turn": round(carrier.slowest["turn"], 2),
        "slowest_status": round(carrier.slowest["status"], 2), "turns": counts["turn"],
        "apologies": counts["apology"], "statuses": counts["status"], "told_again": counts["again"],
        "given_up": counts["given_up"],
        "dropped": missing,
    }  # fmt: skip
    slowest = Pass(floor=LIMIT, value=max(carrier.slowest.values()))
    return Figure((slowest,), counts["turn"] + counts["status"], "seconds, slowest answer", "what is waited", more)


async def _prepare(settings: dict[str, Any], tokens: Sequence[str]) -> None:
    async with operation(Settings(**settings)) as op:  # brings the database to the newest revision
        campaign = await insert_people(op.database, len(tokens))
        await insert_calls(op.database, campaign, list(tokens))


async def _bearable(port: int, tokens: Sequence[str]) -> float:
    """Calls a second, so many at once that the process is at work and nobody waits long; the first half warms it."""
    half = len(tokens) // 2
    await _in_turn(port, tokens[:half])
    began = time.monotonic()
    await _in_turn(port, tokens[half:])
    return (len(tokens) - half) / (time.monotonic() - began)


async def _in_turn(port: int, tokens: Sequence[str]) -> None:
    carrier, waiting = Carrier(port), list(tokens)

    async def work() -> None:
        while waiting:
            await carrier.call(waiting.pop())

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    if carrier.counts["apology"] or carrier.counts["given_up"]:
        raise RuntimeError("calls that were few were not answered as the flow would: nothing measured")


async def _flood(carrier: Carrier, tokens: Sequence[str], *, a_second: float, seconds: float) -> int:
    """Begin calls at that rate, whatever becomes of those before; how many, once all are over."""
    began, calls = time.monotonic(), []
    for n, token in enumerate(tokens[: round(a_second * seconds)]):
        await asyncio.sleep(max(0.0, began + n / a_second - time.monotonic()))
        calls.append(asyncio.create_task(carrier.call(token)))
    await asyncio.gather(*calls)
    return len(calls)


async def _missing(settings: dict[str, Any], tokens: Sequence[str]) -> int:
    """How many of these calls are not over on record, once the process has had time for what it kept."""
    database = Database(settings["database_url"], Keyring(settings["secret_key"], settings["hash_key"]))
    left, until = len(tokens), time.monotonic() + AFTERWARDS
    while left and time.monotonic() < until:
        await asyncio.sleep(0.2)
        async with database.read() as session:
            ended = set(await session.scalars(select(Attempt.token).where(Attempt.status == "ended")))
        left = len(set(tokens) - ended)
    await database.close()
    return left
