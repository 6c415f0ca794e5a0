"""Sealed files: sound that nobody reads without the key of the installation. Streams, so that size costs no memory.

Each file has a key of its own, sealed by the keyring (so that keys rotate). The content is AES-256-GCM in pieces; a
piece's nonce is its number, and its number and whether it is the last are signed with it: no piece can be left out,
moved or cut off. A file is whole on the disk, or not there at all.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dialer.errors import ToqueError
from dialer.store.sealing import NAME_LENGTH, Keyring

MAGIC = b"TOQUE-SEALED-1\n"
PIECE = 64 * 1024
LARGEST = 1024**3  # bytes of one recording: 18 hours of telephone sound on two tracks
_LENGTH = struct.Struct(">I")


class Unreadable(ToqueError):
    """A sealed file was changed, cut off, or is no sealed file."""


class TooLarge(ToqueError):
    """More than one recording can be."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was written: bytes of the content, and its SHA-256 in hexadecimal."""

    size: int
    digest: str


async def write(path: Path, pieces: AsyncIterator[bytes], keyring: Keyring) -> Sealed:
    """Seal a stream into a file, durably. Raises TooLarge; whatever fails leaves no file of that name."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            sealed = await _seal(file, pieces, keyring)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            draft.unlink()
        raise
    return sealed


def read(path: Path, keyring: Keyring) -> Iterator[bytes]:
    """The content in pieces. Raises Unreadable, NotConfigured (no key fits), FileNotFoundError."""
    with path.open("rb") as file:
        cipher, head = _opened(file, path, keyring)
        number, piece = 0, _next(file)
        while piece is not None:
            following = _next(file)
            try:
                yield cipher.decrypt(_nonce(number), piece, _about(head, number, last=following is None))
            except InvalidTag:
                raise Unreadable(f"{path.name} was changed or cut off; take it from a backup.") from None
            number, piece = number + 1, following
        if not number:
            raise Unreadable(f"{path.name} was cut off; take it from a backup.")


def sealed_by(path: Path) -> bytes:
    """How the sealed key of a file begins: the name of the secret key (`Keyring.newest`). Raises Unreadable."""
    with path.open("rb") as file:
        head = _next(file) if file.read(len(MAGIC)) == MAGIC else None
    if not head:
        raise Unreadable(f"{path.name} is no sealed file of this product, or was cut off.")
    return head[:NAME_LENGTH]


async def _seal(file: BinaryIO, pieces: AsyncIterator[bytes], keyring: Keyring) -> Sealed:
    key = AESGCM.generate_key(bit_length=256)
    head = keyring.seal(key.hex())
    file.write(MAGIC + _LENGTH.pack(len(head)) + head)
    cipher, whole = AESGCM(key), hashlib.sha256()
    buffer, size, number = bytearray(), 0, 0
    async for part in pieces:
        size += len(part)
        if size > LARGEST:
            raise TooLarge(f"A recording of more than {LARGEST} bytes was not kept; see what the carrier sends.")
        whole.update(part)
        buffer += part
        while len(buffer) > PIECE:  # the last piece is written after the end is known
            _put(file, cipher.encrypt(_nonce(number), bytes(buffer[:PIECE]), _about(head, number, last=False)))
            del buffer[:PIECE]
            number += 1
    _put(file, cipher.encrypt(_nonce(number), bytes(buffer), _about(head, number, last=True)))
    return Sealed(size, whole.hexdigest())


def _opened(file: BinaryIO, path: Path, keyring: Keyring) -> tuple[AESGCM, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise Unreadable(f"{path.name} is no sealed file of this product.")
    head = _next(file)
    if head is None:
        raise Unreadable(f"{path.name} was cut off; take it from a backup.")
    return AESGCM(bytes.fromhex(keyring.unseal(head))), head


def _put(file: BinaryIO, piece: bytes) -> None:
    file.write(_LENGTH.pack(len(piece)) + piece)


def _next(file: BinaryIO) -> bytes | None:
    """The next piece as it stands; None at the end. A piece that is cut off does not open."""
    length = file.read(_LENGTH.size)
    if not length:
        return None
    wanted = _LENGTH.unpack(length)[0] if len(length) == _LENGTH.size else 0
    piece = file.read(min(wanted, PIECE + 4096))
    return piece if len(piece) == wanted else b""


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")  # unique, because no key seals two files


def _about(head: bytes, number: int, *, last: bool) -> bytes:
    return head + struct.pack(">Q?", number, last)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
