"""Guards the door against guessing from one place: wrong sign-ins are counted by network address.

Of an address only a keyed hash is kept, for a day at most, and nothing of it is logged. Times are real.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import case, delete, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import Refused
from dialer.operation import Operation
from dialer.store.columns import Instant
from dialer.store.models import DoorTry

TRIES = 20  # many people may share one address: an office, a carrier's translation
WITHIN = timedelta(minutes=15)
SHUT_FOR = timedelta(minutes=15)
KEPT = timedelta(days=1)
SHUT = "There were too many wrong tries from your network. Wait fifteen minutes, then try again."


class TooManyTries(Refused):
    """The door is shut for a while for everybody at this network address."""


async def must_be_open(op: Operation, address: str, now: datetime) -> None:
    """TooManyTries while the door is shut for this address; one that is not known ("") is not counted."""
    hashed = _hashed(op, address)
    async with op.database.read() as session:
        until = await session.scalar(select(DoorTry.locked_until).where(DoorTry.address == hashed))
    if until is not None and until > now:
        raise TooManyTries(SHUT)


async def wrong(op: Operation, address: str, now: datetime) -> None:
    """One more wrong try from there; the last one that is allowed shuts the door."""
    if not address:
        return
    try:
        async with op.database.write() as session:
            await _count(session, _hashed(op, address), now)
    except IntegrityError:  # the first try from there, twice at the same moment
        async with op.database.write() as session:
            await _count(session, _hashed(op, address), now)


async def _count(session: AsyncSession, hashed: str, now: datetime) -> None:
    fresh = DoorTry.began_at <= now - WITHIN
    counted = case((fresh, 1), else_=DoorTry.failed + 1)
    changed = await session.execute(
        update(DoorTry)
        .where(DoorTry.address == hashed)
        .values(
            failed=counted,
            began_at=case((fresh, literal(now, Instant())), else_=DoorTry.began_at),
            locked_until=case((counted >= TRIES, literal(now + SHUT_FOR, Instant())), else_=DoorTry.locked_until),
        )
        .returning(DoorTry.id)
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        session.add(DoorTry(address=hashed, failed=1, began_at=now))
        await session.flush()
    await session.execute(delete(DoorTry).where(DoorTry.began_at < now - KEPT, DoorTry.address != hashed))


def _hashed(op: Operation, address: str) -> str:
    return op.database.keyring.index("address", network_of(address))


def network_of(address: str) -> str:
    """The network that an address stands for: of IPv6 the /64, which one subscriber has whole (RFC 6177)."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
    return str(known)
