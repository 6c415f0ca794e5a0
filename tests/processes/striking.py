"""Acts of a soak: each fault done to the processes and mended again. Says what it does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.processes.fleet import Fleet
from tests.processes.stores import PostgreSQL, Redis
from tests.processes.storm import FAIR, WEATHERS, WEBS, WORKERS, Blow

CAREFUL = range(4, 22)  # minutes of a half hour in which no window of the law opens or closes nearby


@dataclass(slots=True)
class Striker:
    """Strikes one blow after another. `postgres` is None when the server is somebody else's."""

    town: Fleet
    redis: Redis
    postgres: PostgreSQL | None
    cut: Callable[[], None]
    seed: int
    tell: Callable[[str], None]
    struck: Counter[str] = field(default_factory=Counter)

    async def strike(self, blow: Blow) -> None:
        """Do it, let it last, mend it."""
        if blow.kind == "clock set":
            await self._until_no_window_is_near()
        self.tell(f"{blow.kind} {' '.join(blow.targets)}{f' by {blow.amount:+.1f} s' if blow.amount else ''}".strip())
        self.struck[blow.kind] += 1
        match blow.kind:
            case "kill web" | "kill worker" | "kill both workers":
                await self._kill(blow)
            case "rolling restart":
                await self._restart_one_by_one()
            case "clock set":
                await self._set_clock(blow)
            case "connections cut":
                await asyncio.to_thread(self.cut)
            case "redis emptied":
                await self._empty_redis(blow)
            case "postgresql fast":
                await self._restart_postgresql("fast")
            case "postgresql immediate":
                await self._restart_postgresql("immediate")
            case _:
                await self._bad_weather(blow)

    async def _kill(self, blow: Blow) -> None:
        await asyncio.gather(*(self.town.kill(name) for name in blow.targets))
        await asyncio.sleep(blow.lasts)
        await asyncio.gather(*(self.town.start(name) for name in blow.targets))

    async def _restart_one_by_one(self) -> None:
        for name in (*WEBS, *WORKERS):
            await self.town.stop(name)
            await self.town.start(name)

    async def _set_clock(self, blow: Blow) -> None:
        (name,) = blow.targets
        self.town.set_clock(name, blow.amount)
        await asyncio.sleep(blow.lasts)
        self.town.set_clock(name, 0.0)

    async def _until_no_window_is_near(self) -> None:
        while self.town.clock.now().minute % 30 not in CAREFUL:  # noqa: ASYNC110 - time itself is waited for
            await asyncio.sleep(0.2)

    async def _empty_redis(self, blow: Blow) -> None:
        await asyncio.to_thread(self.redis.kill)
        await asyncio.sleep(blow.lasts)
        await asyncio.to_thread(self.redis.start)

    async def _restart_postgresql(self, how: str) -> None:
        assert self.postgres is not None, "this server is not ours to restart"
        await asyncio.to_thread(self.postgres.restart, how)  # type: ignore[arg-type]

    async def _bad_weather(self, blow: Blow) -> None:
        await self.town.weather(WEATHERS[blow.kind] + FAIR, self.seed + self.struck.total())
        await asyncio.sleep(blow.lasts)
        await self.town.weather(FAIR, self.seed + self.struck.total())
