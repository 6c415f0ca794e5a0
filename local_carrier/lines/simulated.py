"""A line with a simulated person at the end. Time passes on the carrier's clock; what happens is in the persona."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from local_carrier.clients.conversation import Conversation
from local_carrier.clients.tape import Tape
from local_carrier.clients.voices import Voices
from local_carrier.clock import Clock
from local_carrier.lines.line import AudibleKind, HungUp, Line, NotReached, PickedUp, Sound, Taped, Voice, cut
from local_carrier.lines.mind import Mind
from local_carrier.lines.outlet import Outlet
from local_carrier.lines.people import Person
from local_carrier.waiting import until

NETWORK_SECONDS = 0.5
KEY_SECONDS = 0.4
RECORDER_SECONDS = 120.0
SCREENING_SECONDS = 4.0
EXTENSION_SECONDS = 6.0
NO_EXTENSION_SECONDS = 20.0
RECORDED_WORDS_SECONDS = 4.0
Tell = Callable[[str, str], None]
Sounds = Callable[[AudibleKind, Sound, datetime, float], None]


def _unheard(_kind: AudibleKind, _sound: Sound, _at: datetime, _seconds: float) -> None:
    """Nobody records."""


class SimulatedLine:
    """One leg to one person. `tell` hears of (what, words): heard, taped, pressed, lost_key, said, left.

    `sounds` hears what is on the line: ("played", "key" or "speech", the sound, from when, seconds). With `voices`
    the person really talks with whoever is real. `relief` is set when the one whose telephone this is has come.
    """

    def __init__(
        self,
        person: Person,
        clock: Clock,
        tell: Tell,
        sounds: Sounds = _unheard,
        *,
        voices: Voices | None = None,
        relief: asyncio.Event | None = None,
    ) -> None:
        self.person, self._clock, self._tell, self._sounds = person, clock, tell, sounds
        self.outlet = Outlet()
        self._relief = relief
        self._talks = False
        self._talk = Conversation(person, self.outlet, voices) if voices is not None else None
        self._mind = Mind(person)
        self._keys: deque[str] = deque()
        self._leaves_at: datetime | None = None
        self._waits_until: datetime | None = None
        self._talks_until: datetime | None = None
        self._tape_begins: datetime | None = None
        self._prompts = 0
        self._left = False
        self._hidden = False
        self._present_from: datetime | None = None

    async def dial(
        self, address: str, *, caller: str, timeout_seconds: float, on_ringing: Callable[[], None]
    ) -> PickedUp | NotReached:
        """Ring; what answers, and when, is the persona's."""
        persona = self.person.persona
        await self._clock.sleep(NETWORK_SECONDS)
        if persona.pickup == "invalid":
            return NotReached("failed", 404)
        if persona.pickup == "busy":
            return NotReached("busy", 486)
        on_ringing()
        if persona.pickup == "no_answer" or persona.answers_after > timeout_seconds:
            await self._clock.sleep(timeout_seconds)
            return NotReached("no-answer", 487)
        await self._clock.sleep(persona.answers_after)
        self._answered()
        voice: Voice = "human" if persona.pickup == "screening" else persona.pickup
        return PickedUp(voice, persona.greeting_seconds, persona.pickup == "machine" and persona.beep)

    def calls_in(self) -> None:
        """Let the person, who has called, hear what we say; whatever answers their phone does not matter."""
        self._mind = Mind(self.person, calling=True)
        self._present_from = self._clock.now()
        if self.person.persona.hangs_up_after is not None:
            self._leaves_at = self._later(self.person.persona.hangs_up_after)

    def sends_keys(self, digits: str) -> None:
        """Put the call through when a switchboard gets the person's extension."""
        extension = self.person.persona.extension
        if extension and extension in digits.upper().replace("W", "") and self._present_from is None:
            self._tell("said", f"put through to extension {extension}")
            self._present_from, self._leaves_at = self._later(EXTENSION_SECONDS), None

    def _answered(self) -> None:
        persona = self.person.persona
        stays: float | None = persona.hangs_up_after
        if persona.extension:
            stays = persona.greeting_seconds + NO_EXTENSION_SECONDS
        elif persona.pickup == "screening":
            self._tell("said", "Please say your name and why you are calling.")
        else:
            self._present_from = self._clock.now()
        if persona.pickup == "announcement":
            stays = persona.greeting_seconds + 3.0
        elif persona.mailbox_full:
            stays = persona.greeting_seconds + 2.0
        elif persona.pickup == "machine":
            stays = persona.greeting_seconds + RECORDER_SECONDS
            self._tape_begins = self._later(persona.greeting_seconds)
        elif persona.pickup == "fax":
            stays = 30.0
        if stays is not None:
            self._leaves_at = self._later(stays)

    def _later(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)

    async def play(self, sound: Sound, *, keys_stop_it: bool = False) -> bool:
        """Hear a sound. Impatient people press inside it; some hang up in the middle of a sentence."""
        if keys_stop_it and self._keys:
            return True
        if not sound.words:
            await self._spend(sound.seconds)
            return False
        self._prompts += 1
        seconds, leaves, presses = sound.seconds, False, False
        if self._prompts == self.person.persona.hangs_up_in_prompt:
            seconds, leaves = seconds / 2, True
        elif self.person.persona.interrupts and self._mind.peeks(sound.words, sound.language):
            seconds, presses = seconds * 0.6, True
        await self._hear(sound, seconds)
        if leaves:
            self._leave()
        return presses and self._press(self._mind.decides() or "", heard=keys_stop_it)

    async def _hear(self, sound: Sound, seconds: float) -> None:
        """Listen so long; what was heard is told even when the sound is cut short."""
        started = self._clock.now()
        try:
            await self._spend(seconds)
            if self._present_from is not None and started >= self._present_from:
                self._mind.hears(sound.words, sound.language)
            self._screen()
        finally:
            heard = (self._clock.now() - started).total_seconds()
            self._sounds("played", sound, started, heard)
            self._tell("heard", cut(sound, 0.0, heard))
            if self._tape_begins is not None:
                missed = max(0.0, (self._tape_begins - started).total_seconds())
                if taped := cut(sound, missed, heard):
                    self._tell("taped", taped)

    def _screen(self) -> None:
        """Let the assistant, which has heard who calls, ask the person: they come to the phone, or it hangs up."""
        persona = self.person.persona
        if persona.pickup != "screening" or self._present_from is not None or self._leaves_at is not None:
            return
        if persona.screening == "accepts":
            self._tell("said", "Stay on the line, please.")
            self._present_from = self._later(SCREENING_SECONDS)
        else:
            self._tell("said", "This person cannot take your call. Goodbye.")
            self._leaves_at = self._later(SCREENING_SECONDS)

    def _press(self, keys: str, *, heard: bool) -> bool:
        self._tell("pressed" if heard else "lost_key", "•" * len(keys) if self._hidden else keys)
        for place, key in enumerate(keys):
            self._sounds("key", Sound(key, "", KEY_SECONDS), self._later(place * KEY_SECONDS), KEY_SECONDS)
        if heard:
            self._keys.extend(keys)
            self._talks_until = None
            if self._mind.awaits_agent:
                self._waits_until = self._later(self.person.persona.waits_seconds)
        return heard

    async def listen(self, seconds: float) -> str | None:
        """Wait for a key; the person thinks first, then types."""
        if self._keys:
            await self._spend(KEY_SECONDS)
            return self._keys.popleft()
        reaction = self.person.persona.reaction_seconds
        keys = self._mind.decides() if reaction < seconds else None
        if not keys:
            await self._spend(seconds)
            return None
        await self._spend(reaction)
        self._press(keys, heard=True)
        return self._keys.popleft()

    def forget_keys(self) -> None:
        """Forget keys that were typed and never asked for."""
        self._keys.clear()

    def hide_keys(self, *, hidden: bool) -> None:
        """From now on tell nobody which keys are pressed, only how many; or tell again."""
        self._hidden = hidden

    async def record(self, max_seconds: float, *, silence_seconds: float, finish_on: str) -> Taped:
        """Let the person speak for a few seconds."""
        spoken = min(RECORDED_WORDS_SECONDS, max_seconds)
        self._tell("said", f"{spoken:.0f} seconds of speech")
        self._sounds("speech", Sound("", "", spoken), self._clock.now(), spoken)
        await self._spend(spoken)
        if spoken < max_seconds:
            await self._spend(min(silence_seconds, max_seconds - spoken))
        return Taped(spoken, None)

    async def bridge(self, others: Sequence[Line]) -> None:
        """Talk with the others, or wait for somebody, as long as the person's patience lasts."""
        persona = self.person.persona
        real = [line.outlet for line in others if line.outlet.real]
        if real and self._talk is not None:
            await self._converse(self._talk, real)
        if not persona.stays and others:
            self._waits_until = None
            self._talks_until = self._talks_until or self._later(persona.talks_seconds)
        elif not persona.stays:
            self._talks_until = None
            self._waits_until = self._waits_until or self._later(persona.waits_seconds)
        started = self._clock.now()
        self._talks = bool(others)
        try:
            await self._stay()
        finally:
            self._talks = False
            if others and not persona.stays:
                talked = (self._clock.now() - started).total_seconds()
                self._sounds("speech", Sound("", "", talked), started, talked)

    async def _converse(self, talk: Conversation, partners: Sequence[Outlet]) -> None:
        """Talk in real time; patience and other times of the persona do not count while somebody real is there."""
        self._waits_until = self._talks_until = None
        started, there, here = self._clock.now(), Tape(), Tape()
        try:
            with there.of([self.outlet]), here.of(partners):
                await talk.go_on(partners)
        finally:
            talked = (self._clock.now() - started).total_seconds()
            self._sounds("speech", Sound("", "", talked, raw=there.wav()), started, talked)
            self._sounds("played", Sound("", "", talked, raw=here.wav()), started, talked)
        self._leave()

    async def _stay(self) -> None:
        while True:
            await self._spend(3600.0)

    async def hang_up(self) -> None:
        """End the leg from the carrier's side."""
        self._left = True

    async def _spend(self, seconds: float) -> None:
        if self._left:
            raise HungUp
        ends = [at for at in (self._leaves_at, self._waits_until, self._talks_until) if at is not None]
        if ends:
            remaining = (min(ends) - self._clock.now()).total_seconds()
            if remaining <= seconds:
                await self._clock.sleep(max(0.0, remaining))
                self._leave()
        if self._relief is None or self._talks:
            await self._clock.sleep(seconds)
            return
        await until(self._relief, self._clock.sleep(seconds))
        if self._relief.is_set():
            self._leave()

    def _leave(self) -> NoReturn:
        self._left = True
        self._tell("left", "")
        raise HungUp
