"""What a form of the desk says beside what is typed: whose call it is, what is on record, what may be offered.

Reads; keeps nothing. It is of the call that the form was opened for, whoever is on the screen by now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from console.deskwork.coding import Coding, coding
from dialer.attending import agreeing
from dialer.attending.serving import contact_data
from dialer.attending.talk import SHIFT, Seat, Talk, looked_at
from dialer.errors import BadInput, NotFound, Refused
from dialer.operation import Operation
from dialer.rules.offers import Limits
from dialer.store import sight
from dialer.store.models import Debt


@dataclass(frozen=True, slots=True)
class About:
    """A call, for its forms. `on_record`: each field with what is known already. `limits`: None: nothing is open.

    `currency` is that of the debts that the call is about.
    """

    name: str = ""
    currency: str = ""
    on_record: tuple[tuple[str, str], ...] = ()
    coding: Coding | None = None
    limits: Limits | None = None

    @property
    def known(self) -> dict[str, str]:
        """What is on record, by field."""
        return {name: value for name, value in self.on_record if value}


async def about(op: Operation, seat: Seat, scope: Sequence[str] | None) -> About:
    """Of the agent's call; empty when it is theirs no more, or of a creditor outside the scope (None: all)."""
    async with op.database.read() as session:
        try:
            talk = await looked_at(session, seat, since=op.clock.now() - SHIFT)
        except (NotFound, Refused):
            return About()
        if not await sight.sees(session, talk.attempt, scope):
            return About()
        owed = await _collectable(session, talk)
        data = contact_data(op, talk.person)
        return About(
            name=talk.person.name,
            currency=owed[0].currency if owed else "",
            on_record=(("email", data.email), ("address", data.address)),
            coding=await coding(session, talk.attempt.id),
            limits=agreeing.limits_of(op, talk, owed) if owed else None,
        )


async def _collectable(session: AsyncSession, talk: Talk) -> Sequence[Debt]:
    try:
        return await agreeing.collectable(session, talk)
    except BadInput:
        return ()
