"""Payments of a call over REST: begun, asked for figure by figure, completed or cancelled."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_carrier.calls import Call, rfc2822
from local_carrier.payments.assisted import Ordered, Session
from local_carrier.payments.pay import CODE, EXPIRY, NUMBER, POSTAL
from local_carrier.rest.errors import Refusal
from local_carrier.rest.orders import Form, Hook, one, read_hook
from local_carrier.rest.rooms import exchange_of, read_form
from local_carrier.rest.views import API, Json


async def begin(request: Request) -> Response:
    """A payment session on a call."""
    form, call = await read_form(request), _call(request)
    made = exchange_of(request).assisted.begin(call, _order(form), key=_key(form), hook=_hook(form))
    return JSONResponse(_view(request, made), 201)


async def change(request: Request) -> Response:
    """Ask for a figure (Capture), or end the session (Status)."""
    form, call, assisted = await read_form(request), _call(request), exchange_of(request).assisted
    session = assisted.sessions.get(request.path_params["sid"])
    if session is None or session.call is not call:
        raise Refusal(20404, request.url.path)
    figure, status = one(form, "Capture"), one(form, "Status")
    if figure:
        assisted.ask(session, figure, key=_key(form), hook=_hook(form))
    elif status in ("complete", "cancel"):
        assisted.finish(session, status, key=_key(form), hook=_hook(form))
    else:
        raise Refusal(20001, "Capture or Status is needed")
    return JSONResponse(_view(request, session))


def _order(form: Form) -> Ordered:
    postal = one(form, "PostalCode").lower() != "false"
    code = one(form, "SecurityCode").lower() != "false"
    needed = (NUMBER, EXPIRY, *((POSTAL,) if postal else ()), *((CODE,) if code else ()))
    connector, timeout = one(form, "PaymentConnector") or "Default", one(form, "Timeout") or "5"
    if not timeout.isdigit():
        raise Refusal(20001, f"Timeout {timeout}")
    amount, currency = one(form, "ChargeAmount") or "0", one(form, "Currency") or "usd"
    return Ordered(amount, currency, connector, needed, float(timeout))


def _call(request: Request) -> Call:
    call = exchange_of(request).calls.get(request.path_params["call"])
    if call is None:
        raise Refusal(20404, request.url.path)
    return call


def _key(form: Form) -> str:
    key = one(form, "IdempotencyKey")
    if not key:
        raise Refusal(20001, "IdempotencyKey is required")
    return key


def _hook(form: Form) -> Hook:
    hook = read_hook(form, "StatusCallback", code=21609)
    if hook is None:
        raise Refusal(20001, "StatusCallback is required")
    return hook


def _view(request: Request, session: Session) -> Json:
    account, made = exchange_of(request).config.account_sid, rfc2822(session.created_at)
    path = f"{API}/{account}/Calls/{session.call.sid}/Payments/{session.sid}.json"
    return {
        "sid": session.sid, "account_sid": account, "call_sid": session.call.sid, "date_created": made,
        "date_updated": rfc2822(exchange_of(request).clock.now()), "uri": path,
    }  # fmt: skip
