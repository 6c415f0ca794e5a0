"""Checks the token that a browser registers with: Twilio's access token, signed with the account's own secret.

The form is Twilio's (https://www.twilio.com/docs/iam/access-tokens): a JWT with HS256 whose grants hold the identity
and the leave to be called. Makes none.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import jwt

from local_carrier.config import CarrierConfig

IDENTITY = re.compile(r"\w{1,121}", re.ASCII)
DEMANDED = ("exp", "iss", "sub")


class TokenRefused(ValueError):
    """The token does not let its bearer register; the message says why and never repeats it."""


def signing_secret(config: CarrierConfig) -> str:
    """What tokens are signed with: the secret of the API key; without a key the SHA-256 of the account's token."""
    return config.api_key_secret or sha256(config.auth_token.encode()).hexdigest()


def identity_of(token: object, config: CarrierConfig) -> str:
    """The client's name that a token stands for. Raises TokenRefused."""
    if not isinstance(token, str):
        raise TokenRefused("the first message must carry the token; ask the desk for a new one")
    try:
        claims: dict[str, Any] = jwt.decode(
            token, signing_secret(config), algorithms=["HS256"], options={"require": list(DEMANDED)}
        )
    except jwt.ExpiredSignatureError:
        raise TokenRefused("the token is too old; ask the desk for a new one") from None
    except jwt.InvalidTokenError:
        raise TokenRefused("the token is not one of this account; ask the desk for a new one") from None
    if claims["sub"] != config.account_sid or claims["iss"] != (config.api_key_sid or config.account_sid):
        raise TokenRefused("the token is of another account; ask the desk for a new one")
    return _granted(claims.get("grants"))


def _granted(grants: object) -> str:
    grants = grants if isinstance(grants, dict) else {}
    voice = grants.get("voice")
    incoming = voice.get("incoming") if isinstance(voice, dict) else None
    identity = grants.get("identity")
    if not isinstance(incoming, dict) or incoming.get("allow") is not True:
        raise TokenRefused("the token does not let its client be called; grant voice.incoming.allow")
    if not isinstance(identity, str) or not IDENTITY.fullmatch(identity):
        raise TokenRefused("the token names no client; its identity is letters, digits and _")
    return identity
