"""Acts on calls that come in: on record first, then the flow for callers. The number shown is never an identity.

Everybody is answered, at any hour: whoever was called may always find out by whom, and may always say "stop".
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import talking
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.recognising import Party, party_at
from dialer.speaking import Answer
from dialer.store import campaigns, contacts, people
from dialer.store.database import lost_a_deadlock
from dialer.store.models import Attempt, Campaign, Contact
from dialer.talking import Heard

STANDING = "retorno"  # the campaign that all calls to us belong to
TRIES = 3  # two first calls of one number at the same instant, or a deadlock that was lost


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call to one of our numbers (`to`). `from_` is E.164, or recognising.ANONYMOUS."""

    sid: str
    from_: str
    to: str


async def answer(op: Operation, call: Incoming) -> tuple[str, Answer]:
    """What is said first to whoever calls, and the token under which the call goes on. A repeat gets the same."""
    token = await token_of(op, call.sid) or await _begin(op, call)
    first = await talking.take_turn(op, token, 0, Heard(sid=call.sid))
    assert first is not None, "the attempt was committed before"
    return token, first


async def token_of(op: Operation, sid: str) -> str | None:
    """The token of a call that came in, by the carrier's id."""
    async with op.database.read() as session:
        known = select(Attempt.token).where(Attempt.sid == sid, Attempt.direction == "in")
        return await session.scalar(known)


async def _begin(op: Operation, call: Incoming) -> str:
    """Put the call on record; its token. Of two requests for one call the second finds what the first has made."""
    for tries in range(1, TRIES + 1):
        try:
            async with op.database.write() as session:
                return await _put_on_record(session, op, call)
        except DBAPIError as error:
            known = await token_of(op, call.sid)
            if known is not None:
                return known
            if tries == TRIES or not (isinstance(error, IntegrityError) or lost_a_deadlock(error)):
                raise
    raise AssertionError("the last try has returned or raised")


async def _put_on_record(session: AsyncSession, op: Operation, call: Incoming) -> str:
    now = op.clock.now()
    tenant = await campaigns.tenant(session)
    party = await party_at(session, op, tenant.id, call.from_, ours=call.to)
    await people.bump(session, party.person.id)  # an intent that is being decided shall know of this call
    campaign = await campaigns.standing_in(session, tenant.id, STANDING, flow=op.settings.inbound_flow, at=now)
    contact = await contacts.of_caller(session, campaign, party.person.id, party.number.id, at=now)
    attempt = await _attempt(session, op, call, party=party, campaign=campaign, contact=contact)
    return attempt.token


async def _attempt(
    session: AsyncSession, op: Operation, call: Incoming, *, party: Party, campaign: Campaign, contact: Contact
) -> Attempt:
    """`to_number` is the other party's and `from_number` ours, as in calls that we make."""
    now, pack = op.clock.now(), op.packs.find(party.number.country)
    owed = await people.debts(session, party.person.id)
    attempt = Attempt(
        token=secrets.token_urlsafe(12),
        tenant_id=campaign.tenant_id,
        campaign_id=campaign.id,
        contact_id=contact.id,
        person_id=party.person.id,
        number_id=party.number.id,
        direction="in",
        to_number=call.from_,
        from_number=call.to,
        status="ringing",
        sid=call.sid,
        flow=op.settings.inbound_flow,
        debts=[str(debt.id) for debt in owed],
        intent_at=now,
        intent_real=real_ms(),
        ringing_at=now,
        heard_at=now,
        pack=pack.id if pack else None,
    )
    session.add(attempt)
    await session.flush()
    return attempt
