"""`<Dial>`: rings numbers, SIP addresses and clients, whispers, bridges the first that accepts, reports the end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from local_carrier import recording
from local_carrier.calls import Call, Fetch, Source
from local_carrier.lines.line import HungUp
from local_carrier.rest.orders import CLIENT, STATUS_EVENTS, CallOrder, address_is_valid
from local_carrier.taping.shelf import Recording
from local_carrier.verbs import Verb
from local_carrier.waiting import until

if TYPE_CHECKING:
    from local_carrier.performing import Performer

MOST_NOUNS = 10


@dataclass(slots=True)
class Outcome:
    """How a <Dial> ended; `child` is None when no leg was started or a conference was joined."""

    status: str
    child: Call | None = None
    bridged_at: datetime | None = None
    seconds: int = 0
    recorded: dict[str, str] = field(default_factory=dict)

    def params(self) -> dict[str, str]:
        """Return the action's parameters; DialCallSid and DialCallDuration are absent after a conference."""
        params = {"DialCallStatus": self.status}
        if self.child is not None:
            params |= {"DialCallSid": self.child.sid, "DialBridged": str(self.bridged_at is not None).lower()}
        if self.child is not None and self.bridged_at is not None:
            params["DialCallDuration"] = str(self.seconds)
        return params | self.recorded


async def dial(performer: Performer, verb: Verb) -> Source | None:
    """Perform the verb. With an action, its answer is what follows; without, the next verb."""
    room = next((noun for noun in verb.children if noun.tag == "Conference"), None)
    queue = next((noun for noun in verb.children if noun.tag == "Queue"), None)
    outcome = Outcome("completed")
    try:
        if room is not None:
            await performer.exchange.conferences.sit(performer, room)
        elif queue is not None:
            await _from_queue(performer, verb, (queue, outcome))
        else:
            await _reach(performer, verb, outcome)
    except HungUp:
        performer.exchange.finish(performer.call, "completed")
        if verb.get("action"):
            await performer.request(performer.action(verb), outcome.params())
        raise
    return Fetch(performer.action(verb), outcome.params()) if verb.get("action") else None


def _orders(performer: Performer, verb: Verb) -> list[CallOrder]:
    nouns = [noun for noun in verb.children if noun.tag != "Conference"]
    if not nouns and verb.text:
        nouns = [Verb("Number", text=verb.text)]
    caller = verb.get("callerId") or performer.call.order.from_
    return [_order(performer, noun, verb.whole("timeout", 30), caller) for noun in nouns[:MOST_NOUNS]]


def _order(performer: Performer, noun: Verb, timeout: int, caller: str) -> CallOrder:
    to = noun.text
    if noun.tag == "Client" and not CLIENT.fullmatch(to):
        to = f"client:{to}"
    events = tuple(e for e in noun.get("statusCallbackEvent", "completed").split() if e in STATUS_EVENTS)
    status, whisper = noun.get("statusCallback"), noun.get("url")
    return CallOrder(
        to=to,
        from_=caller,
        voice=performer.hook(whisper, noun.get("method", "POST")) if whisper else None,
        status=performer.hook(status, noun.get("statusCallbackMethod", "POST")) if status else None,
        status_events=events,
        timeout_seconds=timeout,
    )


async def _from_queue(performer: Performer, verb: Verb, order: tuple[Verb, Outcome]) -> None:
    noun, outcome = order
    waiter = await performer.exchange.queues.take(performer, noun, verb.seconds("timeout", 30))
    if waiter is None:
        outcome.status = "no-answer"
        return
    line, clock = performer.call.line, performer.exchange.clock
    try:
        await until(waiter.ready, line.bridge(()))
        if waiter.released.is_set():
            outcome.status = "no-answer"
            return
        outcome.child, outcome.bridged_at = waiter.call, clock.now()
        await until(waiter.released, line.bridge((waiter.call.line,)))
        outcome.seconds = round((clock.now() - outcome.bridged_at).total_seconds())
    finally:
        waiter.released.set()


async def _reach(performer: Performer, verb: Verb, outcome: Outcome) -> None:
    exchange, call = performer.exchange, performer.call
    changed, taken = asyncio.Event(), list[Call]()

    def accepted(child: Call) -> None:
        taken.append(child)
        changed.set()

    orders = _orders(performer, verb)
    children = [exchange.dial_out(order, call, accepted=accepted) for order in orders if _dialable(performer, order)]
    watchers = [exchange.callbacks.keep(_when_finished(child, changed)) for child in children]
    try:
        while not taken and not all(child.finished.is_set() for child in children):
            changed.clear()
            await until(changed, call.line.bridge(()))
        if taken:
            await _talk(performer, taken[0], children, (outcome, verb))
        elif children:
            outcome.status, outcome.child = _worst(children), children[-1]
        else:
            outcome.status = "failed"
    finally:
        for child in children:
            child.end("completed" if child in taken[:1] else "canceled")
        for watcher in watchers:
            watcher.cancel()


def _dialable(performer: Performer, order: CallOrder) -> bool:
    valid = address_is_valid(order.to) or bool(urlsplit(order.to).scheme == "sip")
    if not valid:
        performer.exchange.warn(13224, performer.call.sid, f"<Dial> cannot reach {order.to}: use E.164, SIP, client")
    return valid


async def _when_finished(child: Call, changed: asyncio.Event) -> None:
    await child.finished.wait()
    changed.set()


def _worst(children: list[Call]) -> str:
    order = ("busy", "no-answer", "failed", "canceled", "completed")
    statuses = {child.status if child.status != "completed" else "no-answer" for child in children}
    return next(status for status in order if status in statuses)


async def _talk(performer: Performer, child: Call, children: list[Call], terms: tuple[Outcome, Verb]) -> None:
    outcome, verb = terms
    clock, line = performer.exchange.clock, performer.call.line
    for other in children:
        if other is not child:
            other.end("canceled")
    outcome.child, outcome.bridged_at = child, clock.now()
    both = asyncio.gather(_pair(child, performer), _leaves_limit(performer, child, verb.seconds("timeLimit", 14_400)))
    taped = _taped(performer, verb)
    try:
        await until(child.finished, line.bridge((child.line,)))
    finally:
        both.cancel()
        await asyncio.gather(both, return_exceptions=True)
        outcome.seconds = round((clock.now() - outcome.bridged_at).total_seconds())
        if taped is not None:
            performer.exchange.recordings.stop(taped)
            outcome.recorded = recording.told(performer, taped, outcome.seconds)


def _taped(performer: Performer, verb: Verb) -> Recording | None:
    if verb.get("record", "do-not-record") in ("do-not-record", "false"):
        return None
    return performer.exchange.recordings.start(performer.call, recording.order_of(performer, verb), "DialVerb")


async def _pair(child: Call, performer: Performer) -> None:
    try:
        await child.line.bridge((performer.call.line,))
    except HungUp:
        performer.exchange.finish(child, "completed")


async def _leaves_limit(performer: Performer, child: Call, limit: float) -> None:
    await performer.exchange.clock.sleep(limit)
    child.end("completed")
