"""A leg to a browser: rings it, plays to it, and lets it talk with the other lines of a bridge, in real time.

Business time decides how long things take; sound goes out every 20 ms of real time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta

from local_carrier.clients.device import Device
from local_carrier.clients.frames import Mixer, frames_in, level
from local_carrier.clients.tape import Tape
from local_carrier.clients.turns import SPEECH_LEVEL
from local_carrier.clients.voices import Voices
from local_carrier.clock import Clock
from local_carrier.lines.line import HungUp, Line, NotReached, PickedUp, Sound, Taped, cut
from local_carrier.lines.outlet import FRAME_BYTES, FRAME_SECONDS, Outlet
from local_carrier.lines.simulated import Sounds, Tell
from local_carrier.waiting import until

KEYS = frozenset("0123456789*#")
MOST_KEYS = 32
LOOK_SECONDS = 0.1  # how often a recorder looks whether somebody still speaks
ALWAYS = 3600.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every leg of the exchange shares: its clock, voices, and the bytes of a file that was fetched."""

    clock: Clock
    voices: Voices
    raw: Callable[[str], bytes]


class ClientLeg:
    """One call to one registered browser. `tell` and `sounds` as with a simulated line."""

    def __init__(self, call_sid: str, device: Device, shared: Surroundings, tell: Tell, sounds: Sounds) -> None:
        self.call_sid, self._device, self._shared = call_sid, device, shared
        self._clock, self._tell, self._sounds = shared.clock, tell, sounds
        self.outlet = Outlet()
        self._caller = ""
        self._accepted: bool | None = None
        self._gone = False
        self._stir = asyncio.Event()
        self._keys: deque[str] = deque()
        self._hidden = False
        self._mixer = Mixer()
        self._pump: asyncio.Task[None] | None = None
        self._voiced_at = shared.clock.now()

    # What the browser does

    def answers(self, *, accepts: bool) -> None:
        """Take the call or turn it away, once."""
        if self._accepted is None:
            self._accepted = accepts
            self._stir.set()

    def leaves(self) -> None:
        """Hang up from the browser's side."""
        self._gone = True
        self._stir.set()

    def speaks(self, frame: bytes) -> None:
        """A frame of the microphone; what is no frame is noise on the wire."""
        if len(frame) != FRAME_BYTES or not self.outlet.real:
            return
        if level(frame) >= SPEECH_LEVEL:
            self._voiced_at = self._clock.now()
        self.outlet.speak(frame)

    def presses(self, digits: str) -> None:
        """Keys of the page."""
        keys = [key for key in digits if key in KEYS][: MOST_KEYS - len(self._keys)]
        self._keys.extend(keys)
        self._tell("pressed", "•" * len(keys) if self._hidden else "".join(keys))
        self._stir.set()

    def as_json(self) -> dict[str, object]:
        """How the call stands, for the browser."""
        return {"id": self.call_sid, "from": self._caller, "status": "open" if self.outlet.real else "ringing"}

    # What it hears

    def hears(self, source: Outlet, frame: bytes) -> None:
        """Somebody of the bridge speaks."""
        self._mixer.speaks(source, frame)

    def reads(self, words: str, language: str) -> None:
        """The words of somebody simulated."""
        self._device.tell("caption", words=words, language=language)

    # The line

    async def dial(
        self, address: str, *, caller: str, timeout_seconds: float, on_ringing: Callable[[], None]
    ) -> PickedUp | NotReached:
        """Ring the page until it answers; busy while it has another call."""
        if self._device.leg is not None:
            return NotReached("busy", 486)
        self._device.leg, self._caller = self, caller
        on_ringing()
        self._device.tell_state()
        with suppress(HungUp):
            await self._pass(timeout_seconds, till=lambda: self._accepted is not None)
        if not self._accepted or self._gone:
            self._free()
            return NotReached("busy", 603) if self._accepted is False else NotReached("no-answer", 487)
        self.outlet.real = True
        self._pump = asyncio.create_task(self._send())
        self._device.tell_state()
        return PickedUp("human", 0.0)

    def sends_keys(self, digits: str) -> None:
        """A browser hears no key tones."""

    def calls_in(self) -> None:
        """Browsers only answer: their token does not let them call."""

    async def play(self, sound: Sound, *, keys_stop_it: bool = False) -> bool:
        """Play a file as it is; words without a file are spoken by a voice."""
        if keys_stop_it and self._keys:
            return True
        self._mixer.plays(await self._frames(sound))
        started = self._clock.now()
        stopped = True
        try:
            stopped = await self._pass(sound.seconds, till=lambda: keys_stop_it and bool(self._keys))
        finally:
            if stopped:
                self._mixer.stops_files()
            heard = (self._clock.now() - started).total_seconds()
            self._sounds("played", sound, started, heard)
            self._tell("heard", cut(sound, 0.0, heard))
        return stopped

    async def _frames(self, sound: Sound) -> list[bytes]:
        if raw := self._shared.raw(sound.url) if sound.url else b"":
            with suppress(ValueError):
                return frames_in(raw)
        if not sound.words:
            return []
        return await self._shared.voices.say(sound.words, sound.language, speaker="")

    async def listen(self, seconds: float) -> str | None:
        """Wait for a key of the page."""
        pressed = await self._pass(seconds, till=lambda: bool(self._keys))
        return self._keys.popleft() if pressed else None

    def forget_keys(self) -> None:
        """Forget keys that were pressed and never asked for."""
        self._keys.clear()

    def hide_keys(self, *, hidden: bool) -> None:
        """From now on tell nobody which keys are pressed, only how many; or tell again."""
        self._hidden = hidden

    async def record(self, max_seconds: float, *, silence_seconds: float, finish_on: str) -> Taped:
        """Let the person speak until they are silent for so long, or press a finish key."""
        started = self._clock.now()
        ends, silence = started + timedelta(seconds=max_seconds), timedelta(seconds=silence_seconds)

        def finished() -> bool:
            return bool(self._keys) and self._keys[0] in finish_on

        while not finished() and self._clock.now() < min(ends, max(started, self._voiced_at) + silence):
            await self._pass(LOOK_SECONDS, till=finished)
        key = self._keys.popleft() if finished() else None
        last = self._clock.now() if key else min(ends, self._voiced_at)
        spoken = max(0.0, (last - started).total_seconds())
        self._sounds("speech", Sound("", "", spoken), started, spoken)
        return Taped(spoken, key)

    async def bridge(self, others: Sequence[Line]) -> None:
        """Hear the others and be heard by them, until cancelled."""
        started, there, here = self._clock.now(), Tape(), Tape()
        outlets = [other.outlet for other in others]
        with ExitStack() as ears:
            for outlet in outlets:
                ears.enter_context(outlet.heard_by(self))
            ears.enter_context(there.of([self.outlet] if outlets else []))
            ears.enter_context(here.of(outlets))
            ears.callback(self._mixer.forgets_voices)
            try:
                while True:
                    await self._pass(ALWAYS, till=lambda: False)
            finally:
                if others:
                    talked = (self._clock.now() - started).total_seconds()
                    self._sounds("speech", Sound("", "", talked, raw=there.wav()), started, talked)
                    self._sounds("played", Sound("", "", talked, raw=here.wav()), started, talked)

    async def hang_up(self) -> None:
        """End the leg from the carrier's side."""
        self._gone = True
        self._free()

    def _free(self) -> None:
        self.outlet.real = False
        if self._pump is not None:
            self._pump.cancel()
        if self._device.leg is self:
            self._device.leg = None
            self._device.tell_state()

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            frame = self._mixer.next()
            if frame is not None:
                self._device.plays(frame)
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _pass(self, seconds: float, *, till: Callable[[], bool]) -> bool:
        """Let so much business time pass, or until something is so: then True. HungUp when the browser leaves."""
        ends = self._clock.now() + timedelta(seconds=seconds)
        while not self._gone:
            if till():
                return True
            left = (ends - self._clock.now()).total_seconds()
            if left <= 0:
                return False
            self._stir.clear()
            await until(self._stir, self._clock.sleep(left))
        raise HungUp
