"""Who is heard by whom in a conference: what a supervisor's seat there is changed to while the talk goes on.

Contract: https://www.twilio.com/docs/voice/api/conference-participant-resource (Muted, Coaching, CallSidToCoach).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

LIVING = ("in-progress", "init")


@dataclass(frozen=True, slots=True)
class Seat:
    """How somebody sits in a conference: muted, heard by all, or heard by the call `coached` alone."""

    muted: bool
    coached: str | None = None


class Rooms:
    """The conferences of one account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def change(self, room: str, sid: str, seat: Seat) -> bool:
        """Seat a call of the conference of this name so; False when it is not there, or without an answer.

        One request says all of it, so that nobody is heard by more people in between.
        """
        asked: dict[str, Any] = {"muted": seat.muted, "coaching": seat.coached is not None}
        if seat.coached is not None:
            asked["call_sid_to_coach"] = seat.coached
        try:
            for status in LIVING:
                for one in await self._client.conferences.list_async(friendly_name=room, status=status, limit=5):
                    await self._client.conferences(str(one.sid)).participants(sid).update_async(**asked)
                    return True
        except (TwilioException, httpx.HTTPError):
            return False
        return False
