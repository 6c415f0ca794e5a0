"""Who may see a desk: a bearer token, or the cookie that a one-time ticket was changed into. No other way in.

Tickets and sign-ins age in real time, whatever the business clock says: they guard a door.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi.requests import Request
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.store import tokens
from dialer.store.models import AccessToken

COOKIE = "toque_desk"
SIGNED_IN_AGE = timedelta(hours=12)  # a shift
ACTS_FOR_ALL = ("manager", "administrator")
LOOKS_AT_ALL = ("auditor", "supervisor", *ACTS_FOR_ALL)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an agent at the own desk, or another role at anybody's."""

    tenant_id: int
    name: str
    role: str

    def may_look(self, agent: str) -> bool:
        """Whether this desk may be seen."""
        return self.role in LOOKS_AT_ALL or self.is_agent(agent)

    def may_act(self, agent: str) -> bool:
        """Whether this agent's state may be changed."""
        return self.role in ACTS_FOR_ALL or self.is_agent(agent)

    def is_agent(self, agent: str) -> bool:
        """Whether this is the agent of that name."""
        return self.role == "agent" and self.name == agent


async def viewer(session: AsyncSession, request: Request) -> Viewer | None:
    """Whoever the request's token or cookie stands for; None for a stranger."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        token = await tokens.find(session, bearer.strip())
    else:
        token = await tokens.find(session, request.cookies.get(COOKIE, ""))
        if token is not None and _age(token) > SIGNED_IN_AGE:
            return None
    if token is None or token.revoked_at is not None or token.role == tokens.TICKET_ROLE:
        return None
    return Viewer(token.tenant_id, token.name, token.role)


async def redeem(op: Operation, ticket: str) -> str | None:
    """Change a ticket into the value of a sign-in cookie, once; None when it is spent, too old or not ours."""
    now = datetime.now(UTC)
    async with op.database.write() as session:
        found = await tokens.find(session, ticket)
        if found is None or found.role != tokens.TICKET_ROLE or _age(found) > tokens.TICKET_AGE:
            return None
        spent = await session.execute(
            update(AccessToken)
            .where(AccessToken.id == found.id, AccessToken.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(AccessToken.id)
            .execution_options(synchronize_session=False)
        )
        if spent.first() is None:
            return None
        return await tokens.create(session, found.tenant_id, found.name, "agent", now)


def _age(token: AccessToken) -> timedelta:
    return datetime.now(UTC) - token.created_at
