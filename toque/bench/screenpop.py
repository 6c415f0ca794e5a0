"""How long after a debtor's key the card stands on the agent's screen: fifty desks are open, fifty debtors press.

Milliseconds from the first byte of the signed webhook to the last byte of the server-sent event with the packet. The
keys come evenly within some seconds; how long it takes when all come at one instant is told beside it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

from dialer.settings import Settings
from dialer.store import campaigns, tokens
from dialer.store.database import Database
from dialer.store.models import Agent
from dialer.store.sealing import Keyring
from toque.bench.crowd import MONDAY_NOON, insert_calls, insert_people
from toque.bench.databases import fresh_database
from toque.bench.load import post, send
from toque.bench.measuring import PASSES, Figure, Pass
from toque.bench.servers import served
from toque.bench.webhook import FORM, PUBLIC_URL, SECRET, bench_settings
from toque.composition import operation

DESKS = 50
SPREAD_SECONDS = 5.0
PATIENCE = 30.0  # seconds until a card that does not come is a fault


def measure(kind: str, scale: float) -> Figure:
    """The 99th percentile over the desks of a pass; the floor is the same moment's constant answer."""
    return asyncio.run(_measure(kind, max(4, round(DESKS * scale)), SPREAD_SECONDS * min(1.0, scale)))


async def _measure(kind: str, desks: int, spread: float) -> Figure:
    rounds = [f"round-{n}-" for n in range(PASSES + 2)]
    calls = [[f"{name}{n:06d}" for n in range(desks)] for name in rounds]
    async with fresh_database(kind) as url:
        settings = bench_settings(url)
        bearer = await _prepare(settings, calls)
        with served({"serve": "app", "settings": settings}) as port:
            await _round(port, rounds[0], calls[0], bearer, spread)
            passes, medians = [], []
            for name, tokens_ in zip(rounds[1:-1], calls[1:-1], strict=True):
                floor = await _floor(port)
                seen = await _round(port, name, tokens_, bearer, spread)
                passes.append(Pass(floor=floor, value=_percentile(seen, 0.99)))
                medians.append(median(seen))
            at_once = await _round(port, rounds[-1], calls[-1], bearer, 0.0)
    more = {"median": round(median(medians), 1), "all_at_one_instant_p99": round(_percentile(at_once, 0.99), 1)}
    return Figure(tuple(passes), desks, "ms, 99th percentile", "a constant answer, one at a time", more)


async def _round(port: int, name: str, calls: list[str], bearer: str, spread: float) -> list[float]:
    """Milliseconds from key to card, for every desk of the round."""
    desks = [await _open_desk(port, f"{name}agent-{n}", bearer) for n in range(len(calls))]
    await send(port, [[_turn(port, token, 0, "")] for token in calls])
    begun = time.perf_counter()
    pressed = [begun + spread * n / len(calls) for n in range(len(calls))]
    cards = [asyncio.create_task(_card(reader)) for reader, _ in desks]
    await asyncio.gather(*(_press(port, token, at) for token, at in zip(calls, pressed, strict=True)))
    arrived = sorted(await asyncio.wait_for(asyncio.gather(*cards), PATIENCE))
    for _, writer in desks:
        writer.close()
    return [(card - key) * 1000 for card, key in zip(arrived, pressed, strict=True)]


async def _press(port: int, token: str, at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.perf_counter()))
    ((status, body),) = await send(port, [[_turn(port, token, 1, "0")]])
    if status != 200 or b"<Hangup" in body:
        raise RuntimeError("a key for an agent was not answered as the flow would: nothing measured")


async def _open_desk(port: int, agent: str, bearer: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The live events of a desk, read as far as its first picture."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    head = f"GET /desk/events?agent={agent} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {bearer}\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in answer.split(b"\r\n")[0]:
        raise RuntimeError("a desk did not open: nothing measured")
    await reader.readuntil(b"event: snapshot")
    return reader, writer


async def _card(reader: asyncio.StreamReader) -> float:
    """When the first event with a packet had come."""
    while True:
        event = await reader.readuntil(b"\n\n")
        if b'"packet":' in event and b'"packet":0,' not in event:
            return time.perf_counter()


async def _floor(port: int) -> float:
    """Milliseconds of a constant answer."""
    took = []
    for _ in range(50):
        begun = time.perf_counter()
        await send(port, [[post(port, "/floor", FORM, secret=SECRET, public_url=PUBLIC_URL)]])
        took.append((time.perf_counter() - begun) * 1000)
    return median(took)


def _turn(port: int, token: str, turn: int, keys: str) -> bytes:
    form = FORM | {"CallSid": f"CA{token:>032}"} | ({"Digits": keys} if keys else {})
    return post(port, f"/voice/{token}/{turn}", form, secret=SECRET, public_url=PUBLIC_URL)


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def _prepare(settings: dict[str, Any], calls: list[list[str]]) -> str:
    """People in calls, a free agent for each, and a bearer token that sees every desk."""
    async with operation(Settings(**settings)):
        pass  # brings the database to the newest revision
    database = Database(settings["database_url"], Keyring(settings["secret_key"], settings["hash_key"]))
    campaign = await insert_people(database, sum(map(len, calls)))
    await insert_calls(database, campaign, [token for names in calls for token in names])
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        session.add_all(_agent(tenant.id, f"{names[0][:-6]}agent-{n}") for names in calls for n in range(len(names)))
        bearer = await tokens.create(session, tenant.id, "bench", "manager", datetime.now(UTC))
    await database.close()
    return bearer


def _agent(tenant_id: int, name: str) -> Agent:
    """Somebody whose line stands in their conference, and who is free."""
    return Agent(
        tenant_id=tenant_id, name=name, via="tel:+12125550100", skills=["collections"], status="ready",
        since=MONDAY_NOON, leg_token=secrets.token_urlsafe(12), leg_sid=f"CA{secrets.token_hex(16)}",
        leg_joined_at=MONDAY_NOON, leg_heard_at=MONDAY_NOON,
    )  # fmt: skip
