"""Recordings over REST: of a call, and of the account; the audio as WAV."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_carrier.calls import Call, rfc2822
from local_carrier.exchange import Exchange
from local_carrier.prices import recording_price
from local_carrier.rest.errors import Refusal
from local_carrier.rest.orders import one, read_recording_order
from local_carrier.rest.paging import in_time, page
from local_carrier.rest.rooms import exchange_of, query_of, read_form
from local_carrier.rest.views import API, Json
from local_carrier.taping.shelf import Recording

CURRENT = "Twilio.CURRENT"


async def of_call(request: Request) -> Response:
    """List a call's recordings, or begin one on a call that is in progress (21220 otherwise)."""
    exchange = exchange_of(request)
    call = _call(request)
    if request.method == "GET":
        return _listed(request, exchange, exchange.recordings.of(call))
    if call.status != "in-progress":
        raise Refusal(21220, words="Requested resource is not eligible for recording")
    order = read_recording_order(await read_form(request))
    return JSONResponse(_view(exchange, exchange.recordings.start(call, order, "StartCallRecordingAPI")), 201)


async def one_of_call(request: Request) -> Response:
    """Fetch, delete, pause, resume or stop a recording of a call; `Twilio.CURRENT` is the one that runs."""
    exchange, call = exchange_of(request), _call(request)
    recording = _recording_of(request, exchange, call)
    if request.method == "DELETE":
        return _deleted(exchange, recording)
    if request.method == "POST":
        await _change(request, exchange, recording)
    return JSONResponse(_view(exchange, recording))


async def of_account(request: Request) -> Response:
    """List all recordings by CallSid and DateCreated."""
    exchange, query = exchange_of(request), query_of(request)
    found = [
        recording
        for recording in exchange.recordings.recordings.values()
        if query.get("CallSid", recording.call.sid) == recording.call.sid
        and in_time(recording.created_at, query, "DateCreated")
    ]
    return _listed(request, exchange, found)


async def one_of_account(request: Request) -> Response:
    """Fetch or delete a recording; with `.wav`, or without an ending, its audio."""
    exchange = exchange_of(request)
    sid, _, ending = str(request.path_params["sid"]).partition(".")
    recording = exchange.recordings.recordings.get(sid)
    if recording is None or ending not in ("", "wav", "json"):
        raise Refusal(20404, request.url.path)
    if request.method == "DELETE":
        return _deleted(exchange, recording)
    if ending == "json":
        return JSONResponse(_view(exchange, recording))
    if recording.status != "completed":
        raise Refusal(20404, request.url.path)
    channels = 2 if request.query_params.get("RequestedChannels") == "2" else recording.order.channels
    return Response(exchange.recordings.wav(recording, channels), media_type="audio/x-wav")


def _call(request: Request) -> Call:
    call = exchange_of(request).calls.get(request.path_params["call"])
    if call is None:
        raise Refusal(20404, request.url.path)
    return call


def _recording_of(request: Request, exchange: Exchange, call: Call) -> Recording:
    sid = request.path_params["sid"]
    known = exchange.recordings.recordings.get(sid)
    recording = exchange.recordings.current(call) if sid == CURRENT else known
    if recording is None or recording.call is not call:
        raise Refusal(20404, request.url.path)
    return recording


async def _change(request: Request, exchange: Exchange, recording: Recording) -> None:
    form = await read_form(request)
    status, behaviour = one(form, "Status"), one(form, "PauseBehavior") or "silence"
    if status not in ("paused", "in-progress", "stopped"):
        raise Refusal(20001, f"Status {status}, expected paused, in-progress or stopped")
    if behaviour not in ("skip", "silence"):
        raise Refusal(20001, f"PauseBehavior {behaviour}, expected skip or silence")
    if not recording.runs:
        raise Refusal(21220, words="Recording has ended and cannot be updated")
    if status == "stopped":
        exchange.recordings.stop(recording)
    elif status == "paused":
        exchange.recordings.pause(recording, skip=behaviour == "skip")
    else:
        exchange.recordings.resume(recording)


def _deleted(exchange: Exchange, recording: Recording) -> Response:
    if recording.runs:
        raise Refusal(20001, "this recording has not ended; stop it before deleting it")
    exchange.recordings.delete(recording)
    return Response(status_code=204)


def _listed(request: Request, exchange: Exchange, found: list[Recording]) -> Response:
    items = [(recording.sid, recording) for recording in reversed(found)]
    query = query_of(request)
    return JSONResponse(page("recordings", items, lambda r: _view(exchange, r), path=request.url.path, query=query))


def _view(exchange: Exchange, recording: Recording) -> Json:
    account, now = exchange.config.account_sid, exchange.clock.now()
    ended = not recording.runs and recording.status != "processing"
    return {
        "sid": recording.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": recording.call.sid,
        "channels": recording.order.channels,
        "conference_sid": None,
        "date_created": rfc2822(recording.created_at),
        "date_updated": rfc2822(recording.updated_at),
        "duration": str(round(recording.seconds(now))) if ended else None,
        "encryption_details": None,
        "error_code": None,
        "media_url": exchange.recordings.url(recording),
        "price": recording_price(recording, exchange.config, now),
        "price_unit": exchange.config.price_unit,
        "source": recording.source,
        "start_time": rfc2822(recording.created_at),
        "status": recording.status,
        "subresource_uris": {},
        "track": recording.order.track,
        "uri": f"{API}/{account}/Recordings/{recording.sid}.json",
    }
