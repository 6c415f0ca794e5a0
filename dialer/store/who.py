"""On whose behalf this task works: the company, and the person who is signed in. Set where a request comes in.

Without it the only company is meant, and the record says what the act itself says (a worker, a command, the API).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

UNNAMED = frozenset({"system", "operator", "manager", "api", "agent"})  # words for a person whom an act does not know


@dataclass(frozen=True, slots=True)
class Who:
    """A signed-in person. `name` is how the record names them ("user 7"): no name of a person stands there."""

    tenant_id: int
    name: str


_present: ContextVar[Who | None] = ContextVar("who", default=None)


@contextmanager
def on_behalf_of(tenant_id: int, name: str) -> Iterator[None]:
    """Everything in the block is done for this company and by this person."""
    token = _present.set(Who(tenant_id, name))
    try:
        yield
    finally:
        _present.reset(token)


def acts_for(tenant_id: int, name: str) -> None:
    """The same for the rest of the task (a request)."""
    _present.set(Who(tenant_id, name))


def tenant_id() -> int | None:
    """The company that is meant; None: the only one."""
    present = _present.get()
    return present.tenant_id if present else None


def on_record(actor: str) -> str:
    """Who stands on record for an act that names its actor so."""
    present = _present.get()
    return present.name if present is not None and actor in UNNAMED else actor
