"""/local: what no phone company offers. Makes a simulated person call or text one of the account's numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local_carrier.inbound import NotInService
from local_carrier.lines.people import read_person
from local_carrier.lines.persona import PersonaRefused
from local_carrier.rest.errors import Refusal
from local_carrier.rest.orders import address_is_valid, one
from local_carrier.rest.rooms import exchange_of, read_form
from local_carrier.rest.views import call_view, message_view

LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})


def only_here(request: Request) -> None:
    """Refuse whoever does not ask from this machine."""
    if request.client is not None and request.client.host not in LOOPBACK:
        raise Refusal(20404, request.url.path)


async def inbound_calls(request: Request) -> Response:
    """Let somebody call us: From, To, and if wished Persona, Language, Name, Knows (JSON), Withheld."""
    given = await _given(request)
    exchange = exchange_of(request)
    withheld = str(given.get("Withheld", "")).lower() == "true"
    try:
        if given.get("Persona"):
            names = {name: given[name.capitalize()] for name in ("language", "name", "knows", "overrides")
                     if given.get(name.capitalize())}  # fmt: skip
            exchange.people.add(read_person({"address": given["From"], "persona": given["Persona"], **names}))
        call = exchange.inbound.call(from_=given["From"], to=given["To"], withheld=withheld)
    except (NotInService, PersonaRefused) as error:
        raise Refusal(20001, str(error)) from None
    return JSONResponse(call_view(call, exchange.config, exchange.clock.now()), 201)


async def inbound_messages(request: Request) -> Response:
    """Let somebody text us: From, To, Body."""
    given = await _given(request)
    exchange = exchange_of(request)
    try:
        message = exchange.inbound.text(from_=given["From"], to=given["To"], body=str(given.get("Body", "")))
    except NotInService as error:
        raise Refusal(20001, str(error)) from None
    return JSONResponse(message_view(message, exchange.config, exchange.clock.now()), 201)


async def _given(request: Request) -> Mapping[str, Any]:
    only_here(request)
    given: dict[str, Any]
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            given = dict(json.loads(await request.body()))
        except (ValueError, TypeError):
            raise Refusal(20001, "the body is no JSON object; send From and To") from None
    else:
        form = await read_form(request)
        given = {name: one(form, name) for name in form}
    for name, code in (("From", 21213), ("To", 21201)):
        if not given.get(name):
            raise Refusal(code)
        if not address_is_valid(str(given[name])):
            raise Refusal(21211 if name == "To" else 21212, str(given[name]))
    return given
