"""Who may sign in to the console: adding people, checking a password and a code, changing what they may do.

Times are real: they guard a door. A wrong address, a wrong password and a wrong code are told in the same words.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import guarding
from dialer.errors import BadInput, NotFound, Refused
from dialer.operation import Operation
from dialer.store import campaigns, interactions, tokens, users
from dialer.store.models import User
from dialer.store.tokens import ROLES

SHORTEST_PASSWORD = 10
TRIES = 5  # wrong passwords in a row before the door stays shut for a while
SHUT_FOR = timedelta(minutes=5)
WRONG = "The address, the password or the code is not right. After five wrong tries, wait five minutes."
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # OWASP Password Storage: argon2id, 19 MiB, 2
_NOBODY = _HASHER.hash("nobody has this password")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody to be added. `creditors` None: they see those of all; `agent`: whose desk is theirs."""

    email: str
    name: str
    role: str
    password: str
    creditors: tuple[str, ...] | None = None
    agent: str | None = None


class WrongCredentials(Refused):
    """The address, the password or the code is not right; it does not say which."""


async def add(op: Operation, new: NewUser, *, only_if_first: bool = False) -> int:
    """Add a user to the company; their id. BadInput says what is wrong; Refused when the address is taken."""
    email = _checked(new)
    hashed = await asyncio.to_thread(_HASHER.hash, new.password)
    async with op.database.write() as session:
        if only_if_first and await users.any_at_all(session):
            raise Refused("The console is set up already. Sign in, or ask an administrator for an account.")
        if await users.by_email(session, email) is not None:
            raise Refused("There is a user with this address already. Change that one instead.")
        tenant = await campaigns.tenant(session)
        user = User(
            tenant_id=tenant.id, email=email, name=new.name.strip(), role=new.role, password=hashed,
            creditors=None if new.creditors is None else list(new.creditors), agent=new.agent,
            created_at=datetime.now(UTC),
        )  # fmt: skip
        session.add(user)
        await session.flush()
        await interactions.add(
            session, tenant_id=tenant.id, at=op.clock.now(), kind="user_added", actor="operator",
            detail={"user": user.id, "role": new.role},
        )  # fmt: skip
        return user.id


async def sign_in(op: Operation, email: str, password: str, code: str = "", *, address: str = "") -> str:
    """The value of a new cookie. WrongCredentials says the same whatever is wrong, and while the door is shut.

    `address` is whence the request comes; TooManyTries when it has guessed too often, whoever was meant.
    """
    now = datetime.now(UTC)
    await guarding.must_be_open(op, address, now)  # before the work of hashing
    async with op.database.read() as session:
        user = await users.by_email(session, email)
    right = await asyncio.to_thread(_matches, user.password if user else _NOBODY, password)
    if user is not None and user.locked_until and user.locked_until > now:
        await guarding.wrong(op, address, now)
        raise WrongCredentials(WRONG)
    step = _step_of(op, user, code, now) if user and right and not user.disabled_at else None
    cookie = await _open(op, user, step, now) if user and step is not None else None
    if cookie is None:
        await guarding.wrong(op, address, now)
        await _count_wrong(op, user, now)
        raise WrongCredentials(WRONG)
    return cookie


async def _open(op: Operation, user: User, step: int, now: datetime) -> str | None:
    """Sign a browser in and spend the code of the app; None when the code was spent already (RFC 6238, 5.2)."""
    async with op.database.write() as session:
        spent = await session.execute(
            update(User)
            .where(User.id == user.id, User.totp.is_(None) | (User.totp_step < step))
            .values(failed=0, locked_until=None, totp_step=step)
            .returning(User.id)
            .execution_options(synchronize_session=False)
        )
        if spent.first() is None:
            return None
        await _note(session, op, user, "signed_in")
        return await users.open_browser(session, user.id, now)


async def link(op: Operation, email: str) -> str:
    """The address of a page that signs this user in: once, within ten minutes. NotFound for another address."""
    now = datetime.now(UTC)
    async with op.database.write() as session:
        user = await users.by_email(session, email)
        if user is None or user.disabled_at:
            raise NotFound(f"Nobody signs in with {email}. See who does: toque user list")
        ticket = await tokens.create(session, user.tenant_id, str(user.id), tokens.CONSOLE_ROLE, now)
        await _note(session, op, user, "sign_in_link_made")
    return f"{op.addresses.root}/enter?ticket={ticket}"


async def enter(op: Operation, ticket: str) -> str | None:
    """The value of a new cookie for the ticket of such a link; None when it is spent or too old."""
    now = datetime.now(UTC)
    async with op.database.write() as session:
        spent = await tokens.spend(session, ticket, tokens.CONSOLE_ROLE, now)
        user = await session.get(User, int(spent.name)) if spent else None
        if user is None or user.disabled_at:
            return None
        await _note(session, op, user, "signed_in")
        return await users.open_browser(session, user.id, now)


async def change_password(op: Operation, user_id: int, password: str) -> None:
    """A new password; every browser of the user is signed out."""
    _check_password(password)
    hashed = await asyncio.to_thread(_HASHER.hash, password)
    now = datetime.now(UTC)
    async with op.database.write() as session:
        user = await session.get_one(User, user_id)
        user.password, user.failed, user.locked_until = hashed, 0, None
        await users.sign_out(session, now=now, user_id=user_id)
        await _note(session, op, user, "password_changed")


async def open_again(op: Operation, user_id: int) -> str:
    """The value of a new cookie for somebody whose browsers were signed out, and who has just shown who they are."""
    async with op.database.write() as session:
        return await users.open_browser(session, user_id, datetime.now(UTC))


def new_totp_secret() -> str:
    """A secret for an authenticator app (RFC 6238, base32)."""
    return pyotp.random_base32()


def is_totp_secret(text: str) -> bool:
    """Whether an app could use this secret: ours come back in a form, where anything can stand."""
    try:
        pyotp.TOTP(text).now()
    except ValueError:
        return False
    return True


def totp_address(secret: str, email: str) -> str:
    """What an authenticator app reads from a picture: an otpauth:// address."""
    return str(pyotp.TOTP(secret, name=email, issuer="Toque").provisioning_uri())


async def use_totp(op: Operation, user_id: int, secret: str, code: str) -> None:
    """From now on a code is asked for; BadInput unless `code` shows that the app has the secret. It is spent then."""
    step = _step_in(secret, code, datetime.now(UTC)) if is_totp_secret(secret) else None
    if step is None:
        raise BadInput("The code does not fit. Look at the app again; its clock must be right.")
    async with op.database.write() as session:
        user = await session.get_one(User, user_id)
        user.totp, user.totp_step = op.database.keyring.seal(secret), step
        await _note(session, op, user, "totp_on")


async def disable(op: Operation, user_id: int) -> None:
    """The user may not sign in any more and is signed out at once."""
    now = datetime.now(UTC)
    async with op.database.write() as session:
        user = await session.get_one(User, user_id)
        user.disabled_at = now
        await users.sign_out(session, now=now, user_id=user_id)
        await _note(session, op, user, "user_disabled", actor="operator")


async def let_in_again(op: Operation, user_id: int) -> str:
    """A new password, once, for who forgot theirs, lost the app of their codes, or was disabled: it alone opens.

    Every browser of the user is signed out; the code of an app is not asked for until they set one up anew.
    """
    password = secrets.token_urlsafe(12)
    hashed = await asyncio.to_thread(_HASHER.hash, password)
    async with op.database.write() as session:
        user = await session.get_one(User, user_id)
        user.password, user.totp, user.disabled_at, user.failed, user.locked_until = hashed, None, None, 0, None
        await users.sign_out(session, now=datetime.now(UTC), user_id=user_id)
        await _note(session, op, user, "user_let_in_again", actor="operator")
    return password


async def change(op: Operation, user_id: int, *, role: str, creditors: tuple[str, ...] | None) -> None:
    """What a user may do and see from now on, in every browser that is open. BadInput for a role there is not."""
    if role not in ROLES:
        raise BadInput(f"There is no role {role!r}: choose {', '.join(ROLES)}")
    async with op.database.write() as session:
        user = await session.get_one(User, user_id)
        if role == "agent" and not user.agent:
            raise BadInput("A user of role agent works at one desk: add them anew with the agent's name.")
        user.role, user.creditors = role, None if creditors is None else list(creditors)
        await _note(session, op, user, "user_changed", actor="operator")


async def _count_wrong(op: Operation, user: User | None, now: datetime) -> None:
    if user is None:
        return
    async with op.database.write() as session:
        fresh = await session.get_one(User, user.id, populate_existing=True)
        fresh.failed += 1
        if fresh.failed >= TRIES:
            fresh.failed, fresh.locked_until = 0, now + SHUT_FOR
        await _note(session, op, fresh, "sign_in_failed")


async def _note(session: AsyncSession, op: Operation, user: User, kind: str, *, actor: str = "") -> None:
    """A line about a user, of their own doing unless `actor` says otherwise: "operator" is whoever is signed in."""
    await interactions.add(
        session, tenant_id=user.tenant_id, at=op.clock.now(), kind=kind, actor=actor or f"user {user.id}",
        detail={"user": user.id},
    )  # fmt: skip


def _matches(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _step_of(op: Operation, user: User, code: str, now: datetime) -> int | None:
    """The step of time of the code; 0 for who uses no app, None when it does not fit."""
    return 0 if user.totp is None else _step_in(op.database.keyring.unseal(user.totp), code, now)


def _step_in(secret: str, code: str, now: datetime) -> int | None:
    app, given = pyotp.TOTP(secret), code.strip().encode()
    present = app.timecode(now)
    for step in (present, present - 1, present + 1):  # a clock may be half a minute wrong
        if hmac.compare_digest(app.generate_otp(step).encode(), given):
            return step
    return None


def _checked(new: NewUser) -> str:
    email = new.email.strip().casefold()
    if not _ADDRESS.fullmatch(email) or len(email) > 200:
        raise BadInput("The e-mail address is not one. Write it as name@company.example")
    if not new.name.strip() or len(new.name) > 100:
        raise BadInput("A name is needed, of at most 100 characters.")
    if new.role not in ROLES:
        raise BadInput(f"There is no role {new.role!r}: choose {', '.join(ROLES)}")
    if new.role == "agent" and not new.agent:
        raise BadInput("A user of role agent works at one desk: name the agent.")
    _check_password(new.password)
    return email


def _check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD or len(password) > 200:
        raise BadInput(f"A password has at least {SHORTEST_PASSWORD} and at most 200 characters.")


def creditors_of(user: User) -> Sequence[str] | None:
    """Keys of the creditors whose people the user may see; None: all."""
    return None if user.creditors is None else [str(one) for one in user.creditors]
