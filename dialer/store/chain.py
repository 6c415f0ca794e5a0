"""How rows of the record are bound to each other. Pure; the rule is published in docs/record.md.

Each row is signed together with the head before it, each head stands for all rows up to its place, and each seal for
the rows of one step over all people. Whoever changes, adds, moves or takes away a row needs the key to hide it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

NOTHING = ""  # the head before the first row, and the seal before the first
ROOM = 1 << 256


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the record as it is signed. `at` in milliseconds UTC; `scope` is whose chain it stands in."""

    id: int
    tenant_id: int
    person_id: int | None
    attempt_id: int | None
    at: int
    kind: str
    actor: str
    detail: Mapping[str, Any]

    @property
    def scope(self) -> str:
        """Whose chain: of a person, or of the company where a row is about nobody in particular."""
        return f"person {self.person_id}" if self.person_id is not None else f"tenant {self.tenant_id}"


def canonical(content: Mapping[str, Any]) -> str:
    """One text for one content: JSON with sorted keys and no spaces, characters as they are."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def text_of(line: Line, n: int, before: str) -> str:
    """What is signed of a row: the head before it, its place and all of its content."""
    content = {
        "id": line.id, "tenant": line.tenant_id, "person": line.person_id, "attempt": line.attempt_id,
        "at": line.at, "kind": line.kind, "actor": line.actor, "detail": line.detail, "n": n,
    }  # fmt: skip
    return f"row\n{before}\n{canonical(content)}"


def head_text(scope: str, n: int, chain: str) -> str:
    """What is signed of the end of a chain: nobody sets it back to an earlier row without the key."""
    return f"head\n{scope}\n{n}\n{chain}"


@dataclass(frozen=True, slots=True)
class Step:
    """One seal as it is signed: which rows (how many, the highest id, the digest of their sum), and when, in ms."""

    tenant_id: int
    n: int
    at: int
    rows: int
    last_id: int
    digest: str

    def text(self, before: str) -> str:
        """What is signed of it: what it covers, and the chain of the seal before it."""
        return f"seal\n{self.tenant_id}\n{self.n}\n{self.at}\n{self.rows}\n{self.last_id}\n{self.digest}\n{before}"


def share_of(chain: str) -> int:
    """What a row adds to the sum of its seal."""
    return int.from_bytes(hashlib.sha256(f"share\n{chain}".encode()).digest())


def sum_of(shares: Iterable[int]) -> str:
    """The digest of the rows of a seal, in whatever order they are read. 64 hex digits."""
    return f"{sum(shares) % ROOM:064x}"


def public_link(before: str, row: Mapping[str, Any]) -> str:
    """The chain that needs no key, inside an export: SHA-256 over the link before and the row. 64 hex digits."""
    return hashlib.sha256(f"{before}\n{canonical(row)}".encode()).hexdigest()
