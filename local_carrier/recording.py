"""`<Record>`: lets the other end speak, keeps it as a recording, then goes on at the action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_carrier.calls import Fetch, Source
from local_carrier.lines.line import HungUp, Sound, Taped
from local_carrier.rest.orders import RECORDING_EVENTS, RecordingOrder
from local_carrier.taping.shelf import Recording
from local_carrier.verbs import Verb

if TYPE_CHECKING:
    from local_carrier.performing import Performer


async def record(performer: Performer, verb: Verb) -> Source | None:
    """Perform the verb; silence alone falls through to the next verb, as with Twilio."""
    call, exchange = performer.call, performer.exchange
    if verb.says_yes("playBeep", default=True):
        await call.line.play(Sound("", "", 0.4))
    started = exchange.clock.now()
    recording = exchange.recordings.start(call, order_of(performer, verb), "RecordVerb")
    try:
        taped = await call.line.record(
            verb.seconds("maxLength", 3600),
            silence_seconds=verb.seconds("timeout", 5),
            finish_on=verb.get("finishOnKey", "1234567890*#"),
        )
    except HungUp:
        exchange.finish(call, "completed")
        seconds = (exchange.clock.now() - started).total_seconds()
        await performer.request(performer.action(verb), _news(performer, recording, Taped(seconds, "hangup")))
        raise
    exchange.recordings.stop(recording, seconds=taped.seconds)
    if taped.seconds <= 0:
        return None
    return Fetch(performer.action(verb), _news(performer, recording, taped))


def order_of(performer: Performer, verb: Verb) -> RecordingOrder:
    """Return how a verb or noun asks to be recorded: its recordingStatusCallback, events and track."""
    told = verb.get("recordingStatusCallback")
    events = tuple(e for e in verb.get("recordingStatusCallbackEvent", "completed").split() if e in RECORDING_EVENTS)
    hook = performer.hook(told, verb.get("recordingStatusCallbackMethod", "POST")) if told else None
    channels = 2 if "dual" in verb.get("record") + verb.get("channels") + verb.get("recordingChannels") else 1
    return RecordingOrder(hook, events or ("completed",), channels, verb.get("recordingTrack") or "both")


def _news(performer: Performer, recording: Recording, taped: Taped) -> dict[str, str]:
    result = told(performer, recording, round(taped.seconds))
    return {**result, "Digits": taped.key} if taped.key else result


def told(performer: Performer, recording: Recording, seconds: int) -> dict[str, str]:
    """Return what an action is told of a recording."""
    return {
        "RecordingSid": recording.sid,
        "RecordingUrl": performer.exchange.recordings.url(recording),
        "RecordingDuration": str(seconds),
    }
