"""How campaigns stand, for lists of them: what was chosen, and how each stands now. Looks only.

Why one moves or does not is decided in `results`; the words are made by whoever shows it, the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.results.standing import Standing as Now
from dialer.results.standing import standing as standing_now
from dialer.rules.plan import Plan
from dialer.store import campaigns
from dialer.store.models import Campaign, ContactList

GOES_ON = frozenset({"dialling", "paced", "preview", "last_calls"})  # nothing is waited for that is worth a word


@dataclass(frozen=True, slots=True)
class Told:
    """A campaign at a glance. `sentence` says how it stands; `waiting_for` the same when it keeps calls from it."""

    name: str
    status: str
    flow: str
    contacts: dict[str, int]
    live: int
    next_due: datetime | None
    sentence: str
    waiting_for: str | None
    list_name: str | None = None
    skill: str = ""
    plan: dict[str, Any] = field(default_factory=dict)
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The same before it is put into words: `now` holds the counts and the reason."""

    now: Now
    flow: str
    list_name: str | None
    skill: str
    plan: dict[str, Any]
    checked_at: datetime | None

    def told(self, in_words: Callable[[Now], str]) -> Told:
        """With the sentence as words."""
        now, words = self.now, in_words(self.now)
        held = now.status == "running" or now.sentence.code == "halted"
        return Told(
            now.name, now.status, self.flow, now.contacts, now.live, now.next_due, words,
            words if held and now.sentence.code not in GOES_ON else None,
            self.list_name, self.skill, self.plan, self.checked_at,
        )  # fmt: skip


async def standing(op: Operation, name: str | None = None) -> list[Standing]:
    """All campaigns, or the one of that name (NotFound)."""
    async with op.database.read() as session:
        tenant_id = await campaigns.known_tenant_id(session) or 0
        if name is not None:
            found: Sequence[Campaign] = [await campaigns.by_name(session, tenant_id, name)]
        else:
            query = select(Campaign).where(Campaign.tenant_id == tenant_id).order_by(Campaign.id)
            found = (await session.scalars(query)).all()
        return [await _standing(session, op, campaign) for campaign in found]


async def _standing(session: AsyncSession, op: Operation, campaign: Campaign) -> Standing:
    return Standing(
        now=await standing_now(session, op, campaign),
        flow=campaign.flow,
        list_name=await session.scalar(select(ContactList.name).where(ContactList.id == campaign.list_id)),
        skill=campaign.skill,
        plan=Plan.model_validate(campaign.plan).model_dump(mode="json"),
        checked_at=campaign.checked_at,
    )
