"""Puts one process together from its settings: database, Redis, carrier, rules. The only place that does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from dialer.addresses import Addresses
from dialer.carrier.client import Carrier
from dialer.clock import Clock
from dialer.errors import NotConfigured
from dialer.fanout import Fanout, LocalFanout, RedisFanout
from dialer.law import Law, own_folder
from dialer.limits import CpsWindow, LocalWindow, RedisWindow
from dialer.operation import Operation
from dialer.settings import Settings
from dialer.store import upgrading
from dialer.store.database import Database
from dialer.store.sealing import Keyring
from ivr_flows.loading import load


@asynccontextmanager
async def operation(
    settings: Settings, *, clock: Clock | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Operation]:
    """Everything an act needs, with the database at its newest revision; closed at the end of the block."""
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url, Keyring(*settings.keys()))
        stack.push_async_callback(database.close)
        await upgrading.upgrade(database)
        carrier = Carrier(settings, transport=transport)
        stack.push_async_callback(carrier.close)
        window, fanout = await _shared(settings, stack)
        yield Operation(
            settings=settings,
            database=database,
            carrier=carrier,
            window=window,
            fanout=fanout,
            clock=clock or settings.clock(),
            law=Law(own_folder(settings.home, settings.law_dir)),
            addresses=Addresses(settings.public_url),
            flow=load,
        )


async def _shared(settings: Settings, stack: AsyncExitStack) -> tuple[CpsWindow, Fanout]:
    """What several processes share: in Redis, or in this process when it is the only one."""
    if not settings.redis_url:
        return LocalWindow(settings.calls_per_second), LocalFanout()
    try:
        from redis.asyncio import Redis
    except ImportError:
        raise NotConfigured(
            'TOQUE_REDIS_URL is set, but redis is not installed: pip install "toque[redis]"'
        ) from None
    client = Redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=2)
    stack.push_async_callback(client.aclose)
    return RedisWindow(client, settings.twilio_account_sid, settings.calls_per_second), RedisFanout(client)
