"""`<Enqueue>` and `<Dial><Queue>`: calls that wait in line, hearing their waitUrl again and again, until they leave
or somebody takes them out and talks to them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from local_carrier.calls import Call, Fetch, Source, new_sid
from local_carrier.lines.line import HungUp, Line
from local_carrier.rest.orders import Hook
from local_carrier.verbs import Verb
from local_carrier.waiting import until

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange
    from local_carrier.performing import Performer


@dataclass(slots=True, eq=False)
class Waiter:
    """One call in line. Taken by `partner`, it is bridged after its whisper until it is released."""

    call: Call
    entered: datetime
    result: str = "leave"
    partner: Line | None = None
    whisper: Fetch | None = None
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, eq=False)
class Queue:
    """A named queue; made on demand."""

    sid: str
    name: str
    waiting: list[Waiter] = field(default_factory=list)
    waited: list[int] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def average_wait(self) -> int:
        """Whole seconds that calls have waited so far, on average."""
        return round(sum(self.waited) / len(self.waited)) if self.waited else 0


class Queues:
    """All queues of the account."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.queues: dict[str, Queue] = {}

    def open(self, name: str) -> Queue:
        """Return the queue of this name, made if need be."""
        return self.queues.setdefault(name, Queue(new_sid("QU"), name))

    async def enqueue(self, performer: Performer, verb: Verb) -> Source | None:
        """Perform the verb: wait; then the action with QueueResult, or the next verb."""
        queue = self.open(verb.text)
        waiter = Waiter(performer.call, self._exchange.clock.now())
        if len(queue.waiting) >= verb.whole("maxQueueSize", 1000):
            return self._following(performer, verb, {"QueueResult": "queue-full", "QueueSid": queue.sid})
        queue.waiting.append(waiter)
        queue.arrived.set()
        try:
            if await until(waiter.taken, self._wait(performer, verb, queue, waiter)):
                await self._talk(performer, waiter)
        except HungUp:
            self._exchange.finish(performer.call, "completed")
            if verb.get("action"):
                result = "bridged" if waiter.ready.is_set() else "hangup"
                await performer.request(performer.action(verb), self._result(result, queue, waiter))
            raise
        except asyncio.CancelledError:
            result = "redirected-from-bridged" if waiter.ready.is_set() else "redirected"
            self._redirected(performer, verb, self._result(result, queue, waiter))
            raise
        finally:
            self._leave(queue, waiter)
        return self._following(performer, verb, self._result(waiter.result, queue, waiter))

    async def take(self, performer: Performer, noun: Verb, seconds: float) -> Waiter | None:
        """Take the first out of a queue, waiting so long for somebody to come; None when nobody did."""
        queue, ends = self.open(noun.text), self._exchange.clock.now() + timedelta(seconds=seconds)
        alarm = self._exchange.callbacks.keep(self._ring(queue, seconds))
        try:
            while not queue.waiting:
                if self._exchange.clock.now() >= ends:
                    return None
                queue.arrived.clear()
                await until(queue.arrived, performer.call.line.bridge(()))
        finally:
            alarm.cancel()
        waiter = queue.waiting.pop(0)
        waiter.partner = performer.call.line
        if noun.get("url"):
            place = {
                "QueueSid": queue.sid,
                "QueueTime": str(self._seconds(waiter.entered)),
                "DequeingCallSid": performer.call.sid,
            }
            waiter.whisper = Fetch(performer.hook(noun.get("url"), noun.get("method", "POST")), place)
        waiter.taken.set()
        return waiter

    async def _ring(self, queue: Queue, seconds: float) -> None:
        await self._exchange.clock.sleep(seconds)
        queue.arrived.set()

    async def _talk(self, performer: Performer, waiter: Waiter) -> None:
        from local_carrier.performing import Performer as Another

        if waiter.whisper is not None:
            await Another(self._exchange, performer.call).perform(waiter.whisper, whisper=True)
        waiter.result = "bridged"
        waiter.ready.set()
        if waiter.partner is not None:
            await until(waiter.released, performer.call.line.bridge((waiter.partner,)))

    def _leave(self, queue: Queue, waiter: Waiter) -> None:
        if waiter in queue.waiting:
            queue.waiting.remove(waiter)
        queue.waited.append(self._seconds(waiter.entered))
        waiter.ready.set()
        waiter.released.set()

    async def _wait(self, performer: Performer, verb: Verb, queue: Queue, waiter: Waiter) -> None:
        from local_carrier.performing import Ended, LeftQueue, Performer

        if not verb.get("waitUrl"):
            await performer.call.line.bridge(())
        hook = performer.hook(verb.get("waitUrl"), verb.get("waitUrlMethod", "POST"))
        while True:
            started = self._exchange.clock.now()
            listener = Performer(self._exchange, performer.call)
            listener.here = performer.here
            try:
                await listener.through(Fetch(hook, self._place(queue, waiter)))
            except LeftQueue:
                return
            except Ended:
                raise HungUp from None
            if self._exchange.clock.now() <= started:
                await self._exchange.clock.sleep(1.0)

    def _following(self, performer: Performer, verb: Verb, params: dict[str, str]) -> Source | None:
        return Fetch(performer.action(verb), params) if verb.get("action") else None

    def _redirected(self, performer: Performer, verb: Verb, params: dict[str, str]) -> None:
        if verb.get("action") and performer.call.instruction is not None:
            hook = performer.action(verb)
            self._exchange.callbacks.keep(_notify(performer, hook, params))

    def _seconds(self, entered: datetime) -> int:
        return round((self._exchange.clock.now() - entered).total_seconds())

    def _result(self, result: str, queue: Queue, waiter: Waiter) -> dict[str, str]:
        return {"QueueResult": result, "QueueSid": queue.sid, "QueueTime": str(self._seconds(waiter.entered))}

    def _place(self, queue: Queue, waiter: Waiter) -> dict[str, str]:
        return {
            "QueuePosition": str(queue.waiting.index(waiter) + 1 if waiter in queue.waiting else 1),
            "QueueSid": queue.sid,
            "QueueTime": str(self._seconds(waiter.entered)),
            "AvgQueueTime": str(queue.average_wait),
            "CurrentQueueSize": str(len(queue.waiting)),
            "MaxQueueSize": "1000",
        }


async def _notify(performer: Performer, hook: Hook, params: dict[str, str]) -> None:
    await performer.request(hook, params)
