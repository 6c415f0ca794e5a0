"""The ordinary day of a soak, in the midst of the faults: lists come in, campaigns rest, people want no more calls.

All of it goes through the product's commands and its API, and is ordered again while nobody answers.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.processes import people
from tests.processes.evidence import OptOut, Rest, hashed, our_legs
from tests.processes.fleet import ACCOUNT, CommandFailed, Fleet
from tests.processes.managing import Manager
from tests.processes.orders import Order
from tests.processes.storm import FAIR, WEBS, WORKERS

PATIENCE = 60.0  # seconds, with a command that fails
RESTS = 4.0  # seconds
LISTS = {"first": ("all", ("--detect", "beep")), "second": ("again", ())}


@dataclass(slots=True)
class Day:
    """What happens beside the faults. `rests` and `opt_outs` are what was ordered, and when that had returned."""

    order: Order
    town: Fleet
    crowd: people.Crowd
    tell: Callable[[str], None]
    ordered: Counter[str] = field(default_factory=Counter)
    rests: list[Rest] = field(default_factory=list)
    opt_outs: list[OptOut] = field(default_factory=list)
    grants: set[int] = field(default_factory=set)
    calls: int = 0
    manager: Manager = field(init=False)
    _loaded: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        """Everything is up, and two campaigns run."""
        town = self.town
        await asyncio.gather(town.start("carrier"), town.start(WEBS[0]))
        await town.weather(FAIR, self.order.seed)
        if self.order.token:
            self.manager = Manager(town, self.order.token)
        else:
            printed = await town.command("token", "create", "--role", "manager")
            self.manager = Manager(town, printed.split()[-1])
            await self._begin()
        await asyncio.gather(*(town.start(name) for name in (WEBS[1], *WORKERS)))
        self.tell(f"all is up, {self._loaded} people on the list, at {town.clock.now():%H:%M}Z")

    async def live(self, until: asyncio.Task[None]) -> None:
        """Everything at once, until that is done."""
        async with asyncio.TaskGroup() as group:
            for one in (self._feed(), self._wish(), self._rest(), self._report(), self._watch_grants()):
                group.create_task(one)
            await until
            self._over.set()

    async def _begin(self) -> None:
        await self._load(self._portion())
        for name in self.order.campaigns:
            source, options = LISTS[name]
            await self.command("campaign", "create", name, "--list", source, "--flow", "lembrete", *options)
            await self.command("campaign", "start", name)

    def _portion(self) -> int:
        return math.ceil(len(self.crowd.people) / self.order.portions)

    async def _load(self, count: int) -> None:
        """The next people of the list, and some of them on the second list as well."""
        fresh = self.crowd.people[self._loaded : self._loaded + count]
        for chosen, source in ((fresh, "all"), (fresh[:: people.AGAIN_EVERY], "again")):
            file = people.write_portion(self.town.home, chosen, f"{source}-{self._loaded}")
            await self.command("import", str(file), "--creditor", people.CREDITOR, "--list", source)
        self._loaded += len(fresh)

    async def command(self, *arguments: str) -> str:
        """What a command prints; given again while it fails, as people do (a load goes on where it was cut off)."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.town.command(*arguments)
            except CommandFailed:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.5)

    async def _lasts(self, seconds: float) -> bool:
        """Let so much time pass; False when the day is over before."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)
        return not self._over.is_set()

    async def _feed(self) -> None:
        every = self.order.seconds * 0.8 / self.order.portions
        while self._loaded < len(self.crowd.people) and await self._lasts(every):
            await self._load(self._portion())
            self.tell(f"{self._loaded} people on the list")

    async def _wish(self) -> None:
        """People say that they want no more calls: to the command line and to the API by turns."""
        dice = Random(self.order.seed)
        for by_command in cycle((False, True)):
            if not await self._lasts(self.order.wishes_every):
                return
            known = [one for one in self.crowd.alone if self.order.token or one.place < self._loaded]
            who = dice.choice(known)
            if by_command:
                await self.command("person", "bar", who.key, "--kind", "opt_out")
            else:
                await self.manager.order(f"/people/{who.key}/bars", {"kind": "opt_out"})
            self.opt_outs.append(OptOut(frozenset(map(hashed, who.phones)), self.town.clock.now()))
            self.ordered["opt-out by command" if by_command else "opt-out by API"] += 1

    async def _rest(self) -> None:
        """A campaign rests for some seconds, by API and command line by turns."""
        for n, name in enumerate(cycle(self.order.campaigns)):
            if not await self._lasts(self.order.rests_every):
                return
            if await self.change("pause", name, by_command=n % 2 == 1):
                begun = self.town.clock.now()
                await self._lasts(min(RESTS, self.order.rests_every))
                self.rests.append(Rest(name, begun, self.town.clock.now()))
                self.ordered["pause and resume"] += 1
            await self.change("resume", name, by_command=n % 2 == 0)  # after a pause that was cut off as well

    async def change(self, what: str, name: str, *, by_command: bool = False) -> bool:
        """Whether this very order was carried out; one that was cut off is given again, and may then be refused."""
        if by_command:
            with suppress(CommandFailed):
                await self.town.command("campaign", what, name)
                return True
        return await self.manager.order(f"/campaigns/{name}/{what}")

    async def _watch_grants(self) -> None:
        """The window keeps its last second only: it is looked at four times as often."""
        key = f"toque:{{cps:{ACCOUNT}}}:grants"
        async with Redis.from_url(self.town.environment["TOQUE_REDIS_URL"], socket_timeout=5) as window:
            while await self._lasts(0.25):
                with suppress(RedisError, OSError):
                    self.grants |= {int(one) for one in await window.lrange(key, 0, -1)}

    async def _report(self) -> None:
        while await self._lasts(30):
            await self.count()
            self.tell(f"{self.calls} calls; {self.ordered.total()} orders")

    async def count(self) -> int:
        """Calls so far, by the carrier."""
        self.calls += len(our_legs(await self.town.ledger(after=self.calls)))
        return self.calls
