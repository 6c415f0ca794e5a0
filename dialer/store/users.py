"""People who sign in, and the browsers in which they are signed in. Only hashes of secrets are kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.store.models import SignIn, User

SIGNED_IN_AGE = timedelta(hours=12)  # a shift
IDLE_AGE = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=1)  # the last sight of a browser is written down no more often


async def any_at_all(session: AsyncSession) -> bool:
    """Whether anybody can sign in; if not, the first who comes sets the console up."""
    return bool(await session.scalar(select(func.count()).select_from(User)))


async def by_email(session: AsyncSession, email: str) -> User | None:
    """The user of that address, whatever its case."""
    return await session.scalar(select(User).where(User.email == email.strip().casefold()))


async def named(session: AsyncSession, tenant_id: int, user_id: int) -> User:
    """One user of a company; raises NotFound."""
    found = await session.get(User, user_id)
    if found is None or found.tenant_id != tenant_id:
        raise NotFound("There is no such user. See those that are: Settings, Users")
    return found


async def of_company(session: AsyncSession, tenant_id: int) -> Sequence[User]:
    """All users of a company, by address."""
    return (await session.scalars(select(User).where(User.tenant_id == tenant_id).order_by(User.email))).all()


async def open_browser(session: AsyncSession, user_id: int, now: datetime) -> str:
    """Sign a browser in; the value of its cookie, which can be seen this once. `now` is real time."""
    value = secrets.token_urlsafe(32)
    session.add(SignIn(user_id=user_id, hash=_hash(value), created_at=now, seen_at=now))
    await session.flush()
    return value


async def signed_in(session: AsyncSession, cookie: str, now: datetime) -> tuple[User, SignIn] | None:
    """Whoever the cookie stands for; None when it has ended, is idle for too long, or its user was disabled."""
    row = (
        await session.execute(
            select(User, SignIn)
            .join(SignIn, SignIn.user_id == User.id)
            .where(
                SignIn.hash == _hash(cookie),
                SignIn.ended_at.is_(None),
                SignIn.created_at > now - SIGNED_IN_AGE,
                SignIn.seen_at > now - IDLE_AGE,
                User.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


async def seen(session: AsyncSession, sign_in_id: int, now: datetime) -> None:
    """The browser was here."""
    await session.execute(
        update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now).execution_options(synchronize_session=False)
    )


async def sign_out(session: AsyncSession, *, now: datetime, user_id: int | None = None, cookie: str = "") -> None:
    """End one browser's sign-in, or all of a user."""
    which = SignIn.user_id == user_id if user_id is not None else SignIn.hash == _hash(cookie)
    await session.execute(
        update(SignIn)
        .where(which, SignIn.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
