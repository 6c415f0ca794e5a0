"""Live news reaches whoever listens to its topic, and costs nobody anything when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from dialer.fanout import QUEUE_LIMIT, Fanout, LocalFanout, RedisFanout


@pytest.fixture(params=["local", "redis"])
async def ends(
    request: pytest.FixtureRequest, redis_url: str, loopback: None
) -> AsyncIterator[tuple[Fanout, Fanout]]:
    """Where news is published and where it is listened to: two processes, if they share a Redis."""
    if request.param == "local":
        both = LocalFanout()
        yield both, both
        return
    clients = [Redis.from_url(redis_url) for _ in range(2)]
    yield RedisFanout(clients[0]), RedisFanout(clients[1])
    for client in clients:
        await client.aclose()


async def test_every_listener_of_the_topic_hears_it_and_no_other(ends: tuple[Fanout, Fanout]) -> None:
    here, there = ends
    async with there.listen("desk:1") as one, there.listen("desk:1") as other, there.listen("desk:2") as stranger:
        assert await here.publish("desk:1", {"card": 7, "words": "olá"}) == 2
        async with asyncio.timeout(5):
            assert await one.get() == await other.get() == {"card": 7, "words": "olá"}
        assert stranger.empty()


async def test_news_to_nobody_is_no_fault(ends: tuple[Fanout, Fanout]) -> None:
    here, there = ends
    async with there.listen("campaign:1"):
        pass
    assert await here.publish("campaign:1", {"attempt": 1}) == 0


async def test_a_screen_that_does_not_look_holds_nobody_up() -> None:
    fanout = LocalFanout()
    async with fanout.listen("campaign:1") as queue:
        async with asyncio.timeout(5):
            for n in range(QUEUE_LIMIT * 2):
                await fanout.publish("campaign:1", {"attempt": n})
        assert queue.qsize() == QUEUE_LIMIT


async def test_a_lost_redis_costs_a_call_nothing() -> None:
    client = Redis.from_url("unix:///tmp/no-such-socket-of-redis")
    assert await RedisFanout(client).publish("campaign:1", {"attempt": 1}) == 0
    await client.aclose()
