"""`<Enqueue>`: calls that wait in line, hearing their waitUrl again and again, until they leave or are taken out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from local_carrier.calls import Call, Fetch, Source, new_sid
from local_carrier.lines.line import HungUp
from local_carrier.rest.orders import Hook
from local_carrier.verbs import Verb

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange
    from local_carrier.performing import Performer


@dataclass(slots=True)
class Queue:
    """A named queue; made on demand."""

    sid: str
    name: str
    waiting: list[Call] = field(default_factory=list)
    waited: list[int] = field(default_factory=list)

    @property
    def average_wait(self) -> int:
        """Whole seconds that calls have waited so far, on average."""
        return round(sum(self.waited) / len(self.waited)) if self.waited else 0


class Queues:
    """All queues of the account."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.queues: dict[str, Queue] = {}

    async def enqueue(self, performer: Performer, verb: Verb) -> Source | None:
        """Perform the verb: wait; then the action with QueueResult, or the next verb."""
        queue = self.queues.setdefault(verb.text, Queue(new_sid("QU"), verb.text))
        most = verb.whole("maxQueueSize", 1000)
        entered = self._exchange.clock.now()
        if len(queue.waiting) >= most:
            return self._following(performer, verb, {"QueueResult": "queue-full", "QueueSid": queue.sid})
        queue.waiting.append(performer.call)
        try:
            result = await self._wait(performer, verb, (queue, entered))
        except HungUp:
            self._exchange.finish(performer.call, "completed")
            if verb.get("action"):
                await performer.request(performer.action(verb), self._result("hangup", queue, entered))
            raise
        except asyncio.CancelledError:
            self._redirected(performer, verb, self._result("redirected", queue, entered))
            raise
        finally:
            queue.waiting.remove(performer.call)
            queue.waited.append(self._seconds(entered))
        return self._following(performer, verb, self._result(result, queue, entered))

    async def _wait(self, performer: Performer, verb: Verb, place: tuple[Queue, datetime]) -> str:
        from local_carrier.performing import Ended, LeftQueue, Performer

        if not verb.get("waitUrl"):
            await performer.call.line.bridge(())
        queue, entered = place
        hook = performer.hook(verb.get("waitUrl"), verb.get("waitUrlMethod", "POST"))
        while True:
            started = self._exchange.clock.now()
            waiter = Performer(self._exchange, performer.call)
            waiter.here = performer.here
            try:
                await waiter.through(Fetch(hook, self._place(performer.call, queue, entered)))
            except LeftQueue:
                return "leave"
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

    def _result(self, result: str, queue: Queue, entered: datetime) -> dict[str, str]:
        return {"QueueResult": result, "QueueSid": queue.sid, "QueueTime": str(self._seconds(entered))}

    def _place(self, call: Call, queue: Queue, entered: datetime) -> dict[str, str]:
        return {
            "QueuePosition": str(queue.waiting.index(call) + 1),
            "QueueSid": queue.sid,
            "QueueTime": str(self._seconds(entered)),
            "AvgQueueTime": str(queue.average_wait),
            "CurrentQueueSize": str(len(queue.waiting)),
            "MaxQueueSize": "1000",
        }


async def _notify(performer: Performer, hook: Hook, params: dict[str, str]) -> None:
    await performer.request(hook, params)
