"""Rooms where calls talk together: who sits there, muted or on hold; joins and leaves are told to the room's hook."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from local_carrier.callbacks import Callback
from local_carrier.calls import Call, Fetch, new_sid, rfc2822
from local_carrier.rest.orders import Hook
from local_carrier.verbs import BadTwiML, Verb
from local_carrier.waiting import until

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange
    from local_carrier.performing import Performer

CONFERENCE_ENDED = "conference_ended"


@dataclass(slots=True, eq=False)
class Seat:
    """One call's place in a room."""

    call: Call
    joined_at: datetime
    label: str = ""
    muted: bool = False
    hold: bool = False
    coach: str = ""
    start_on_enter: bool = True
    end_on_exit: bool = False
    ousted: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, eq=False)
class Room:
    """A conference: begun when two are in it and one of them may start it."""

    sid: str
    name: str
    created_at: datetime
    updated_at: datetime
    status: str = "init"
    seats: dict[str, Seat] = field(default_factory=dict)
    hook: Hook | None = None
    events: frozenset[str] = frozenset()
    sequence: int = 0
    reason_ended: str | None = None
    ended_by: str | None = None

    def seat(self, key: str) -> Seat | None:
        """Return a seat by call SID or label."""
        return self.seats.get(key) or next((s for s in self.seats.values() if s.label and s.label == key), None)


class Conferences:
    """All rooms of the account; a name belongs to at most one that has not ended."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.rooms: dict[str, Room] = {}

    def named(self, name: str) -> Room | None:
        """Return the room with this SID, or the living one with this name."""
        if name in self.rooms:
            return self.rooms[name]
        return next((r for r in self.rooms.values() if r.name == name and r.status != "completed"), None)

    def open(self, name: str) -> Room:
        """Return the living room of this name, made if need be."""
        room = self.named(name)
        if room is None or room.status == "completed":
            now = self._exchange.clock.now()
            room = Room(new_sid("CF"), name, now, now)
            self.rooms[room.sid] = room
        return room

    async def sit(self, performer: Performer, noun: Verb) -> None:
        """Keep a call in the room until it leaves or is made to; HungUp when the other end hangs up."""
        room, call = self.open(noun.text), performer.call
        if noun.get("statusCallback") and room.hook is None:
            room.hook = performer.hook(noun.get("statusCallback"), noun.get("statusCallbackMethod", "POST"))
            room.events = frozenset((noun.get("statusCallbackEvent") or "start end").split())
        if (coached := noun.get("coach")) and self.why_not_coached(room, coached):
            self._exchange.warn(16028, call.sid, f"coach {coached}: {self.why_not_coached(room, coached)}")
            return
        seat = self._join(room, call, noun)
        reason = "participant_hung_up"
        try:
            while not seat.ousted:
                seat.changed.clear()
                await self._stay(performer, room, seat, noun)
            reason = seat.ousted
        except asyncio.CancelledError:
            ended = "participant_hung_up" if call.ended_by_api else "participant_updated_via_api"
            reason = seat.ousted or ended
            raise
        finally:
            self._leave(room, seat, reason)

    async def _stay(self, performer: Performer, room: Room, seat: Seat, noun: Verb) -> None:
        others = [s.call.line for s in self.heard_by(room, seat)]
        if others or not noun.get("waitUrl"):
            await until(seat.changed, seat.call.line.bridge(others))
            return
        await until(seat.changed, self._music(performer, noun))

    async def _music(self, performer: Performer, noun: Verb) -> None:
        from local_carrier.performing import Ended, Performer

        while True:
            started = self._exchange.clock.now()
            listener = Performer(self._exchange, performer.call)
            listener.here = performer.here
            try:
                await listener.through(Fetch(listener.hook(noun.get("waitUrl"), noun.get("waitMethod", "POST"))))
            except (Ended, BadTwiML) as error:
                self._exchange.warn(11200, performer.call.sid, f"conference waitUrl: {error}; silence")
                await performer.call.line.bridge(())
            if self._exchange.clock.now() <= started:
                await self._exchange.clock.sleep(1.0)

    @staticmethod
    def heard_by(room: Room, seat: Seat) -> list[Seat]:
        """Whom a participant hears: nobody while on hold, nobody muted, and of coaches only their own."""
        if room.status != "in-progress" or seat.hold:
            return []
        others = [s for s in room.seats.values() if s is not seat and not (s.hold or s.muted)]
        return [s for s in others if s.coach in ("", seat.call.sid)]

    @staticmethod
    def why_not_coached(room: Room, sid: str) -> str:
        """Why nobody can coach this call in this room; empty when somebody can (errors 16027 and 16028)."""
        seat = room.seats.get(sid)
        if seat is None:
            return "not in this conference"
        return "on hold" if seat.hold else ""

    def _join(self, room: Room, call: Call, noun: Verb) -> Seat:
        seat = Seat(
            call,
            self._exchange.clock.now(),
            label=noun.get("participantLabel"),
            muted=noun.says_yes("muted"),
            coach=noun.get("coach"),
            start_on_enter=noun.says_yes("startConferenceOnEnter", default=True),
            end_on_exit=noun.says_yes("endConferenceOnExit"),
        )
        room.seats[call.sid] = seat
        self._tell(room, "participant-join", seat)
        if room.status == "init" and len(room.seats) > 1 and any(s.start_on_enter for s in room.seats.values()):
            room.status = "in-progress"
            self._tell(room, "conference-start", seat)
        self._wake(room)
        return seat

    def _leave(self, room: Room, seat: Seat, reason: str) -> None:
        room.seats.pop(seat.call.sid, None)
        self._tell(room, "participant-leave", seat, {"ReasonParticipantLeft": reason})
        if room.status != "completed":
            if seat.end_on_exit and seat.ousted != CONFERENCE_ENDED:
                how = "kicked" if seat.ousted else "left"
                self.end(room, f"participant-with-end-conference-on-exit-{how}", seat)
            elif not room.seats:
                self.end(room, "last-participant-left", seat)
        self._wake(room)

    def end(self, room: Room, reason: str, seat: Seat | None = None) -> None:
        """End the room; whoever sits there goes on with their own documents."""
        room.status, room.reason_ended = "completed", reason
        room.ended_by = seat.call.sid if seat is not None else None
        extra = {"ReasonConferenceEnded": reason}
        if seat is not None:
            extra["CallSidEndingConference"] = seat.call.sid
        self._tell(room, "conference-end", seat, extra)
        for other in room.seats.values():
            other.ousted = other.ousted or CONFERENCE_ENDED
        self._wake(room)

    def remove(self, room: Room, seat: Seat) -> None:
        """Kick a participant: their call ends, as with Twilio's DELETE."""
        seat.ousted = "removed_via_api"
        seat.call.end("completed")

    def set_hold(self, room: Room, seat: Seat, hold: bool) -> None:
        """Put a participant on hold, or back."""
        if seat.hold != hold:
            seat.hold = hold
            self._tell(room, "participant-hold" if hold else "participant-unhold", seat)
            self._wake(room)

    def set_muted(self, room: Room, seat: Seat, muted: bool) -> None:
        """Mute a participant, or unmute."""
        if seat.muted != muted:
            seat.muted = muted
            self._tell(room, "participant-mute" if muted else "participant-unmute", seat)
            self._wake(room)

    def set_coach(self, room: Room, seat: Seat, coach: str) -> None:
        """Let a participant be heard only by the coached call; an empty `coach` ends it."""
        seat.coach = coach
        self._tell(room, "participant-modify", seat)
        self._wake(room)

    def _wake(self, room: Room) -> None:
        room.updated_at = self._exchange.clock.now()
        for seat in room.seats.values():
            seat.changed.set()

    def _tell(self, room: Room, event: str, seat: Seat | None, extra: dict[str, str] | None = None) -> None:
        wanted = {name for short in room.events for name in _event_names(short)}
        if room.hook is None or event not in wanted:
            return
        params = {
            "AccountSid": self._exchange.config.account_sid,
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(room.sequence + 1),
            "Timestamp": rfc2822(self._exchange.clock.now()) or "",
            **(extra or {}),
        }
        room.sequence += 1
        if seat is not None and event.startswith("participant"):
            params |= _seat_params(seat)
        self._exchange.callbacks.send(Callback("conference", room.hook, params, room.sid))


def _event_names(short: str) -> Iterator[str]:
    match short:
        case "start" | "end":
            yield f"conference-{short}"
        case "mute" | "hold":
            yield f"participant-{short}"
            yield f"participant-un{short}"
        case _:
            yield f"participant-{short}"


def _seat_params(seat: Seat) -> dict[str, str]:
    params = {
        "CallSid": seat.call.sid,
        "Muted": str(seat.muted).lower(),
        "Hold": str(seat.hold).lower(),
        "Coaching": str(bool(seat.coach)).lower(),
        "EndConferenceOnExit": str(seat.end_on_exit).lower(),
        "StartConferenceOnEnter": str(seat.start_on_enter).lower(),
    }
    if seat.label:
        params["ParticipantLabel"] = seat.label
    return params
