"""Encryption of single fields, and keyed hashes that find them again. Keys come from the settings.

Of several keys the first writes and all of them read. A sealed value begins with the name of its key, so that what
an old key has sealed is found and sealed anew; a name tells nothing of its key. Then come 12 random bytes and the
text in AES-256-GCM-SIV (RFC 8452: even a repeated nonce would tell no more than that two texts are equal).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from dialer.errors import NotConfigured

NAME_LENGTH = 9  # eight hexadecimal digits and a colon
NONCE_LENGTH = 12


class Keyring:
    """Seals with the newest secret key and opens with any; indexes and signs with the newest hash key."""

    def __init__(self, secret_keys: str, hash_keys: str) -> None:
        secrets, hashes = _several(secret_keys), _several(hash_keys)
        self._ciphers = {_name(key): AESGCMSIV(_digest(key, b"field")) for key in secrets}
        self._newest = _name(secrets[0])
        self._index_keys = [_derive(key, b"index") for key in hashes]
        self._record_keys = [_derive(key, b"record") for key in hashes]
        self.link_key = _derive(secrets[0], b"link")

    @property
    def newest(self) -> bytes:
        """How everything begins that the newest secret key has sealed. NAME_LENGTH bytes."""
        return self._newest

    def seal(self, text: str) -> bytes:
        """Encrypt and sign a text."""
        nonce = os.urandom(NONCE_LENGTH)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, text.encode(), None)

    def unseal(self, sealed: bytes) -> str:
        """The text again. Raises NotConfigured when no key of the ring made it."""
        cipher = self._ciphers.get(sealed[:NAME_LENGTH])
        nonce, text = sealed[NAME_LENGTH : NAME_LENGTH + NONCE_LENGTH], sealed[NAME_LENGTH + NONCE_LENGTH :]
        try:
            if cipher is not None:
                return cipher.decrypt(nonce, text, None).decode()
        except (InvalidTag, ValueError):  # ValueError: shorter than any sealed text
            pass
        raise NotConfigured(
            "A stored field cannot be opened with TOQUE_SECRET_KEY. Put the key that wrote it back into the"
            " comma-separated list (the first key writes, all of them read)."
        )

    def index(self, kind: str, text: str) -> str:
        """A blind index: equal texts of one kind give equal hashes, and nothing leads back. 32 hex digits."""
        return self.indexes(kind, text)[0]

    def indexes(self, kind: str, text: str) -> tuple[str, ...]:
        """The blind indexes of a text by every hash key, the newest first: old ones may be on record still."""
        given = f"{kind}\0{text}".encode()
        return tuple(hmac.digest(key, given, hashlib.sha256).hex()[:32] for key in self._index_keys)

    def sign(self, text: str) -> str:
        """What binds a text to this installation: 64 hex digits that nobody makes without the hash key."""
        return hmac.digest(self._record_keys[0], text.encode(), hashlib.sha256).hex()

    def signatures(self, text: str) -> tuple[str, ...]:
        """The signatures that any of the hash keys gives, the newest first."""
        given = text.encode()
        return tuple(hmac.digest(key, given, hashlib.sha256).hex() for key in self._record_keys)

    def signed(self, text: str, signature: str | None) -> bool:
        """Whether this installation gave that signature, with any of its hash keys."""
        return signature is not None and any(hmac.compare_digest(one, signature) for one in self.signatures(text))

    def seeds(self) -> tuple[bytes, ...]:
        """32 bytes for each hash key, the newest first, out of which a pair of public keys is made."""
        return tuple(hmac.digest(key, b"toque public", hashlib.sha256) for key in self._record_keys)


def _several(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


def _name(key: str) -> bytes:
    return hmac.digest(_derive(key, b"name"), b"", hashlib.sha256).hex()[: NAME_LENGTH - 1].encode() + b":"


def _derive(key: str, purpose: bytes) -> bytes:
    return base64.urlsafe_b64encode(_digest(key, purpose))


def _digest(key: str, purpose: bytes) -> bytes:
    return hmac.digest(key.encode(), b"toque " + purpose, hashlib.sha256)
