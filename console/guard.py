"""Who may open a page: the cookie of a sign-in, the role, the company. No page asks for it in another way.

Every route of the console takes a `Visitor` from here; a test walks them all. What changes something is taken only
from a page of ours: the browser says so (Sec-Fetch-Site, else Origin), and the request carries the sign-in's token.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from fastapi import Request

from console.catalogues import Texts, texts_for
from console.ids import too_large
from dialer.errors import BadInput, NotFound
from dialer.operation import Operation
from dialer.store import users, who
from dialer.store.models import User

COOKIE = "toque_console"
TOKEN_HEADER = "x-toque-token"
TOKEN_FIELD = "_token"
CHANGES = ("administrator", "manager")
LOOKS = (*CHANGES, "supervisor", "auditor")
EVERYBODY = (*LOOKS, "agent")
ROLE_NAMES = {
    "administrator": "Administrator",
    "manager": "Manager",
    "supervisor": "Supervisor",
    "agent": "Agent",
    "auditor": "Auditor",
}
SAFE_METHODS = ("GET", "HEAD")


class NotSignedIn(Exception):
    """There is no sign-in: the way leads to the door and back."""


class NotAllowed(Exception):
    """The role may not do this, or the request did not come from a page of ours. `why` is told."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in. `creditors` None: they see the people of all. `token` goes into every form."""

    user_id: int
    tenant_id: int
    name: str
    role: str
    creditors: tuple[str, ...] | None
    agent: str | None
    token: str
    say: Texts

    @property
    def changes(self) -> bool:
        """Whether the role may change campaigns and lists."""
        return self.role in CHANGES

    @property
    def looks(self) -> bool:
        """Whether the role may look at everything."""
        return self.role in LOOKS

    def sees(self, creditor: str) -> bool:
        """Whether the people of this creditor are among those that the visitor may see."""
        return self.creditors is None or creditor in self.creditors


@dataclass(frozen=True, slots=True)
class Guard:
    """Makes the dependency that every route of the console has."""

    op: Operation

    def lets(self, *roles: str) -> Callable[[Request], AsyncIterator[Visitor]]:
        """A dependency: the visitor, if signed in with one of these roles; raises NotSignedIn or NotAllowed."""

        async def visitor(request: Request) -> AsyncIterator[Visitor]:
            found = await self.visitor(request)
            if found is None:
                raise NotSignedIn
            request.state.say = found.say  # for what is told when nobody catches it
            if any(too_large(one) for one in request.path_params.values()):
                raise NotFound("There is nothing at this address. Go back to the page that led here.")
            if found.role not in roles:
                raise NotAllowed(found.say("Your role does not open this page."))
            if request.method not in SAFE_METHODS:
                await self._must_be_ours(request, found)
            await _must_be_text(request)
            who.acts_for(found.tenant_id, f"user {found.user_id}")
            try:
                yield found
            finally:
                await request.close()  # files that came with a form

        visitor.roles = roles  # type: ignore[attr-defined]
        return visitor

    async def visitor(self, request: Request) -> Visitor | None:
        """Whoever is signed in in this browser."""
        cookie = request.cookies.get(COOKIE, "")
        if not cookie:
            return None
        now = datetime.now(UTC)
        async with self.op.database.read() as session:
            found = await users.signed_in(session, cookie, now)
        if found is None:
            return None
        user, sign_in = found
        if sign_in.seen_at < now - users.SEEN_EVERY:
            async with self.op.database.write() as session:
                await users.seen(session, sign_in.id, now)
        return self._visitor(request, user, cookie)

    def _visitor(self, request: Request, user: User, cookie: str) -> Visitor:
        say = texts_for(user.language, request.headers.get("accept-language", ""), self.op.settings.time_zone)
        creditors = None if user.creditors is None else tuple(str(one) for one in user.creditors)
        token = token_of(cookie)
        return Visitor(user.id, user.tenant_id, user.name, user.role, creditors, user.agent, token, say)

    async def _must_be_ours(self, request: Request, visitor: Visitor) -> None:
        if not from_here(request):
            raise NotAllowed(visitor.say("The request came from another site."))
        sent = request.headers.get(TOKEN_HEADER) or str((await request.form()).get(TOKEN_FIELD, ""))
        if not hmac.compare_digest(sent.encode(), visitor.token.encode()):
            raise NotAllowed(visitor.say("The page is too old. Load it again."))


async def _must_be_text(request: Request) -> None:
    """Raise BadInput for the letter that no database keeps; pages send none."""
    sent = [*request.query_params.values(), *map(str, request.path_params.values())]
    if request.method not in SAFE_METHODS:
        sent += [one for one in (await request.form()).values() if isinstance(one, str)]
    if any("\0" in one for one in sent):
        raise BadInput("What was sent is not text: it has a letter of number zero. Remove it and send it again.")


def texts_of(request: Request, zone: str) -> Texts:
    """The visitor's texts once the guard has seen them, else those that their browser asks for."""
    known = getattr(request.state, "say", None)
    return known if isinstance(known, Texts) else texts_for(None, request.headers.get("accept-language", ""), zone)


def token_of(cookie: str) -> str:
    """What proves that a form was made for this sign-in; it does not tell the cookie."""
    return hashlib.sha256(b"form of " + cookie.encode()).hexdigest()[:32]


def from_here(request: Request) -> bool:
    """Whether the browser says that a page of this site sent the request (Fetch Metadata; Origin in older ones)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
