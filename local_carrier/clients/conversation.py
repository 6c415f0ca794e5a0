"""A simulated debtor talks with a real person: opens, answers when the other has spoken and paused, says goodbye.

What is said is data (talk/*.yaml); what the other says is not understood. Runs in real time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from importlib import resources
from typing import Any

import yaml

from local_carrier.clients.frames import level
from local_carrier.clients.turns import Turn
from local_carrier.clients.voices import Voices
from local_carrier.lines.outlet import FRAME_SECONDS, Outlet
from local_carrier.lines.people import Person

BREATH_SECONDS = 0.6  # between being put through and the first word
MOST_NUDGES = 2
PARTS = ("opening", "answers", "agreement", "goodbye")


def lines_of(language: str, persona: str) -> tuple[list[str], list[str]]:
    """What somebody says, in order, ending with a goodbye; and what they ask into a silence."""
    known = _talk(language)
    own = {**known["everybody"], **known.get(persona, {})}
    said = [line for part in PARTS for line in ([own[part]] if isinstance(own[part], str) else own[part])]
    return said, list(own["silence"])


@cache
def _talk(language: str) -> Mapping[str, Any]:
    folder = resources.files("local_carrier") / "clients" / "talk"
    names = [entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")]
    near = sorted(name for name in names if name[:2] == language[:2])
    chosen = language if language in names else (near or ["en-US"])[0]
    data: Mapping[str, Any] = yaml.safe_load((folder / f"{chosen}.yaml").read_text(encoding="utf-8"))
    return data


class Conversation:
    """One talk. It may be interrupted (somebody joins, a hold) and goes on where it was, within the sentence."""

    def __init__(self, person: Person, outlet: Outlet, voices: Voices) -> None:
        self._person, self._outlet, self._voices = person, outlet, voices
        said, self._silence = lines_of(person.language, person.persona.name)
        self._lines: deque[str] = deque(said)
        self._rest: deque[bytes] = deque()
        self._nudges = 0
        self._loudest = self._noise = 0.0
        self._saying = ""  # words that are being made into sound
        self._opened = False

    def hears(self, source: Outlet, frame: bytes) -> None:
        """The other side speaks."""
        self._loudest = max(self._loudest, level(frame))

    def reads(self, words: str, language: str) -> None:
        """Captions are for eyes."""

    async def go_on(self, partners: Sequence[Outlet]) -> None:
        """Talk until the goodbye has been said."""
        with ExitStack() as ears:
            for partner in partners:
                ears.enter_context(partner.heard_by(self))
            if not self._opened:
                await asyncio.sleep(BREATH_SECONDS)
                self._opened, self._saying = True, self._lines.popleft()
            if self._saying:
                await self._begin(self._saying)
            await self._finish()
            while self._lines:
                await self._begin(await self._after_them())
                await self._finish()

    async def _begin(self, words: str) -> None:
        self._saying = words
        self._rest.extend(await self._voices.say(words, self._person.language, speaker=self._person.address))
        self._saying = ""
        self._outlet.say(words, self._person.language)

    async def _finish(self) -> None:
        """Speak what is left of the sentence, a frame every 20 ms."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._rest:
            self._outlet.speak(self._rest.popleft())
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _after_them(self) -> str:
        """Wait for the other side's turn to end; what is said then, or into too long a silence."""
        turn = Turn(self._noise)
        self._loudest = 0.0
        while not turn.over:
            await asyncio.sleep(FRAME_SECONDS)
            turn.passes(self._loudest)
            self._loudest, self._noise = 0.0, turn.noise
            if turn.missing:
                return self._nudge()
        return self._lines.popleft()

    def _nudge(self) -> str:
        if self._nudges < MOST_NUDGES:
            self._nudges += 1
            return self._silence[(self._nudges - 1) % len(self._silence)]
        goodbye = self._lines.pop()
        self._lines.clear()
        return goodbye
