"""Prompts for the answer at hand: those that are there are used; one that only needs joining is joined now.

A call never waits for synthesis: what is not there within JOINING_SECONDS is left to the carrier's own voice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from audio.prompts import PromptStore
from audio.speech import SpeechError
from ivr_flows.turn import Part, Speech

JOINING_SECONDS = 0.4


class Voicing:
    """The voice of one installation; without a store everything is spoken by the carrier."""

    def __init__(self, prompts: PromptStore | None) -> None:
        self._prompts = prompts
        self._music: str | None = None

    async def open(self) -> None:
        """Make the music on hold ready."""
        if self._prompts is not None:
            self._music = (await self._prompts.music()).hash

    def music(self) -> str | None:
        """The digest of the music on hold."""
        return self._music

    def find(self, language: str, parts: Sequence[Part]) -> str | None:
        """The digest of a prompt that is there."""
        prompt = self._prompts.find(language, parts) if self._prompts else None
        return prompt.hash if prompt else None

    async def prepare(self, speeches: Sequence[Speech]) -> None:
        """Join what is missing, as far as the time goes."""
        if self._prompts is None:
            return
        missing = [one for one in speeches if self._prompts.find(one.language, one.parts) is None]
        if missing:
            with suppress(TimeoutError, SpeechError):
                async with asyncio.timeout(JOINING_SECONDS):
                    for speech in missing:
                        await self._prompts.render(speech.language, speech.parts)
