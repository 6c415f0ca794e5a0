"""Recordings at the carrier: begun, paused, ended, fetched, deleted (https://www.twilio.com/docs/voice/api/recording).

Every change says whether the carrier confirmed it. What is not confirmed is for the caller to take as not done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

IN_A_CALL_SECONDS = 3.0  # somebody listens to silence meanwhile, and the carrier waits 15 s for a document
CURRENT = "Twilio.CURRENT"  # the recording that runs on a call, whatever its id
ENDED_CODES = (20404, 21220)  # no such recording; it has ended
RUNNING = frozenset({"in-progress", "paused"})

OK, NOT_FOUND = 200, 404
PIECE = 64 * 1024

T = TypeVar("T")
Change = Literal["paused", "in-progress", "stopped"]
Done = Literal["done", "gone", "unknown"]  # confirmed; there is no running recording; nobody can tell
Download = Callable[[str, tuple[str, str]], AbstractAsyncContextManager[httpx.Response]]


@dataclass(frozen=True, slots=True)
class Tape:
    """A recording as the carrier shows it: in-progress, paused, stopped, processing, completed or absent."""

    sid: str
    status: str
    seconds: int | None = None


class Tapes:
    """The recordings of one account."""

    def __init__(self, client: Client, download: Download) -> None:
        self._client = client
        self._download = download

    async def start(self, call: str, *, status_url: str) -> Tape | None:
        """Record a live call from now on, each side on its own track; None when that was not confirmed."""
        try:
            async with asyncio.timeout(IN_A_CALL_SECONDS):
                made = await self._client.calls(call).recordings.create_async(
                    recording_status_callback=status_url,
                    recording_status_callback_event=["completed", "absent"],
                    recording_channels="dual",
                    trim="do-not-trim",
                )
        except (TimeoutError, TwilioException, httpx.HTTPError):
            return None
        return _tape(made) if made.sid else None

    async def change(self, call: str, sid: str | None, to: Change) -> Done:
        """Pause (the pause is left out), resume or stop a recording of a call; without `sid`, the one that runs."""
        behaviour = {"pause_behavior": "skip"} if to == "paused" else {}
        one = self._client.calls(call).recordings(sid or CURRENT)
        try:
            async with asyncio.timeout(IN_A_CALL_SECONDS):
                now = await one.update_async(status=to, **behaviour)
        except TwilioRestException as error:
            return "gone" if error.code in ENDED_CODES else "unknown"
        except (TimeoutError, TwilioException, httpx.HTTPError):
            return "unknown"
        return "done" if _confirms(now.status, to) else "unknown"

    async def of_call(self, call: str) -> list[Tape] | None:
        """All recordings of a call; None when the carrier does not answer."""
        try:
            return [_tape(one) for one in await self._client.calls(call).recordings.list_async(limit=20)]
        except TwilioRestException as error:
            return [] if error.code in ENDED_CODES else None
        except (TwilioException, httpx.HTTPError):
            return None

    async def delete(self, sid: str) -> bool:
        """Delete a recording; whether it is surely gone (also when it was gone before)."""
        try:
            return bool(await self._client.recordings(sid).delete_async())
        except TwilioRestException as error:
            return bool(error.status == NOT_FOUND)
        except (TwilioException, httpx.HTTPError):
            return False

    async def fetch(self, sid: str, keep: Callable[[AsyncIterator[bytes]], Awaitable[T]]) -> T | None:
        """Hand the sound of a completed recording (WAV, two tracks) to `keep`, in pieces.

        What `keep` returns; None when the sound cannot be had now. Its own exceptions pass through.
        """
        uri = f"/2010-04-01/Accounts/{self._client.account_sid}/Recordings/{sid}.wav?RequestedChannels=2"
        try:
            async with self._download(uri, (self._client.username, self._client.password)) as answer:
                return await keep(answer.aiter_bytes(PIECE)) if answer.status_code == OK else None
        except httpx.HTTPError:
            return None


def _confirms(status: object, to: Change) -> bool:
    """The new status; a stopped recording may be shown as processed already."""
    return str(status) == to or (to == "stopped" and status not in RUNNING)


def _tape(one: Any) -> Tape:
    length = str(one.duration or "")
    return Tape(str(one.sid), str(one.status), int(length) if length.isdecimal() else None)
