"""The account's recordings: begun, paused, resumed, ended, processed, told, deleted. Audio is made when fetched."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from audio import wave_file
from audio.sound import Sound as Samples
from local_carrier.callbacks import Callback
from local_carrier.calls import Call, new_sid, rfc2822
from local_carrier.rest.orders import RecordingOrder
from local_carrier.taping.mixing import Audible, Span, mixed, words_of
from local_carrier.taping.tones import RATE

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange

PROCESSING_SECONDS = 2.0
RUNNING = frozenset({"in-progress", "paused"})


@dataclass(slots=True, eq=False)
class Recording:
    """One recording of one call; `spans` are its stretches, `events` what was on the call while it ran."""

    sid: str
    call: Call
    order: RecordingOrder
    source: str
    created_at: datetime
    updated_at: datetime
    status: str = "in-progress"
    spans: list[Span] = field(default_factory=list)
    events: list[Audible] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        """Whether it has not been ended; a paused one runs."""
        return self.status in RUNNING

    def seconds(self, now: datetime) -> float:
        """Return its length so far, a skipped pause not counted."""
        return sum(span.seconds(now) for span in self.spans)

    def words(self, now: datetime) -> str:
        """Return what was said to the far end while it ran."""
        return words_of(self.spans, self.events, now)


class Shelf:
    """Every recording of the account by SID."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.recordings: dict[str, Recording] = {}
        self._of: dict[str, list[Recording]] = {}

    def of(self, call: Call) -> list[Recording]:
        """Return a call's recordings, oldest first."""
        return list(self._of.get(call.sid, ()))

    def current(self, call: Call) -> Recording | None:
        """Return the youngest recording of the call that has not ended: what `Twilio.CURRENT` means."""
        return next((recording for recording in reversed(self.of(call)) if recording.runs), None)

    def start(self, call: Call, order: RecordingOrder, source: str) -> Recording:
        """Begin a recording now."""
        now = self._exchange.clock.now()
        recording = Recording(new_sid("RE"), call, order, source, now, now, spans=[Span(now)])
        self._keep(recording)
        call.taped = True
        call.note(now, "recording", "in-progress")
        self._tell(recording, "in-progress")
        return recording

    def absent(self, call: Call, order: RecordingOrder, source: str) -> None:
        """Tell of a recording that was asked for and never came, because nobody answered."""
        now = self._exchange.clock.now()
        recording = Recording(new_sid("RE"), call, order, source, now, now, status="absent")
        self._keep(recording)
        self._tell(recording, "absent")

    def _keep(self, recording: Recording) -> None:
        self.recordings[recording.sid] = recording
        self._of.setdefault(recording.call.sid, []).append(recording)

    def pause(self, recording: Recording, *, skip: bool) -> None:
        """Take nothing in from now on; the gap is silence, or left out."""
        self._turn(recording, "paused", None if skip else Span(self._exchange.clock.now(), silent=True))

    def resume(self, recording: Recording) -> None:
        """Go on recording."""
        if recording.status != "in-progress":
            self._turn(recording, "in-progress", Span(self._exchange.clock.now()))

    def stop(self, recording: Recording, *, seconds: float | None = None) -> None:
        """End a recording; `seconds` cuts what follows. It is completed a moment later, or absent when empty."""
        if not recording.runs:
            return
        self._turn(recording, "processing", None)
        if seconds is not None and recording.spans:
            span = recording.spans[-1]
            span.end = min(span.end or span.start, span.start + timedelta(seconds=seconds))
        self._exchange.callbacks.keep(self._process(recording))

    def delete(self, recording: Recording) -> None:
        """Forget a recording and its audio."""
        recording.events.clear()
        self._of[recording.call.sid].remove(recording)
        self.recordings.pop(recording.sid, None)

    def call_ended(self, call: Call) -> None:
        """End whatever still records the call."""
        for recording in self.of(call) if call.taped else ():
            self.stop(recording)

    def heard(self, call: Call, event: Audible) -> None:
        """Keep what was on a call that is being recorded."""
        if call.taped:
            event = replace(event, raw=event.sound.raw or self._exchange.media.raw(event.sound.url))
            for recording in self.of(call):
                recording.events.append(event)

    def url(self, recording: Recording) -> str:
        """Return the address of the recording; `.wav` after it gives the audio."""
        config = self._exchange.config
        return f"{config.root_url}/2010-04-01/Accounts/{config.account_sid}/Recordings/{recording.sid}"

    def wav(self, recording: Recording, channels: int) -> bytes:
        """Return the audio as 8 kHz 16-bit WAV; INFO metadata hold the words that were said."""
        now = self._exchange.clock.now()
        tracks = mixed(recording.spans, recording.events, now, channels=channels)
        languages = [event.sound.language for event in recording.events if event.sound.language]
        info = wave_file.Info(recording.words(now), languages[0] if languages else "")
        if channels == 1:
            return wave_file.write(Samples(tracks[0], RATE), info, mulaw=False)
        return _stereo(np.stack([wave_file.pcm16(track) for track in tracks], axis=1).astype("<i2").tobytes())

    def _turn(self, recording: Recording, status: str, span: Span | None) -> None:
        now = self._exchange.clock.now()
        if recording.spans and recording.spans[-1].end is None:
            recording.spans[-1].end = now
        if span is not None:
            recording.spans.append(span)
        recording.status, recording.updated_at = status, now
        recording.call.note(now, "recording", status)

    async def _process(self, recording: Recording) -> None:
        await self._exchange.clock.sleep(PROCESSING_SECONDS)
        now = self._exchange.clock.now()
        recording.status = "completed" if recording.seconds(now) > 0 else "absent"
        recording.updated_at = now
        self._tell(recording, recording.status)

    def _tell(self, recording: Recording, event: str) -> None:
        hook, order = recording.order.hook, recording.order
        if hook is None or event not in order.events:
            return
        params = {
            "AccountSid": self._exchange.config.account_sid,
            "CallSid": recording.call.sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": self.url(recording),
            "RecordingStatus": event,
            "RecordingChannels": str(order.channels),
            "RecordingStartTime": rfc2822(recording.created_at) or "",
            "RecordingSource": recording.source,
            "RecordingTrack": order.track,
        }
        if event == "completed":
            params["RecordingDuration"] = str(round(recording.seconds(recording.updated_at)))
        self._exchange.callbacks.send(Callback("recording", hook, params, recording.call.sid))


def _stereo(data: bytes) -> bytes:
    head = struct.pack("<HHIIHH", 1, 2, RATE, RATE * 4, 4, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body
