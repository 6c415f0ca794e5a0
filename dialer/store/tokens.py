"""Bearer tokens of the API. Only their hashes are kept: a token is shown once, when it is made."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import AccessToken

ROLES = ("administrator", "manager", "supervisor", "agent", "auditor")
PREFIX = "toque_"  # so that a scanner that finds one in the open knows what it is
TICKET_ROLE = "desk"
TICKET_AGE = timedelta(minutes=10)


async def create(session: AsyncSession, tenant_id: int, name: str, role: str, now: datetime) -> str:
    """A new token of 32 random bytes; the only time that it can be seen."""
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(AccessToken(tenant_id=tenant_id, name=name, role=role, hash=_hash(token), created_at=now))
    await session.flush()
    return token


async def desk_ticket(session: AsyncSession, tenant_id: int, agent: str, now: datetime) -> str:
    """A ticket that opens an agent's desk, once, within TICKET_AGE. `now` is real time: it guards a door."""
    return await create(session, tenant_id, agent, TICKET_ROLE, now)


async def find(session: AsyncSession, token: str) -> AccessToken | None:
    """The token on record, unless it was revoked."""
    return await session.scalar(
        select(AccessToken).where(AccessToken.hash == _hash(token), AccessToken.revoked_at.is_(None))
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
