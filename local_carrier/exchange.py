"""The switch: takes orders, lets calls leave at the agreed pace, rings, detects, has TwiML performed, tells the news.

It knows nothing of HTTP requests coming in; api.py does that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from time import monotonic
from typing import Any

import httpx

from local_carrier.callbacks import Answer, Callback, Callbacks
from local_carrier.calls import FINAL, Call, Direction, Fetch, Ready, Source, new_sid, rfc2822
from local_carrier.clients.device import Clients
from local_carrier.clients.reaching import line_to
from local_carrier.clients.voices import Voices
from local_carrier.clock import Clock
from local_carrier.conferences import Conferences
from local_carrier.config import CarrierConfig
from local_carrier.detection import Detection, Verdict, detect
from local_carrier.faults import Weather
from local_carrier.hearing import Media
from local_carrier.inbound import Inbound
from local_carrier.ledger import Leg, Notice
from local_carrier.lines.line import AudibleKind, HungUp, NotReached, PickedUp, Sound
from local_carrier.lines.people import People, Person
from local_carrier.messages import Messages
from local_carrier.numbers import Numbers
from local_carrier.payments.assisted import Assisted
from local_carrier.payments.processor import Processor
from local_carrier.performing import Performer, Rejected
from local_carrier.queues import Queues
from local_carrier.rest.orders import CallChange, CallOrder, Hook
from local_carrier.taping.mixing import Audible
from local_carrier.taping.shelf import Shelf
from local_carrier.verbs import read_twiml

EVENT_STATUS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}
Accepted = Callable[[Call], None]


class Exchange:
    """One account's calls, conferences, queues and messages, in memory. `close()` ends every task."""

    def __init__(self, config: CarrierConfig, *, clock: Clock, people: People, http: httpx.AsyncClient) -> None:
        self.config, self.clock, self.people = config, clock, people
        self.calls: dict[str, Call] = {}
        self.ledger: list[Leg] = []
        self.log: list[Notice] = []
        self.weather = Weather(config.faults, seed=config.fault_seed)
        self.callbacks = Callbacks(config, clock=clock, http=http, weather=self.weather, report=self._report)
        self.media = Media(http)
        self.clients = Clients()
        self.voices = Voices()
        self.conferences = Conferences(self)
        self.queues = Queues(self)
        self.messages = Messages(self)
        self.numbers = Numbers(self)
        self.inbound = Inbound(self)
        self.processor = Processor()
        self.assisted = Assisted(self)
        self.recordings = Shelf(self)
        self._next_start = 0.0
        self._closed = False

    # Orders

    def create(self, order: CallOrder, *, document: Source | None = None) -> Call:
        """Queue a call made by REST; it leaves at the account's pace (real time), as Twilio's CPS queue does."""
        call = self._new(order, "outbound-api", self.people.at(order.to))
        now = monotonic()
        starts = max(now, self._next_start)
        self._next_start = starts + 1 / self.config.calls_per_second
        call.queue_ms = round((starts - now) * 1000)
        self._start(call, self._outbound(call, document or self._first(order), starts - now))
        return call

    def dial_out(self, order: CallOrder, parent: Call, *, accepted: Accepted) -> Call:
        """Start a child leg of `<Dial>`; `accepted` is told when it was answered and its whisper has ended."""
        call = self._new(order, "outbound-dial", self.people.at(order.to), parent)
        self._start(call, self._child(call, accepted))
        return call

    def admit(self, order: CallOrder, person: Person, source: Source) -> Call:
        """Start a call that this person makes to a number of ours."""
        call = self._new(order, "inbound", person)
        self._start(call, self._admitted(call, source))
        return call

    def answer(self, call: Call) -> None:
        """Pick up a call that came in; the first verb that is no <Reject> does it."""
        call.answered_at = call.leg.answered_at = self.clock.now()
        call.status = "in-progress"
        call.note(call.answered_at, "status", "in-progress")
        call.line.calls_in()

    def change(self, call: Call, change: CallChange) -> None:
        """Apply a REST change to a live call; the caller has checked that it may be changed."""
        call.updated_at = self.clock.now()
        if change.status is not None:
            call.end("canceled" if call.answered_at is None else "completed")
        elif change.voice is not None:
            call.redirect(Fetch(change.voice))
        elif change.twiml is not None:
            call.redirect(Ready(read_twiml(change.twiml)))

    async def close(self) -> None:
        """End all calls, messages and callbacks without telling anybody."""
        self._closed = True
        tasks = [call.task for call in self.calls.values() if call.task is not None and not call.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.assisted.close()
        await self.callbacks.close()

    def warn(self, code: int, about: str, words: str) -> None:
        """Write a line into the debugger."""
        self.log.append(Notice(self.clock.now(), code, about, words))

    # The life of a leg

    def _new(self, order: CallOrder, direction: Direction, person: Person, parent: Call | None = None) -> Call:
        now = self.clock.now()
        sid = new_sid("CA")
        leg = Leg(sid, order.to, order.from_, direction, parent.sid if parent else None, person.persona.name, now)

        def tell(what: str, words: str) -> None:
            call.note(self.clock.now(), what, words)

        def sounds(kind: AudibleKind, sound: Sound, at: datetime, seconds: float) -> None:
            self.recordings.heard(call, Audible(kind, at, seconds, sound))

        line = line_to(self, sid, order.to, person, (tell, sounds))
        call = Call(sid, order, direction, now, line, leg, parent=parent, updated_at=now)
        self.calls[sid] = call
        self.ledger.append(leg)
        return call

    def _start(self, call: Call, life: Coroutine[Any, Any, None]) -> None:
        def settled(_: asyncio.Task[None]) -> None:
            # A task that is cancelled before its first step never runs, so nobody else would end the call.
            if not self._closed and call.ended_by_api is not None:
                self.finish(call, call.ended_by_api)

        call.task = asyncio.create_task(life)
        call.task.add_done_callback(settled)

    @staticmethod
    def _first(order: CallOrder) -> Source:
        if order.voice is not None:
            return Fetch(order.voice)
        return Ready(read_twiml(order.twiml or "<Response/>"))

    async def _outbound(self, call: Call, source: Source, queued_seconds: float) -> None:
        try:
            await asyncio.sleep(queued_seconds)
            picked_up = await self._ring(call)
            if picked_up is not None:
                await self._answered(call, picked_up, source)
        except HungUp:
            self.finish(call, "completed")
        except asyncio.CancelledError:
            self._cut(call)
        except Exception as error:
            self.warn(0, call.sid, f"a fault of the carrier itself ended the call: {error!r}")
            self.finish(call, "failed")
            raise
        finally:
            await call.line.hang_up()

    async def _admitted(self, call: Call, source: Source) -> None:
        call.status, call.started_at = "ringing", self.clock.now()
        call.leg.started_at = call.started_at
        call.note(call.started_at, "status", "ringing")
        try:
            await self._perform(call, source)
            self.finish(call, "completed")
        except Rejected as rejected:
            self.finish(call, "busy" if rejected.reason == "busy" else "no-answer")
        except HungUp:
            self.finish(call, "completed")
        except asyncio.CancelledError:
            self._cut(call)
        except Exception as error:
            self.warn(0, call.sid, f"a fault of the carrier itself ended the call: {error!r}")
            self.finish(call, "failed")
            raise
        finally:
            await call.line.hang_up()

    async def _child(self, call: Call, accepted: Accepted) -> None:
        try:
            picked_up = await self._ring(call)
            if picked_up is None:
                return
            if call.order.voice is not None:
                await Performer(self, call).perform(Fetch(call.order.voice), whisper=True)
            accepted(call)
            await call.finished.wait()
        except HungUp:
            self.finish(call, "completed")
        except asyncio.CancelledError:
            self._cut(call)
        except Exception as error:
            self.warn(0, call.sid, f"a fault of the carrier itself ended the call: {error!r}")
            self.finish(call, "failed")
            raise
        finally:
            await call.line.hang_up()

    def _cut(self, call: Call) -> None:
        if call.ended_by_api is None or self._closed:
            raise asyncio.CancelledError
        if call.answered_at is None:
            call.sip_code = 487
        self.finish(call, "completed" if call.answered_at is not None else call.ended_by_api)

    async def _ring(self, call: Call) -> PickedUp | None:
        call.started_at = call.leg.started_at = self.clock.now()
        self._tell(call, "initiated")

        def ringing() -> None:
            call.status = "ringing"
            self._tell(call, "ringing")

        order = call.order
        result = await call.line.dial(
            order.to, caller=order.from_, timeout_seconds=order.timeout_seconds, on_ringing=ringing
        )
        if isinstance(result, NotReached):
            call.sip_code = result.sip_code
            self.finish(call, result.status)
            return None
        call.answered_at = call.leg.answered_at = self.clock.now()
        call.status = "in-progress"
        self._tell(call, "answered")
        if order.recording is not None:
            self.recordings.start(call, order.recording, "OutboundAPI")
        return result

    async def _answered(self, call: Call, picked_up: PickedUp, source: Source) -> None:
        detection = call.order.detection
        limit = call.order.time_limit_seconds
        if limit is not None:
            self.callbacks.keep(self._end_after(call, limit))
        if call.order.send_digits:
            call.note(self.clock.now(), "sent_digits", call.order.send_digits)
            call.line.sends_keys(call.order.send_digits)
        if detection is not None:
            verdict = detect(picked_up, detection)
            if detection.asynchronous:
                self.callbacks.keep(self._tell_verdict(call, verdict, detection))
            else:
                await self._until_verdict(call, verdict)
                if isinstance(source, Fetch):
                    source = Fetch(source.hook, {**source.params, "AnsweredBy": verdict.answered_by})
        await self._perform(call, source)
        self.finish(call, "completed")

    async def _until_verdict(self, call: Call, verdict: Verdict) -> None:
        await call.line.play(Sound("", "", verdict.after_seconds))
        self._decided(call, verdict)

    def _decided(self, call: Call, verdict: Verdict) -> None:
        call.answered_by = call.leg.answered_by = verdict.answered_by
        call.note(self.clock.now(), "amd", verdict.answered_by)

    async def _tell_verdict(self, call: Call, verdict: Verdict, detection: Detection) -> None:
        await self.clock.sleep(verdict.after_seconds)
        if call.finished.is_set():
            return
        self._decided(call, verdict)
        if detection.callback_url is not None:
            params = {
                "CallSid": call.sid,
                "AccountSid": self.config.account_sid,
                "AnsweredBy": verdict.answered_by,
                "MachineDetectionDuration": str(round(verdict.after_seconds * 1000)),
            }
            hook = Hook(detection.callback_url, detection.callback_method)
            self.callbacks.send(Callback("amd", hook, params, call.sid))

    async def _end_after(self, call: Call, seconds: float) -> None:
        await self.clock.sleep(seconds)
        call.end("completed")

    def _instructed(self, call: Call) -> Source | None:
        return None if self._closed or call.ended_by_api is not None else call.instruction

    async def _perform(self, call: Call, source: Source) -> None:
        current: Source | None = call.instruction or source
        while current is not None:
            call.instruction = None
            call.program = asyncio.create_task(Performer(self, call).perform(current))
            try:
                await call.program
            except asyncio.CancelledError:
                if self._instructed(call) is None:
                    raise
            current = self._instructed(call)

    def finish(self, call: Call, status: str) -> None:
        """Give a leg its final status, once, and tell it."""
        if call.status in FINAL:
            return
        call.status = call.leg.status = status
        call.ended_at = call.leg.ended_at = call.updated_at = self.clock.now()
        call.finished.set()
        self.recordings.call_ended(call)
        if call.order.recording is not None and call.answered_at is None:
            self.recordings.absent(call, call.order.recording, "OutboundAPI")
        self._tell(call, "completed")
        if call.direction == "outbound-api":
            self.inbound.missed(call)

    # News

    def _tell(self, call: Call, event: str) -> None:
        now = self.clock.now()
        call.note(now, "status", EVENT_STATUS.get(event, call.status))
        hook = call.order.status
        if hook is None or event not in call.order.status_events:
            return
        params = call.params(self.config.account_sid, EVENT_STATUS.get(event, call.status))
        params |= {
            "Timestamp": rfc2822(now) or "",
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(call.sequence),
        }
        call.sequence += 1
        if event == "completed":
            seconds = call.duration or 0
            params |= {
                "Duration": str(-(-seconds // 60)),
                "CallDuration": str(seconds),
                "SipResponseCode": str(call.sip_code),
                **self._recorded(call),
            }
        self.callbacks.send(Callback("status", hook, params, call.sid))

    def _recorded(self, call: Call) -> dict[str, str]:
        taped = self.recordings.of(call) if call.order.recording is not None and call.answered_at else []
        if not taped:
            return {}
        seconds = str(round(taped[0].seconds(self.clock.now())))
        url, sid = self.recordings.url(taped[0]), taped[0].sid
        return {"RecordingUrl": url, "RecordingSid": sid, "RecordingDuration": seconds}

    def _report(self, callback: Callback, answer: Answer) -> None:
        path = callback.hook.url.partition("#")[0]
        call = self.calls.get(callback.about)
        if call is not None:
            call.note(self.clock.now(), "callback", f"{callback.kind} {answer.status or answer.error} {path}")
        if answer.error is not None:
            words = f"{callback.kind} callback to {path} " + (
                f"was answered with HTTP {answer.status}" if answer.status else "was not answered"
            )
            self.warn(answer.error, callback.about, words + "; see that the address answers with 2xx within 15 s")
