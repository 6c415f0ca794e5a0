"""Who may see a desk: a bearer token, or the cookie that a one-time ticket was changed into. No other way in.

Neither is taken for the other: the cookie is worth nothing as a bearer token, nor a token in the cookie.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi.requests import Request
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.store import tokens

COOKIE = "toque_desk"
SIGNED_IN_AGE = tokens.SIGN_IN_AGE
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
        return Viewer(token.tenant_id, token.name, token.role) if token and token.role in tokens.ROLES else None
    token = await tokens.find(session, request.cookies.get(COOKIE, ""))
    return Viewer(token.tenant_id, token.name, "agent") if token and token.role == tokens.SIGN_IN_ROLE else None


async def redeem(op: Operation, ticket: str) -> str | None:
    """Change a ticket into the value of a sign-in cookie, once; None when it is spent, too old or not ours."""
    async with op.database.write() as session:
        return await tokens.redeem(session, ticket, datetime.now(UTC))
