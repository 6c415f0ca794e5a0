"""Bearer tokens of the API, tickets to a desk and sign-ins there. Only hashes are kept: each is shown once.

They end in real time, whatever the business clock says: they guard a door. Each opens its own door only.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import AccessToken

ROLES = ("administrator", "manager", "supervisor", "agent", "auditor")
PREFIX = "toque_"  # so that a scanner that finds one in the open knows what it is
TICKET_ROLE = "desk"
TICKET_AGE = timedelta(minutes=10)
CONSOLE_ROLE = "console"  # a ticket that signs one user in to the console; its name is the user's id
SIGN_IN_ROLE = "desk_cookie"  # no bearer token: it opens the desk as its cookie, and nothing else
SIGN_IN_AGE = timedelta(hours=12)  # a shift
_AGES = {TICKET_ROLE: TICKET_AGE, CONSOLE_ROLE: TICKET_AGE, SIGN_IN_ROLE: SIGN_IN_AGE}


async def create(session: AsyncSession, tenant_id: int, name: str, role: str, now: datetime) -> str:
    """A new token of 32 random bytes; the only time that it can be seen. `now` is real time for what has an end."""
    token = PREFIX + secrets.token_urlsafe(32)
    ends = now + _AGES[role] if role in _AGES else None
    made = AccessToken(tenant_id=tenant_id, name=name, role=role, hash=_hash(token), created_at=now, expires_at=ends)
    session.add(made)
    await session.flush()
    return token


async def desk_ticket(session: AsyncSession, tenant_id: int, agent: str, now: datetime) -> str:
    """A ticket that opens an agent's desk, once, within TICKET_AGE. `now` is real time: it guards a door."""
    return await create(session, tenant_id, agent, TICKET_ROLE, now)


async def redeem(session: AsyncSession, ticket: str, now: datetime) -> str | None:
    """Change a ticket into a sign-in, once; None when it is spent, too old or no ticket.

    The agent's earlier sign-in ends with it: a desk is open in one place. `now` is real time.
    """
    found = await spend(session, ticket, TICKET_ROLE, now)
    if found is None:
        return None
    same = (AccessToken.tenant_id == found.tenant_id, AccessToken.name == found.name)
    await _revoke(session, *same, AccessToken.role == SIGN_IN_ROLE, now=now)
    return await create(session, found.tenant_id, found.name, SIGN_IN_ROLE, now)


async def spend(session: AsyncSession, ticket: str, role: str, now: datetime) -> AccessToken | None:
    """The ticket of that role, which is worth nothing from now on; None when it is spent, too old or another."""
    found = await find(session, ticket)
    if found is None or found.role != role:
        return None
    return found if await _revoke(session, AccessToken.id == found.id, now=now) else None


async def of_company(session: AsyncSession, tenant_id: int) -> Sequence[AccessToken]:
    """The bearer tokens of a company that are still good, newest first."""
    return (
        await session.scalars(
            select(AccessToken)
            .where(AccessToken.tenant_id == tenant_id, AccessToken.role.in_(ROLES), AccessToken.revoked_at.is_(None))
            .order_by(AccessToken.id.desc())
        )
    ).all()


async def revoke(session: AsyncSession, tenant_id: int, token_id: int, now: datetime) -> bool:
    """End one token of a company; False when there was none that was still good."""
    which = (AccessToken.tenant_id == tenant_id, AccessToken.id == token_id)
    return bool(await _revoke(session, *which, now=now))


async def find(session: AsyncSession, token: str) -> AccessToken | None:
    """The token on record, unless it was revoked or has come to its end."""
    return await session.scalar(
        select(AccessToken).where(
            AccessToken.hash == _hash(token),
            AccessToken.revoked_at.is_(None),
            or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > datetime.now(UTC)),
        )
    )


async def _revoke(session: AsyncSession, *which: ColumnElement[bool], now: datetime) -> int:
    """How many were still valid."""
    revoked = await session.execute(
        update(AccessToken)
        .where(AccessToken.revoked_at.is_(None), *which)
        .values(revoked_at=now)
        .returning(AccessToken.id)
        .execution_options(synchronize_session=False)
    )
    return len(revoked.all())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
