"""Live news for screens: published after the commit, and lost without harm. The database stays the truth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

import orjson

if TYPE_CHECKING:
    from redis.asyncio import Redis

News = dict[str, Any]
QUEUE_LIMIT = 256  # a screen that is further behind than this reads the database anew


class Fanout(Protocol):
    """Topics are short names such as "desk:7" or "campaign:3"."""

    async def publish(self, topic: str, news: News) -> None:
        """Tell whoever listens now; nobody listening is fine."""
        ...

    def listen(self, topic: str) -> Any:
        """An async context manager that yields an asyncio.Queue of news."""
        ...


class LocalFanout:
    """Listeners of one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[News]]] = {}

    async def publish(self, topic: str, news: News) -> None:
        """See Fanout.publish."""
        for queue in self._listeners.get(topic, ()):
            with suppress(asyncio.QueueFull):
                queue.put_nowait(news)

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[asyncio.Queue[News]]:
        """See Fanout.listen."""
        queue: asyncio.Queue[News] = asyncio.Queue(QUEUE_LIMIT)
        self._listeners.setdefault(topic, set()).add(queue)
        try:
            yield queue
        finally:
            self._listeners[topic].discard(queue)


class RedisFanout:
    """Listeners of all processes, over Redis publish/subscribe."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def publish(self, topic: str, news: News) -> None:
        """See Fanout.publish. A lost Redis costs a screen its refresh, never the call."""
        from redis.exceptions import RedisError

        with suppress(RedisError, OSError):
            await self._redis.publish(f"toque:live:{topic}", orjson.dumps(news))

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[asyncio.Queue[News]]:
        """See Fanout.listen."""
        queue: asyncio.Queue[News] = asyncio.Queue(QUEUE_LIMIT)
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(f"toque:live:{topic}")

            async def relay() -> None:
                async for message in subscription.listen():
                    if message["type"] == "message":
                        with suppress(asyncio.QueueFull):
                            queue.put_nowait(orjson.loads(message["data"]))

            task = asyncio.create_task(relay())
            try:
                yield queue
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
