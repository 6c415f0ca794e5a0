"""IncomingPhoneNumbers over REST: list, give, change, take away."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_carrier.calls import rfc2822
from local_carrier.exchange import Exchange
from local_carrier.numbers import OwnNumber
from local_carrier.rest.errors import Refusal
from local_carrier.rest.orders import E164, Hook, one, read_number_order
from local_carrier.rest.paging import page
from local_carrier.rest.rooms import exchange_of, query_of, read_form
from local_carrier.rest.views import API, Json


async def numbers(request: Request) -> Response:
    """List the account's numbers by PhoneNumber and FriendlyName, or add one."""
    exchange, query = exchange_of(request), query_of(request)
    if request.method == "POST":
        form = await read_form(request)
        number = one(form, "PhoneNumber")
        if not E164.fullmatch(number):
            raise Refusal(21211, number or "(none given; the local carrier picks no number by AreaCode)")
        order = read_number_order(form)
        own = exchange.numbers.add(number)
        exchange.numbers.change(own, order)
        return JSONResponse(_view(exchange, own), 201)
    found = [
        (own.sid, own)
        for own in exchange.numbers.by_number.values()
        if query.get("PhoneNumber", own.number) in own.number and query.get("FriendlyName", own.name) == own.name
    ]
    return JSONResponse(
        page("incoming_phone_numbers", found, lambda n: _view(exchange, n), path=request.url.path, query=query)
    )


async def number(request: Request) -> Response:
    """Fetch, change or give back a number."""
    exchange = exchange_of(request)
    own = exchange.numbers.find(request.path_params["sid"])
    if own is None:
        raise Refusal(20404, request.url.path)
    if request.method == "DELETE":
        exchange.numbers.remove(own)
        return Response(status_code=204)
    if request.method == "POST":
        exchange.numbers.change(own, read_number_order(await read_form(request)))
    return JSONResponse(_view(exchange, own))


def _hook(name: str, hook: Hook | None) -> Json:
    return {f"{name}_url": hook.url if hook else "", f"{name}_method": hook.method if hook else "POST"}


def _view(exchange: Exchange, own: OwnNumber) -> Json:
    account = exchange.config.account_sid
    return {
        "sid": own.sid,
        "account_sid": account,
        "address_requirements": "none",
        "address_sid": None,
        "api_version": "2010-04-01",
        "beta": False,
        "bundle_sid": None,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "date_created": rfc2822(own.created_at),
        "date_updated": rfc2822(own.updated_at),
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": own.name,
        "identity_sid": None,
        "origin": "twilio",
        "phone_number": own.number,
        "sms_application_sid": "",
        "status": "in-use",
        "status_callback": own.status.url if own.status else "",
        "status_callback_method": own.status.method if own.status else "POST",
        "subresource_uris": {},
        "trunk_sid": None,
        "type": "local",
        "uri": f"{API}/{account}/IncomingPhoneNumbers/{own.sid}.json",
        "voice_application_sid": "",
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
        **_hook("voice", own.voice),
        **_hook("voice_fallback", own.voice_fallback),
        **_hook("sms", own.sms),
        **_hook("sms_fallback", own.sms_fallback),
    }
