"""The agent's headset in the page: whether it can be offered, what the page may then reach, and the token for it.

Only the agent gets a token, at their own desk, for their own line.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response

from console import pages
from console.deskwork.routes import AtDesk
from dialer.carrier import headset
from dialer.carrier.headset import Lacking, Phone
from dialer.errors import Refused, ToqueError
from dialer.operation import Operation
from dialer.store import agents

CLIENT = "client:"
SDK = "/static/vendor/twilio-voice-2.18.5.min.js"  # loaded when a headset is connected, not with the page
# As the SDK's README has it for the default edge, but for the hosts of its script and its tones: both are ours.
TWILIO = (
    "connect-src 'self' https://eventgw.twilio.com wss://voice-js.roaming.twilio.com; media-src 'self' mediastream:"
)


@dataclass(frozen=True, slots=True)
class Headset:
    """The headset that the page offers; `lacking` says why it cannot be connected."""

    phone: Phone
    sdk: str
    reaches: str
    lacking: Lacking | None


async def offered(op: Operation, tenant_id: int, agent: str) -> Headset | None:
    """The headset of the agent of that name; None for a line that is a telephone or a SIP address."""
    if await _client(op, tenant_id, agent) is None:
        return None
    phone = headset.phone_of(op.settings)
    reaches = TWILIO if phone == "twilio" else f"connect-src 'self' {_origin(headset.address(op.settings))}"
    return Headset(phone, SDK if phone == "twilio" else "", reaches, headset.lacking(op.settings))


def headers(found: Headset | None) -> Mapping[str, str]:
    """What the page's headers have for a headset: the microphone, and the carrier's address."""
    if found is None or found.lacking is not None:
        return {}
    policy = f"{pages.HEADERS['Content-Security-Policy']}; {found.reaches}"
    return {"Content-Security-Policy": policy, "Permissions-Policy": pages.permissions(microphone=True)}


def headset_routes(op: Operation, acting: Callable[[Request, str], Awaitable[AtDesk | Response]]) -> APIRouter:
    """The token's route; `acting` lets in the agent of the desk, or answers otherwise."""
    router = APIRouter()

    @router.post("/headset")
    async def register(request: Request, agent: str = "") -> Response:
        """How the page registers as the agent's line: {phone, token, seconds, url}."""
        at = await acting(request, agent)
        if isinstance(at, Response):
            return at
        try:
            identity = await _client(op, at.tenant_id, at.desk.name)
            if identity is None:
                raise Refused("Your line is no browser: ask a manager to make it client:NAME, or use your telephone")
            made = headset.registration(op.settings, identity)
        except ToqueError as fault:
            return JSONResponse({"detail": at.words.told(str(fault))}, status_code=409, headers=pages.HEADERS)
        body = {"phone": made.phone, "token": made.token, "seconds": made.seconds, "url": made.url}
        return JSONResponse(body, headers=pages.HEADERS)

    return router


async def _client(op: Operation, tenant_id: int, agent: str) -> str | None:
    """The client's name of an agent's line."""
    async with op.database.read() as session:
        via = (await agents.by_name(session, tenant_id, agent)).via
    return via.removeprefix(CLIENT) if via.startswith(CLIENT) else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
