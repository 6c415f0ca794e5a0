"""In which encoding a text file is written. Decided from all of its bytes, for the three languages spoken here.

UTF-8 and UTF-16 prove themselves. Among the one-byte encodings the one wins in which the bytes are the accented
letters of Portuguese, English and French; general guessers take short lists for Greek or Turkish.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1 << 20
SAMPLE = 1 << 18
ONE_BYTE = ("cp1252", "cp850", "mac_roman")  # Windows and Latin-1, DOS, old Macintosh; the first wins a tie
REPAIR = "toque-cp1252"  # what to do with a byte that is not UTF-8 in a file that is

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PAIRS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_ASCII = bytes(range(128))
_LETTERS = frozenset("áàâãäçéèêëíìîïñóòôõöúùûüÿœæÁÀÂÃÄÇÉÈÊËÍÌÎÏÑÓÒÔÕÖÚÙÛÜŒÆ")
_SIGNS = frozenset("ºª°€§«»·–—‘’“”…´¨£©®²³\u00a0")
_ENDINGS = ("ão", "ÃO", "õe", "ÕE", "çã", "ÇÃ")
_HOLES = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))  # bytes that are nothing in Windows' encoding


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name and what to do with bytes that it does not know."""

    name: str
    errors: str = "strict"


def encoding_of(path: Path) -> Encoding:
    """The encoding of a text file. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name, "replace" if name != "utf-8-sig" else REPAIR)
    if wide := _without_mark(head):
        return Encoding(wide, "replace")
    if _is_utf8(path):
        return Encoding("utf-8")
    pairs, others, seen = _high_bytes(path)
    if pairs > others:
        return Encoding("utf-8", REPAIR)
    name = max(ONE_BYTE, key=lambda one: (_score(seen, head, one), -ONE_BYTE.index(one)))
    return Encoding("latin-1" if name == "cp1252" and _HOLES & seen.keys() else name)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _without_mark(head: bytes) -> str:
    """UTF-16 that begins without its mark: every other byte of western text is zero."""
    even, odd = head[0:4096:2], head[1:4096:2]
    if len(odd) < 4:
        return ""
    if odd.count(0) > 0.4 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > 0.4 * len(even) and odd.count(0) < 0.1 * len(odd) else ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _high_bytes(path: Path) -> tuple[int, int, Counter[int]]:
    """How many bytes above 127 make UTF-8 letters, how many do not, and how often each byte stands there."""
    inside, seen = 0, Counter[int]()
    for block in _blocks(path):
        inside += sum(map(len, _PAIRS.findall(block)))
        seen.update(block.translate(None, _ASCII))
    return inside, seen.total() - inside, seen


def _score(seen: Counter[int], head: bytes, name: str) -> float:
    total = sum(count * _weight(bytes((byte,)).decode(name, "replace")) for byte, count in seen.items())
    text = head.decode(name, "replace")
    return total + 2 * sum(text.count(ending) for ending in _ENDINGS)


def _weight(sign: str) -> float:
    if sign in _LETTERS:
        return 1
    return 0.2 if sign in _SIGNS else -2


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.start + 1]
    return wrong.decode("cp1252", "replace"), error.start + 1


codecs.register_error(REPAIR, _as_windows)
