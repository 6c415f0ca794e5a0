"""Whether a request comes from the carrier: HMAC over our public address and the form, in constant time.

The address is TOQUE_PUBLIC_URL plus the raw path and query as they came over the wire; no header of the request
is trusted for it (https://www.twilio.com/docs/usage/security#validating-requests).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, unquote_plus, urlsplit

SETTINGS_HEADER = b"x-twilio-webhooks-signature-settings"
SIGNATURE_HEADER = b"x-twilio-signature"
_ALGORITHMS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_DEFAULT_PORTS = {"http": 80, "https": 443}

Form = list[tuple[str, str]]


def read_form(body: bytes) -> Form:
    """A form-encoded body as (name, value) pairs, empty values kept: what `urllib.parse.parse_qsl` gives, sooner."""
    pairs = []
    for pair in body.decode("utf-8", "replace").split("&"):
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:  # few have escapes
            pairs.append((_plain(name), _plain(value)))
        elif pair:
            pairs.append((name, value))
    return pairs


def _plain(text: str) -> str:
    """Without the escapes of a form; of a telephone only its plus is escaped.

    Nothing is remembered of one request for the next: what people say and key in stands there.
    """
    if text.startswith("%2B") and text[3:].isalnum():
        return "+" + text[3:]
    return unquote_plus(text, errors="replace")


class SignatureCheck:
    """Checks requests under one public address with the account's secret."""

    def __init__(self, public_url: str, auth_token: str) -> None:
        self._roots = _with_and_without_port(public_url.rstrip("/"))
        self._secret = auth_token.encode()

    def accepts(
        self, *, raw_path: bytes, query: bytes, headers: dict[bytes, bytes], body: bytes, form: Form | None = None
    ) -> bool:
        """Whether the signature fits. `headers` have lower-case names; `raw_path` is not decoded.

        `form` is the body as `read_form` gives it, for who has read it already.
        """
        if not self._secret:
            return False
        given = headers.get(SIGNATURE_HEADER, b"")
        algorithm = _ALGORITHMS.get(_algorithm(headers.get(SETTINGS_HEADER, b"").decode("latin-1")))
        if algorithm is None or not given:
            return False
        target = raw_path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
        signed = self._signed_body(query, headers, body, form)
        if signed is None:
            return False
        return any(hmac.compare_digest(self._sign(root + target + signed, algorithm), given) for root in self._roots)

    def _sign(self, text: str, algorithm: str) -> bytes:
        return base64.b64encode(hmac.digest(self._secret, text.encode(), algorithm))

    @staticmethod
    def _signed_body(query: bytes, headers: dict[bytes, bytes], body: bytes, form: Form | None) -> str | None:
        """What of the body is signed: the sorted form; for JSON a hash in the query. None: the hash is wrong."""
        if headers.get(b"content-type", b"").startswith(b"application/json"):
            named = parse_qs(query.decode("latin-1")).get("bodySHA256", [""])[0]
            fits = hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), named.encode())
            return "" if fits else None
        pairs = sorted(set(read_form(body) if form is None else form))
        return "".join([name + value for name, value in pairs])


def _algorithm(settings: str) -> str:
    """The algorithm named in the settings header; without one, the account token's SHA-1."""
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def _with_and_without_port(root: str) -> tuple[str, ...]:
    """The carrier signs the default port sometimes with and sometimes without its number."""
    parts = urlsplit(root)
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or parts.port not in (None, default):
        return (root,)
    bare = parts.hostname or ""
    return tuple(f"{parts.scheme}://{host}{parts.path}" for host in (bare, f"{bare}:{default}"))
