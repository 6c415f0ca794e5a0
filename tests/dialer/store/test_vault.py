"""Sealed files: what was written is read again, anything else is not read at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.errors import NotConfigured
from dialer.store import vault
from dialer.store.sealing import Keyring
from dialer.store.vault import PIECE, Unreadable

RING = Keyring("a key", "a hash key")
SIZES = st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7])
PATIENT = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def stream(content: bytes, step: int = 50_000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), step):
        yield content[at : at + step]


def sealed(folder: Path, content: bytes) -> Path:
    path = folder / "deep" / "1.sealed"
    told = asyncio.run(vault.write(path, stream(content), RING))
    assert (told.size, told.digest) == (len(content), hashlib.sha256(content).hexdigest())
    return path


@PATIENT
@given(size=SIZES, fill=st.binary(min_size=1, max_size=16))
def test_what_was_sealed_is_read_again(tmp_path: Path, size: int, fill: bytes) -> None:
    content = (fill * (size // len(fill) + 1))[:size]
    path = sealed(tmp_path, content)
    assert b"".join(vault.read(path, RING)) == content
    assert path.stat().st_mode & 0o077 == 0


@PATIENT
@given(size=st.sampled_from([1, PIECE + 1, 2 * PIECE]), data=st.data())
def test_a_changed_or_shortened_file_is_not_read(tmp_path: Path, size: int, data: st.DataObject) -> None:
    path = sealed(tmp_path, b"x" * size)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    for broken in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
        path.write_bytes(broken)
        with pytest.raises((Unreadable, NotConfigured)):
            list(vault.read(path, RING))


def test_pieces_cannot_be_left_out_or_exchanged(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"a" * PIECE + b"b" * PIECE + b"c")
    whole = path.read_bytes()
    head = len(whole) - 2 * (PIECE + 20) - 21
    first, second, last = whole[head : head + PIECE + 20], whole[head + PIECE + 20 : -21], whole[-21:]
    for pieces in (second + first + last, first + last, first + second):
        path.write_bytes(whole[:head] + pieces)
        with pytest.raises(Unreadable):
            list(vault.read(path, RING))


def test_a_key_that_was_rotated_out_of_first_place_still_opens(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"sound")
    assert b"".join(vault.read(path, Keyring("a newer key,a key", "a hash key"))) == b"sound"
    with pytest.raises(NotConfigured):
        list(vault.read(path, Keyring("another key", "a hash key")))


async def test_what_fails_half_way_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "LARGEST", 100_000)
    with pytest.raises(vault.TooLarge):
        await vault.write(tmp_path / "1.sealed", stream(b"x" * 200_000), RING)
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240
