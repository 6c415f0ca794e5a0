"""The carrier's front door: Twilio's 2010-04-01 REST paths, plus /ledger, /debug and /faults for whoever runs it.

Reads requests and writes answers; the exchange does the rest.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from local_carrier.calls import FINAL, Call
from local_carrier.clients.socket import PATH, client_socket
from local_carrier.clock import Clock
from local_carrier.config import CarrierConfig
from local_carrier.exchange import Exchange
from local_carrier.faults import Fault, FaultRefused, read_fault
from local_carrier.lines.people import People
from local_carrier.messages import Message
from local_carrier.rest import numbers, payments, people, recordings, rooms
from local_carrier.rest.errors import Refusal
from local_carrier.rest.orders import read_call_change, read_call_order, read_message_order
from local_carrier.rest.paging import in_time, page
from local_carrier.rest.views import API, call_view, message_view
from local_carrier.verbs import BadTwiML

Endpoint = Callable[[Request], Awaitable[Response]]


class DroppedConnection(httpx.RemoteProtocolError):
    """The connection broke before the answer was complete (a fault that was asked for)."""


class DroppedAnswer(Response):
    """An answer that breaks off: headers go out, the body never does, and the server closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start an answer and give up."""
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        raise DroppedConnection("the local carrier dropped this connection, as its faults ask")


def create_carrier(
    config: CarrierConfig, *, clock: Clock, people: People, http: httpx.AsyncClient | None = None
) -> Starlette:
    """Build the carrier's ASGI app; `app.state.exchange` is the switch. `http` serves webhooks and media.

    The app's lifespan closes the exchange (and the client, when it is the app's own).
    """
    client = http or httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=500))
    exchange = Exchange(config, clock=clock, people=people, http=client)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await exchange.close()
        if http is None:
            await client.aclose()

    app = Starlette(routes=_routes(), lifespan=lifespan)
    app.state.exchange = exchange
    return app


def _routes() -> list[BaseRoute]:
    account = API + "/{account}"
    return [
        Route(account + "/Calls.json", guarded(_calls), methods=["GET", "POST"]),
        Route(account + "/Calls/{sid}.json", guarded(_call), methods=["GET", "POST"]),
        Route(account + "/Messages.json", guarded(_messages), methods=["GET", "POST"]),
        Route(account + "/Messages/{sid}.json", guarded(_message), methods=["GET"]),
        Route(account + "/Conferences.json", guarded(rooms.conferences), methods=["GET"]),
        Route(account + "/Conferences/{sid}.json", guarded(rooms.conference), methods=["GET", "POST"]),
        Route(account + "/Conferences/{sid}/Participants.json", guarded(rooms.participants), methods=["GET", "POST"]),
        Route(
            account + "/Conferences/{sid}/Participants/{call}.json",
            guarded(rooms.participant),
            methods=["GET", "POST", "DELETE"],
        ),
        Route(account + "/Calls/{call}/Recordings.json", guarded(recordings.of_call), methods=["GET", "POST"]),
        Route(
            account + "/Calls/{call}/Recordings/{sid}.json",
            guarded(recordings.one_of_call),
            methods=["GET", "POST", "DELETE"],
        ),
        Route(account + "/Calls/{call}/Payments.json", guarded(payments.begin), methods=["POST"]),
        Route(account + "/Calls/{call}/Payments/{sid}.json", guarded(payments.change), methods=["POST"]),
        Route(account + "/IncomingPhoneNumbers.json", guarded(numbers.numbers), methods=["GET", "POST"]),
        Route(
            account + "/IncomingPhoneNumbers/{sid}.json", guarded(numbers.number), methods=["GET", "POST", "DELETE"]
        ),
        Route("/local/inbound-calls", guarded(people.inbound_calls), methods=["POST"]),
        Route("/local/inbound-messages", guarded(people.inbound_messages), methods=["POST"]),
        Route(account + "/Recordings.json", guarded(recordings.of_account), methods=["GET"]),
        Route(account + "/Recordings/{sid}", guarded(recordings.one_of_account), methods=["GET", "DELETE"]),
        Route("/ledger", guarded(_ledger), methods=["GET"]),
        Route("/debug", guarded(_debug), methods=["GET"]),
        Route("/faults", guarded(_faults), methods=["GET", "POST"]),
        Route("/healthz", _healthy, methods=["GET"]),
        WebSocketRoute(PATH, client_socket),
        Route("/{rest:path}", guarded(_nowhere), methods=["GET", "POST", "DELETE", "PUT"]),
    ]


def guarded(endpoint: Endpoint) -> Endpoint:
    """Ask for the account's basic auth, and answer refusals as Twilio words them."""

    @wraps(endpoint)
    async def checked(request: Request) -> Response:
        try:
            _authenticate(request)
            return await endpoint(request)
        except Refusal as refusal:
            headers = dict(refusal.headers)
            if refusal.status == 401:
                headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
            return JSONResponse(refusal.body(), refusal.status, headers)

    return checked


def _authenticate(request: Request) -> None:
    config = rooms.exchange_of(request).config
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal(20003) from None
    known = hmac.compare_digest(user.encode(), config.account_sid.encode()) & hmac.compare_digest(
        password.encode(), config.auth_token.encode()
    )
    if kind.lower() != "basic" or not known:
        raise Refusal(20003)
    if request.path_params.get("account", config.account_sid) != config.account_sid:
        raise Refusal(20404, request.url.path)


async def _calls(request: Request) -> Response:
    exchange = rooms.exchange_of(request)
    if request.method == "GET":
        return _call_list(request, exchange)
    order = read_call_order(await rooms.read_form(request), exchange.numbers.owned())
    return _created(exchange, lambda: _view(exchange, exchange.create(order)))


def _created(exchange: Exchange, create: Callable[[], dict[str, object]]) -> Response:
    """Create a resource, with whatever fault is due on the answer."""
    fault = exchange.weather.answer_fault()
    effect = fault.effect if fault is not None else ""
    if fault is not None and effect == "rate_limited":
        raise Refusal(20429, headers={"Retry-After": f"{fault.seconds:.0f}", "Twilio-Concurrent-Requests": "1"})
    if effect == "dropped_before":
        return DroppedAnswer()
    body = create()
    if effect == "dropped_after":
        return DroppedAnswer()
    if effect == "error_after":
        raise Refusal(20503)
    return JSONResponse(body, 201)


def _view(exchange: Exchange, call: Call) -> dict[str, object]:
    return call_view(call, exchange.config, exchange.clock.now())


def _text(exchange: Exchange, message: Message) -> dict[str, object]:
    return message_view(message, exchange.config, exchange.clock.now())


def _call_list(request: Request, exchange: Exchange) -> Response:
    query = rooms.query_of(request)

    def fits(call: Call) -> bool:
        return (
            query.get("To", call.order.to) == call.order.to
            and query.get("From", call.order.from_) == call.order.from_
            and query.get("Status", call.status) == call.status
            and (not query.get("ParentCallSid") or bool(call.parent and call.parent.sid == query["ParentCallSid"]))
            and in_time(call.started_at or call.created_at, query, "StartTime")
            and (call.ended_at is None or in_time(call.ended_at, query, "EndTime"))
        )

    found = [(call.sid, call) for call in reversed(exchange.calls.values()) if fits(call)]
    return JSONResponse(page("calls", found, lambda c: _view(exchange, c), path=request.url.path, query=query))


async def _call(request: Request) -> Response:
    exchange = rooms.exchange_of(request)
    call = exchange.calls.get(request.path_params["sid"])
    if call is None:
        raise Refusal(20404, request.url.path)
    if request.method == "POST":
        change = read_call_change(await rooms.read_form(request))
        redirects = change.voice is not None or change.twiml is not None
        if call.status in FINAL or (redirects and call.status != "in-progress"):
            raise Refusal(21220)
        if redirects and call.parent is not None:
            raise Refusal(20001, "Url: the local carrier does not redirect the called leg of a <Dial>")
        try:
            exchange.change(call, change)
        except BadTwiML as error:
            raise Refusal(20001, f"Twiml: {error}") from None
        if change.status is not None:
            await call.finished.wait()
    return JSONResponse(_view(exchange, call))


async def _messages(request: Request) -> Response:
    exchange = rooms.exchange_of(request)
    if request.method == "GET":
        query = rooms.query_of(request)
        found = [
            (m.sid, m)
            for m in reversed(exchange.messages.messages.values())
            if query.get("To", m.order.to) == m.order.to
            and query.get("From", m.order.from_) == m.order.from_
            and in_time(m.sent_at or m.created_at, query, "DateSent")
        ]
        listed = page("messages", found, lambda m: _text(exchange, m), path=request.url.path, query=query)
        return JSONResponse(listed)
    order = read_message_order(await rooms.read_form(request), exchange.numbers.owned())
    return _created(exchange, lambda: _text(exchange, exchange.messages.create(order)))


async def _message(request: Request) -> Response:
    exchange = rooms.exchange_of(request)
    message = exchange.messages.messages.get(request.path_params["sid"])
    if message is None:
        raise Refusal(20404, request.url.path)
    return JSONResponse(_text(exchange, message))


async def _ledger(request: Request) -> Response:
    """Every leg, or with ?after=N those that came after the first N."""
    after = request.query_params.get("after", "0")
    if not after.isdecimal():
        raise Refusal(20001, "after: write how many legs are known already, such as /ledger?after=200")
    return JSONResponse({"calls": [leg.as_json() for leg in rooms.exchange_of(request).ledger[int(after) :]]})


async def _debug(request: Request) -> Response:
    return JSONResponse({"events": [notice.as_json() for notice in rooms.exchange_of(request).log]})


async def _faults(request: Request) -> Response:
    weather = rooms.exchange_of(request).weather
    people.only_here(request)
    if request.method == "POST":
        try:
            given = json.loads(await request.body())
            weather.change(tuple(read_fault(f) for f in given.get("faults", [])), seed=int(given.get("seed", 0)))
        except (ValueError, AttributeError, TypeError, FaultRefused) as error:
            raise Refusal(20001, f"faults: {error}; send {{'seed': 0, 'faults': [{{'effect': …}}]}}") from None
    return JSONResponse({"seed": weather.seed, "faults": [_fault_json(fault) for fault in weather.faults]})


def _fault_json(fault: Fault) -> dict[str, object]:
    return {
        "effect": fault.effect,
        "kinds": sorted(fault.kinds),
        "probability": fault.probability,
        "seconds": fault.seconds,
        "limit": fault.limit,
    }


async def _healthy(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _nowhere(request: Request) -> Response:
    raise Refusal(20404, request.url.path)
