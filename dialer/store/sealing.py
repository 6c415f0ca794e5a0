"""Encryption of single fields, and keyed hashes that find them again. Keys come from the settings."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from dialer.errors import NotConfigured


class Keyring:
    """Seals with the newest secret key, opens with any of them; indexes with the hash key."""

    def __init__(self, secret_keys: str, hash_key: str) -> None:
        secrets = [key.strip() for key in secret_keys.split(",") if key.strip()]
        self._fernet = MultiFernet([Fernet(_derive(key, b"field")) for key in secrets])
        self._hash_key = _derive(hash_key, b"index")
        self.link_key = _derive(secrets[0], b"link")

    def seal(self, text: str) -> bytes:
        """Encrypt and sign a text."""
        return self._fernet.encrypt(text.encode())

    def unseal(self, sealed: bytes) -> str:
        """The text again. Raises NotConfigured when no key of the ring made it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise NotConfigured(
                "A stored field cannot be opened with TOQUE_SECRET_KEY. Put the key that wrote it back into the"
                " comma-separated list (the first key writes, all of them read)."
            ) from None

    def index(self, kind: str, text: str) -> str:
        """A blind index: equal texts of one kind give equal hashes, and nothing leads back. 32 hex digits."""
        return hmac.digest(self._hash_key, f"{kind}\0{text}".encode(), hashlib.sha256).hex()[:32]


def _derive(key: str, purpose: bytes) -> bytes:
    return base64.urlsafe_b64encode(hmac.digest(key.encode(), b"toque " + purpose, hashlib.sha256))
