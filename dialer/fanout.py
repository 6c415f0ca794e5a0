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

    async def publish(self, topic: str, news: News) -> int:
        """Tell whoever listens now, and how many they are, in all processes; nobody listening is fine."""
        ...

    def listen(self, topic: str) -> Any:
        """An async context manager that yields an asyncio.Queue of news."""
        ...


class LocalFanout:
    """Listeners of one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[News]]] = {}

    async def publish(self, topic: str, news: News) -> int:
        """See Fanout.publish."""
        listeners = self._listeners.get(topic, ())
        for queue in listeners:
            with suppress(asyncio.QueueFull):
                queue.put_nowait(news)
        return len(listeners)

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[asyncio.Queue[News]]:
        """See Fanout.listen."""
        queue: asyncio.Queue[News] = asyncio.Queue(QUEUE_LIMIT)
        listeners = self._listeners.setdefault(topic, set())
        listeners.add(queue)
        try:
            yield queue
        finally:
            listeners.discard(queue)
            if not listeners:
                self._listeners.pop(topic, None)


class RedisFanout:
    """Listeners of all processes, over Redis publish/subscribe."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def publish(self, topic: str, news: News) -> int:
        """See Fanout.publish. A lost Redis costs a screen its refresh, never the call: nobody was told."""
        from redis.exceptions import RedisError

        with suppress(RedisError, OSError):
            return int(await self._redis.publish(f"toque:live:{topic}", orjson.dumps(news)))
        return 0

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
