"""Messages on machines: never, or once for each person in a campaign. What goes beyond that is not said.

Flows may ask the flag `voicemail_allowed` and take another way; one that does not ask is held to it all the same.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.rules.plan import Plan
from dialer.store.models import Attempt, Campaign, Interaction
from ivr_flows.turn import Disposed, End, Turn, VoicemailLeft

_LEFT = (
    select(Interaction.id)
    .join(Attempt, Attempt.id == Interaction.attempt_id)
    .where(
        Attempt.campaign_id == bindparam("campaign"),
        Attempt.person_id == bindparam("person"),
        Interaction.kind == "voicemail_left",
    )
    .limit(1)
)


async def allowed(session: AsyncSession, campaign: Campaign, attempt: Attempt) -> bool:
    """Whether this call may leave a message, should a machine answer it."""
    if Plan.model_validate(campaign.plan).voicemail == "off":
        return False
    left = await session.scalar(_LEFT, {"campaign": attempt.campaign_id, "person": attempt.person_id})
    return left is None


async def held_to_it(session: AsyncSession, attempt: Attempt, turn: Turn) -> Turn:
    """The turn as it may be spoken: one message too many becomes a silent end."""
    if not any(isinstance(effect, VoicemailLeft) for effect in turn.effects):
        return turn
    campaign = await session.get_one(Campaign, attempt.campaign_id)
    if await allowed(session, campaign, attempt):
        return turn
    kept = tuple(effect for effect in turn.effects if not isinstance(effect, VoicemailLeft | Disposed))
    return replace(turn, speech=(), wait=End("machine"), effects=(*kept, Disposed("machine")))
