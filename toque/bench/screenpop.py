"""How long after a debtor's key the card stands on the agent's screen: fifty desks are open, fifty debtors press.

Milliseconds from the first byte of the signed webhook to the last byte of the server-sent event with the packet.
Every desk says at once that the card stands, as the page does, and lets the voice through: when that came is told
beside it, and how long it takes when all keys come at one instant. The keys of the figure come evenly within seconds.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from dataclasses import dataclass
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
PACKET = re.compile(rb'"packet":(\d+),')


def measure(kind: str, scale: float) -> Figure:
    """The 99th percentile over the desks of a pass; the floor is the same moment's constant answer."""
    return asyncio.run(_measure(kind, max(4, round(DESKS * scale)), SPREAD_SECONDS * min(1.0, scale)))


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds from the keys to a card each, and to the answers that let the voices through."""

    cards: list[float]
    voices: list[float]


async def _measure(kind: str, desks: int, spread: float) -> Figure:
    rounds = [f"round-{n}-" for n in range(PASSES + 2)]
    calls = [[f"{name}{n:06d}" for n in range(desks)] for name in rounds]
    async with fresh_database(kind) as url:
        settings = bench_settings(url)
        bearers = await _prepare(settings, calls)
        with served({"serve": "app", "settings": settings}) as port:
            await _round(port, calls[0], bearers[0], spread)
            passes, seen = [], []
            for tokens_, agents in zip(calls[1:-1], bearers[1:-1], strict=True):
                floor = await _floor(port)
                seen.append(await _round(port, tokens_, agents, spread))
                passes.append(Pass(floor=floor, value=_percentile(seen[-1].cards, 0.99)))
            at_once = await _round(port, calls[-1], bearers[-1], 0.0)
    more = {
        "median": round(median(median(one.cards) for one in seen), 1),
        "voice_median": round(median(median(one.voices) for one in seen), 1),
        "voice_p99": round(median(_percentile(one.voices, 0.99) for one in seen), 1),
        "all_at_one_instant_p99": round(_percentile(at_once.cards, 0.99), 1),
    }
    return Figure(tuple(passes), desks, "ms, 99th percentile", "a constant answer, one at a time", more)


async def _round(port: int, calls: list[str], bearers: list[str], spread: float) -> Seen:
    """From key to card and to voice, for every desk of the round."""
    desks = [await _open_desk(port, bearer) for bearer in bearers]
    await send(port, [[_turn(port, token, 0, "")] for token in calls])
    begun = time.perf_counter()
    pressed = [begun + spread * n / len(calls) for n in range(len(calls))]
    cards = [
        asyncio.create_task(_card(port, reader, bearer)) for (reader, _), bearer in zip(desks, bearers, strict=True)
    ]
    voices = await asyncio.gather(*(_press(port, token, at) for token, at in zip(calls, pressed, strict=True)))
    arrived = sorted(await asyncio.wait_for(asyncio.gather(*cards), PATIENCE))
    for _, writer in desks:
        writer.close()
    return Seen([(card - key) * 1000 for card, key in zip(arrived, pressed, strict=True)], sorted(voices))


async def _press(port: int, token: str, at: float) -> float:
    """Milliseconds from this key to its answer."""
    await asyncio.sleep(max(0.0, at - time.perf_counter()))
    ((status, body),) = await send(port, [[_turn(port, token, 1, "0")]])
    if status != 200 or b"<Conference" not in body:
        raise RuntimeError("a key for an agent was not answered as the flow would: nothing measured")
    return (time.perf_counter() - at) * 1000


async def _open_desk(port: int, bearer: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The live events of an agent's own desk, read as far as its first picture."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    writer.write(f"GET /desk/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {bearer}\r\n\r\n".encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in answer.split(b"\r\n")[0]:
        raise RuntimeError("a desk did not open: nothing measured")
    await reader.readuntil(b"event: snapshot")
    return reader, writer


async def _card(port: int, reader: asyncio.StreamReader, bearer: str) -> float:
    """When the first event with a packet had come; it is acknowledged at once."""
    while True:
        event = await reader.readuntil(b"\n\n")
        if (found := PACKET.search(event)) and (packet := int(found[1])):
            came = time.perf_counter()
            await send(port, [[_acknowledgement(port, packet, bearer)]])
            return came


def _acknowledgement(port: int, packet: int, bearer: str) -> bytes:
    return (
        f"POST /desk/packets/{packet}/shown HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Toque-Desk: 1\r\n"
        f"Authorization: Bearer {bearer}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


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


async def _prepare(settings: dict[str, Any], calls: list[list[str]]) -> list[list[str]]:
    """People in calls, a free agent for each, and for every agent a bearer token of their own."""
    async with operation(Settings(**settings)):
        pass  # brings the database to the newest revision
    database = Database(settings["database_url"], Keyring(settings["secret_key"], settings["hash_key"]))
    campaign = await insert_people(database, sum(map(len, calls)))
    await insert_calls(database, campaign, [token for names in calls for token in names])
    agents = [[f"agent-of-{token}" for token in names] for names in calls]
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        session.add_all(_agent(tenant.id, name) for names in agents for name in names)
        now = datetime.now(UTC)
        bearers = [
            [await tokens.create(session, tenant.id, name, "agent", now) for name in names] for names in agents
        ]
    await database.close()
    return bearers


def _agent(tenant_id: int, name: str) -> Agent:
    """Somebody whose line stands in their conference, and who is free."""
    return Agent(
        tenant_id=tenant_id, name=name, via="tel:+12125550100", skills=["collections"], status="ready",
        since=MONDAY_NOON, leg_token=secrets.token_urlsafe(12), leg_sid=f"CA{secrets.token_hex(16)}",
        leg_joined_at=MONDAY_NOON, leg_heard_at=MONDAY_NOON,
    )  # fmt: skip
