"""What one voice turn costs: signed, through the real engine, committed before it is answered.

The figure is that of a common turn; what the opening turns of a call cost each stands beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

from dialer.settings import Settings
from dialer.store.database import Database
from dialer.store.sealing import Keyring
from toque.bench.crowd import CALLER_ID, LAST_DIGITS, insert_calls, insert_people
from toque.bench.databases import fresh_database
from toque.bench.load import cpu_seconds, post, send
from toque.bench.measuring import PASSES, Figure, Pass
from toque.bench.servers import served
from toque.composition import operation

Grow = Callable[[Database], Awaitable[None]]

ACCOUNT, SECRET = "AC" + "0" * 32, "a secret of the bench"
PUBLIC_URL = "https://bench.example"
CALLS = 60  # in each pass
OPENING = ("", "1", LAST_DIGITS)  # picks up, "it is me", proves it: each writes more than the turn
COMMON = ("*", "", "*", "4", "*")  # hears it again, thinks, hears the details: what most turns of a call are
FLOORS = 1000
# What a carrier sends with every voice request, so that parsing and signature have honest work.
FORM = {
    "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "CallStatus": "in-progress", "Direction": "outbound-api",
    "From": CALLER_ID, "Caller": CALLER_ID, "To": "+5511990000000", "Called": "+5511990000000", "ToCountry": "BR",
    "CalledCountry": "BR", "FromCountry": "US", "CallerCountry": "US", "ToCity": "", "ToState": "", "ToZip": "",
    "FromCity": "", "FromState": "", "FromZip": "", "CallerCity": "", "CallerState": "", "CallerZip": "",
}  # fmt: skip


def measure(kind: str, scale: float) -> Figure:
    """CPU microseconds of the web process for one turn, beside a constant answer of the same server."""
    return asyncio.run(common_turns(kind, scale))


async def common_turns(kind: str, scale: float, before: Grow | None = None) -> Figure:
    """The same; `before` is done to the database when the calls to come are in it, and nobody serves them yet."""
    calls, floors = max(2, round(CALLS * scale)), max(50, round(FLOORS * scale))
    tokens = [f"bench-token-{n:06d}" for n in range(calls * (PASSES + 1))]
    async with fresh_database(kind) as url:
        settings = bench_settings(url)
        await prepare(settings, tokens, before)
        with served({"serve": "app", "settings": settings}) as port:
            await _one_pass(port, tokens[:calls], floors)  # warm: caches, compiled statements, pools
            seen = [await _one_pass(port, tokens[calls * n : calls * (n + 1)], floors) for n in range(1, PASSES + 1)]
    passes, opening = zip(*seen, strict=True)
    more = {"opening_turn": round(median(opening), 1)}
    return Figure(passes, calls * len(COMMON), "CPU µs per turn", "a constant answer of the same server", more)


async def _one_pass(port: int, tokens: list[str], floors: int) -> tuple[Pass, float]:
    """The floor, the opening turns of some calls, then their common turns; µs of an opening turn beside them."""
    constant = [[post(port, "/floor", FORM, secret=SECRET, public_url=PUBLIC_URL)] * 50 for _ in range(floors // 50)]
    opening = [requests_of(port, token, OPENING, first=0) for token in tokens]
    common = [requests_of(port, token, COMMON, first=len(OPENING)) for token in tokens]
    opened = await _cost(port, opening)
    floor = await _cost(port, constant, speaks=False)
    return Pass(floor=floor, value=await _cost(port, common)), opened


async def _cost(port: int, scripts: list[list[bytes]], *, speaks: bool = True) -> float:
    """CPU µs of the server for each of these requests."""
    begun = await cpu_seconds(port)
    answers = await send(port, scripts)
    took = await cpu_seconds(port) - begun
    wrong = [status for status, body in answers if status != 200 or (speaks and b"<Gather" not in body)]
    if wrong:
        raise RuntimeError(
            f"{len(wrong)} of {len(answers)} turns were not answered as the flow would: nothing measured"
        )
    return took / len(answers) * 1e6


def requests_of(port: int, token: str, keys: tuple[str, ...], *, first: int) -> list[bytes]:
    """The signed requests of a part of one call, in their order."""
    sid = f"CA{int(token.rpartition('-')[2]):032d}"
    return [
        post(
            port,
            f"/voice/{token}/{turn}",
            FORM | {"CallSid": sid} | ({"Digits": digits} if digits else {}),
            secret=SECRET,
            public_url=PUBLIC_URL,
        )
        for turn, digits in enumerate(keys, start=first)
    ]


async def prepare(settings: dict[str, Any], tokens: list[str], before: Grow | None = None) -> None:
    """Bring the database to the newest revision, with a placed call for each token."""
    async with operation(Settings(**settings)):
        pass  # brings the database to the newest revision
    database = Database(settings["database_url"], Keyring(settings["secret_key"], settings["hash_key"]))
    campaign = await insert_people(database, len(tokens))
    await insert_calls(database, campaign, tokens)
    if before:
        await before(database)
    await database.close()


def bench_settings(database_url: str) -> dict[str, Any]:
    """Settings of a process under measurement; nothing of the environment changes them."""
    return {
        "_env_file": None, "database_url": database_url, "redis_url": "", "public_url": PUBLIC_URL,
        "twilio_api_root": "http://127.0.0.1:9", "twilio_account_sid": ACCOUNT, "twilio_auth_token": SECRET,
        "caller_ids": [CALLER_ID], "caller_name": "Horizonte", "secret_key": "bench secret", "hash_key": "bench hash",
        "speech_engines": [], "clock_speed": 1, "clock_start": None, "clock_epoch": None, "record": "off",
    }  # fmt: skip
