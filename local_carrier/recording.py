"""`<Record>`: lets the other end speak, then tells where the recording would lie. No audio is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_carrier.callbacks import Callback
from local_carrier.calls import Fetch, Source, new_sid, rfc2822
from local_carrier.lines.line import HungUp, Sound, Taped
from local_carrier.verbs import Verb

if TYPE_CHECKING:
    from local_carrier.performing import Performer


async def record(performer: Performer, verb: Verb) -> Source | None:
    """Perform the verb; silence alone falls through to the next verb, as with Twilio."""
    call, clock = performer.call, performer.exchange.clock
    started = clock.now()
    if verb.says_yes("playBeep", default=True):
        await call.line.play(Sound("", "", 0.4))
    try:
        taped = await call.line.record(
            verb.seconds("maxLength", 3600),
            silence_seconds=verb.seconds("timeout", 5),
            finish_on=verb.get("finishOnKey", "1234567890*#"),
        )
    except HungUp:
        performer.exchange.finish(call, "completed")
        seconds = (clock.now() - started).total_seconds()
        await performer.request(performer.action(verb), _news(performer, verb, Taped(seconds, "hangup")))
        raise
    if taped.seconds <= 0:
        return None
    return Fetch(performer.action(verb), _news(performer, verb, taped))


def _news(performer: Performer, verb: Verb, taped: Taped) -> dict[str, str]:
    account, call = performer.exchange.config.account_sid, performer.call
    sid = new_sid("RE")
    result = {
        "RecordingSid": sid,
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{sid}",
        "RecordingDuration": str(round(taped.seconds)),
    }
    if verb.get("recordingStatusCallback"):
        hook = performer.hook(verb.get("recordingStatusCallback"), verb.get("recordingStatusCallbackMethod", "POST"))
        news = {
            "AccountSid": account,
            "CallSid": call.sid,
            **result,
            "RecordingStatus": "completed",
            "RecordingChannels": "1",
            "RecordingStartTime": rfc2822(performer.exchange.clock.now()) or "",
            "RecordingSource": "RecordVerb",
            "RecordingTrack": "both",
        }
        performer.exchange.callbacks.send(Callback("status", hook, news, call.sid))
    return {**result, "Digits": taped.key} if taped.key else result
