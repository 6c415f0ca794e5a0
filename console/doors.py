"""Who may see a desk: a bearer token, the cookie that a one-time ticket was changed into, or who is signed in to the
console. No other way in.

None is taken for another: a cookie is worth nothing as a bearer token, nor a token in a cookie.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi.requests import Request
from sqlalchemy.ext.asyncio import AsyncSession

from console import guard
from console.wording import Words, words_for
from dialer.operation import Operation
from dialer.store import tokens, users

COOKIE = "toque_desk"
SIGNED_IN_AGE = tokens.SIGN_IN_AGE
ACTS_FOR_ALL = ("manager", "administrator")
LOOKS_AT_ALL = ("auditor", "supervisor", *ACTS_FOR_ALL)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an agent at the own desk, or another role at anybody's. `creditors` None: the people of all.

    `on_record` is how the record names them; `language` is the one they have chosen (None: the browser's).
    """

    tenant_id: int
    name: str
    role: str
    creditors: tuple[str, ...] | None = None
    on_record: str = "agent"
    language: str | None = None

    def may_look(self, agent: str) -> bool:
        """Whether this desk may be seen."""
        return self.role in LOOKS_AT_ALL or self.is_agent(agent)

    def may_act(self, agent: str) -> bool:
        """Whether this agent's state may be changed."""
        return self.role in ACTS_FOR_ALL or self.is_agent(agent)

    def words(self, request: Request) -> Words:
        """The texts in the language that they have chosen, else in the browser's."""
        return words_for(self.language or request.headers.get("accept-language", ""))

    def is_agent(self, agent: str) -> bool:
        """Whether this is the agent of that name."""
        return self.role == "agent" and bool(agent) and self.name == agent


async def viewer(session: AsyncSession, request: Request) -> Viewer | None:
    """Whoever the request's token or cookie stands for; None for a stranger."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        token = await tokens.find(session, bearer.strip())
        if token is None or token.role not in tokens.ROLES:
            return None
        return Viewer(token.tenant_id, token.name, token.role, on_record=f"api:{token.name}")
    token = await tokens.find(session, request.cookies.get(COOKIE, ""))
    if token is not None and token.role == tokens.SIGN_IN_ROLE:
        return Viewer(token.tenant_id, token.name, "agent", on_record=f"agent:{token.name}")
    return await _user(session, request.cookies.get(guard.COOKIE, ""))


async def _user(session: AsyncSession, cookie: str) -> Viewer | None:
    """Who is signed in to the console: an agent at the desk that is theirs, others under their own name."""
    found = await users.signed_in(session, cookie, datetime.now(UTC)) if cookie else None
    if found is None:
        return None
    user = found[0]
    creditors = None if user.creditors is None else tuple(str(one) for one in user.creditors)
    name = (user.agent or "") if user.role == "agent" else ""
    return Viewer(user.tenant_id, name, user.role, creditors, f"user {user.id}", user.language)


async def redeem(op: Operation, ticket: str) -> str | None:
    """Change a ticket into the value of a sign-in cookie, once; None when it is spent, too old or not ours."""
    async with op.database.write() as session:
        return await tokens.redeem(session, ticket, datetime.now(UTC))
