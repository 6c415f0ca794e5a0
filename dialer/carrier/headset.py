"""What a browser needs to be an agent's telephone: where to register, and a token that lets it be called.

One form for every carrier: Twilio's access token (https://www.twilio.com/docs/iam/access-tokens). It lets its client
be called and nothing else; nobody can call out with it. The local carrier checks the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from dialer.errors import NotConfigured
from dialer.settings import Settings

TOKEN_SECONDS = 3600  # real time; the page asks for another before it ends
LOCAL_PATH = "/v1/client"
Phone = Literal["twilio", "local"]
Lacking = Literal["no_account", "no_key", "too_fast"]
TOLD: dict[Lacking, str] = {
    "no_account": "No carrier is set up: set TOQUE_TWILIO_ACCOUNT_SID and TOQUE_TWILIO_AUTH_TOKEN",
    "no_key": "Agents cannot talk in the browser yet: make an API key at the carrier, and set"
    " TOQUE_TWILIO_API_KEY_SID and TOQUE_TWILIO_API_KEY_SECRET; or give the agent a telephone",
    "too_fast": "The clock runs faster than people speak: talking in the browser needs TOQUE_CLOCK_SPEED 1",
}


@dataclass(frozen=True, slots=True)
class Registration:
    """How to register: with whom, the token (a secret), its seconds, and the address (empty: the SDK knows it)."""

    phone: Phone
    token: str = field(repr=False)
    seconds: int
    url: str


def phone_of(settings: Settings) -> Phone:
    """Whose telephone the browser becomes."""
    return "twilio" if settings.real_carrier else "local"


def lacking(settings: Settings) -> Lacking | None:
    """Why no browser can register; None when it can."""
    if not settings.can_dial:
        return "no_account"
    if settings.real_carrier and not settings.twilio_api_key_sid:
        return "no_key"
    return "too_fast" if settings.clock_speed != 1 else None


def registration(settings: Settings, identity: str) -> Registration:
    """A token for the client of that name. Raises NotConfigured when no browser can register."""
    if (why := lacking(settings)) is not None:
        raise NotConfigured(TOLD[why])
    account = settings.twilio_account_sid
    token = AccessToken(
        account, settings.twilio_api_key_sid or account, _secret(settings), identity=identity, ttl=TOKEN_SECONDS
    )
    token.add_grant(VoiceGrant(incoming_allow=True))
    return Registration(phone_of(settings), str(token.to_jwt()), TOKEN_SECONDS, address(settings))


def address(settings: Settings) -> str:
    """Where a browser registers at the local carrier (ws://…); empty with Twilio, whose SDK knows."""
    if settings.real_carrier:
        return ""
    return "ws" + settings.twilio_api_root.removeprefix("http") + LOCAL_PATH


def _secret(settings: Settings) -> str:
    """The API key's; the local carrier takes the SHA-256 of the account's own token where there is no key."""
    key = settings.twilio_api_key_secret.get_secret_value()
    return key or sha256(settings.twilio_auth_token.get_secret_value().encode()).hexdigest()
