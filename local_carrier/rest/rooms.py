"""Conferences and Participants over REST: read, add, change, remove."""

from __future__ import annotations

import re
from types import MappingProxyType
from urllib.parse import parse_qs, parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_carrier.calls import Ready
from local_carrier.conferences import Room, Seat
from local_carrier.exchange import Exchange
from local_carrier.rest.errors import Refusal
from local_carrier.rest.orders import Form, is_yes, one, read_call_order, read_hook
from local_carrier.rest.paging import in_time, page
from local_carrier.rest.views import conference_view, participant_view
from local_carrier.verbs import Document, Verb

SID = re.compile(r"CF[0-9a-f]{32}")


def exchange_of(request: Request) -> Exchange:
    """Return the app's switch."""
    exchange: Exchange = request.app.state.exchange
    return exchange


async def read_form(request: Request) -> Form:
    """Return the form-encoded body; repeated names keep all their values."""
    return parse_qs((await request.body()).decode(), keep_blank_values=True)


def query_of(request: Request) -> dict[str, str]:
    """Return the query; a name like `StartTime>` keeps its sign."""
    return dict(parse_qsl(request.url.query))


def _room(request: Request) -> Room:
    room = exchange_of(request).conferences.named(request.path_params["sid"])
    if room is None:
        raise Refusal(20404, request.url.path)
    return room


async def conferences(request: Request) -> Response:
    """List conferences by FriendlyName, Status, DateCreated."""
    exchange, query = exchange_of(request), query_of(request)
    found = [
        (room.sid, room)
        for room in reversed(exchange.conferences.rooms.values())
        if query.get("FriendlyName", room.name) == room.name
        and query.get("Status", room.status) == room.status
        and in_time(room.created_at, query, "DateCreated")
    ]
    account = exchange.config.account_sid
    listed = page("conferences", found, lambda r: conference_view(r, account), path=request.url.path, query=query)
    return JSONResponse(listed)


async def conference(request: Request) -> Response:
    """Fetch a conference, or end it (Status=completed)."""
    exchange, room = exchange_of(request), _room(request)
    if request.method == "POST":
        status = one(await read_form(request), "Status")
        if status and status != "completed":
            raise Refusal(20001, f"Status {status}, expected completed")
        if status and room.status != "completed":
            exchange.conferences.end(room, "conference-ended-via-api")
    return JSONResponse(conference_view(room, exchange.config.account_sid))


async def participants(request: Request) -> Response:
    """List who is in a conference, or add somebody by calling them."""
    exchange = exchange_of(request)
    account = exchange.config.account_sid
    if request.method == "POST":
        return JSONResponse(_add(exchange, request.path_params["sid"], await read_form(request)), 201)
    room, query = _room(request), query_of(request)
    found = [
        (sid, seat)
        for sid, seat in room.seats.items()
        if query.get("Muted", str(seat.muted).lower()) == str(seat.muted).lower()
        and query.get("Hold", str(seat.hold).lower()) == str(seat.hold).lower()
    ]
    listed = page(
        "participants", found, lambda s: participant_view(s, room, account), path=request.url.path, query=query
    )
    return JSONResponse(listed)


NOUN_PARAMETERS = {
    "Beep": "beep",
    "CallSidToCoach": "coach",
    "EndConferenceOnExit": "endConferenceOnExit",
    "Label": "participantLabel",
    "Muted": "muted",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "WaitMethod": "waitMethod",
    "WaitUrl": "waitUrl",
    "ConferenceStatusCallback": "statusCallback",
    "ConferenceStatusCallbackMethod": "statusCallbackMethod",
    "ConferenceStatusCallbackEvent": "statusCallbackEvent",
}


def _add(exchange: Exchange, name: str, form: Form) -> dict[str, object]:
    read_hook(form, "ConferenceStatusCallback", code=21609)
    order = read_call_order({**form, "Twiml": ["<Response/>"], "Url": []}, exchange.numbers.owned())
    attributes = {attribute: " ".join(form[p]) for p, attribute in NOUN_PARAMETERS.items() if one(form, p)}
    known = exchange.conferences.named(name)
    if SID.fullmatch(name) and (known is None or known.status == "completed"):
        raise Refusal(20404, f"Conferences/{name}")
    room = exchange.conferences.open(name)
    noun = Verb("Conference", MappingProxyType(attributes), room.name)
    call = exchange.create(order, document=Ready(Document((Verb("Dial", children=(noun,)),))))
    seat = Seat(
        call,
        call.created_at,
        label=noun.get("participantLabel"),
        muted=noun.says_yes("muted"),
        coach=noun.get("coach"),
        start_on_enter=noun.says_yes("startConferenceOnEnter", default=True),
        end_on_exit=noun.says_yes("endConferenceOnExit"),
    )
    return participant_view(seat, room, exchange.config.account_sid, status="queued")


async def participant(request: Request) -> Response:
    """Fetch, change (Muted, Hold, Coaching, CallSidToCoach) or remove a participant."""
    exchange, room = exchange_of(request), _room(request)
    seat = room.seat(request.path_params["call"])
    if seat is None:
        raise Refusal(20404, request.url.path)
    if request.method == "DELETE":
        exchange.conferences.remove(room, seat)
        return Response(status_code=204)
    if request.method == "POST":
        _change(exchange, room, seat, await read_form(request))
    return JSONResponse(participant_view(seat, room, exchange.config.account_sid))


def _change(exchange: Exchange, room: Room, seat: Seat, form: Form) -> None:
    rooms = exchange.conferences
    coach, coaching = one(form, "CallSidToCoach"), one(form, "Coaching")
    if coach and (why := rooms.why_not_coached(room, coach)):
        raise Refusal(20001, f"CallSidToCoach {coach}: {why}")
    if is_yes(coaching) and not (coach or seat.coach):
        raise Refusal(20001, "Coaching needs CallSidToCoach")
    if one(form, "Muted"):
        rooms.set_muted(room, seat, is_yes(one(form, "Muted")))
    if one(form, "Hold"):
        rooms.set_hold(room, seat, is_yes(one(form, "Hold")))
    if coach or coaching:
        rooms.set_coach(room, seat, "" if coaching == "false" else coach or seat.coach)
    if one(form, "EndConferenceOnExit"):
        seat.end_on_exit = is_yes(one(form, "EndConferenceOnExit"))
