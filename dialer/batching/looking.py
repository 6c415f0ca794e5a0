"""Claimed contacts of a campaign, what decides about each, and the gate's word of this moment. Writes nothing.

Read for a whole batch at once. What is begun on it later must find the same print (`store/intents.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import judging
from dialer.judging import Case, Judgement
from dialer.operation import Operation
from dialer.rules.gate import Decision
from dialer.store import campaigns
from dialer.store.intents import Print, print_of
from dialer.store.models import Campaign, Contact


@dataclass(frozen=True, slots=True)
class Look:
    """A contact as one look saw it, and what follows from it then."""

    case: Case
    judgement: Judgement

    @property
    def decision(self) -> Decision:
        """The gate's word."""
        return self.judgement.decision

    @property
    def contact(self) -> Contact:
        """Of the case."""
        return self.case.contact

    @property
    def campaign(self) -> Campaign:
        """Of the case."""
        return self.case.office.campaign

    @property
    def print(self) -> Print:
        """What contact and record were known by."""
        return print_of(self.contact, self.case.record)

    def held_by(self, owner: str) -> bool:
        """Whether the claim still stands: an opt-out ends it, and the claim of a slow worker is given to another."""
        return self.contact.status == "claimed" and self.contact.claim_owner == owner


async def looks(session: AsyncSession, op: Operation, contact_ids: Sequence[int], *, lock: bool) -> list[Look]:
    """These contacts of one campaign, in their order. FlowInvalid: its flow cannot be used.

    `lock`: the campaign is held against a change of status until the transaction ends.
    """
    if not contact_ids:
        return []
    rows = await session.scalars(
        select(Contact).where(Contact.id.in_(contact_ids)).execution_options(populate_existing=True)
    )
    found = {contact.id: contact for contact in rows}
    if not found:
        return []
    campaign_id = found[contact_ids[0]].campaign_id
    campaign = await (campaigns.locked if lock else campaigns.now)(session, campaign_id)
    office = await judging.office(session, op, campaign)
    made = await judging.cases(session, op, office, [found[one] for one in contact_ids])
    now = op.clock.now()
    return [Look(case, judging.judge(op, case, now)) for case in made]
