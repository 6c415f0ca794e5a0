"""Who asks: bearer tokens and what each role may do. No cookie opens the API, so no other site can use one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from dialer.operation import Operation
from dialer.store import tokens
from webhooks.api.problems import Problem, Refusal

AGENT = "agent"
MANAGERS = ("manager", "administrator")
READERS = ("auditor", "supervisor", *MANAGERS)
ROLES = (AGENT, *READERS)

_bearer = HTTPBearer(auto_error=False, description="A token made by `toque token create --role ROLE`")


@dataclass(frozen=True, slots=True)
class Access:
    """Who holds the token: the operating company, the token's name (for agents: the agent's), the role."""

    tenant_id: int
    name: str
    role: str

    @property
    def reads(self) -> bool:
        """Whether the role may look at everything."""
        return self.role in READERS

    @property
    def manages(self) -> bool:
        """Whether the role may change campaigns, and act for any agent."""
        return self.role in MANAGERS

    def is_agent(self, name: str) -> bool:
        """Whether this is the agent of that name."""
        return self.role == AGENT and self.name == name


Guard = Callable[[Access], Awaitable[Access]]


class Gatekeeper:
    """Dependencies of FastAPI that let in the holder of a token, or refuse with what to do."""

    def __init__(self, op: Operation) -> None:
        self._op = op

    async def known(self, credentials: HTTPAuthorizationCredentials | None = Depends(_bearer)) -> Access:
        """The holder of the token, whatever the role; 401 without one."""
        if credentials is not None:
            async with self._op.database.read() as session:
                token = await tokens.find(session, credentials.credentials)
            if token is not None and token.role in ROLES:
                return Access(token.tenant_id, token.name, token.role)
        raise Refusal(401, _stranger(credentials is not None), {"WWW-Authenticate": 'Bearer realm="toque"'})


def must_read(access: Access) -> None:
    """Refuses (403) who may not look at everything."""
    if not access.reads:
        raise _forbidden(access, "look at this")


def must_manage(access: Access) -> None:
    """Refuses (403) who may not change campaigns."""
    if not access.manages:
        raise _forbidden(access, "change this")


def must_be(access: Access, agent: str, *, or_reader: bool = False) -> None:
    """Refuses (403) all but the agent, a manager and (for looking only) a reader."""
    if not (access.is_agent(agent) or access.manages or (or_reader and access.reads)):
        raise _forbidden(access, f'act for the agent "{agent}"')


def _stranger(tried: bool) -> Problem:
    return Problem(
        title="Who are you?",
        detail="The token is not valid (any more)" if tried else "The request carries no token",
        todo="Send `Authorization: Bearer TOKEN`; make a token with: toque token create --role ROLE",
    )


def _forbidden(access: Access, what: str) -> Refusal:
    problem = Problem(
        title="Not with this token",
        detail=f'A token of role "{access.role}" may not {what}',
        todo="Use a token of a role that may; make one with: toque token create --role ROLE",
    )
    return Refusal(403, problem)
