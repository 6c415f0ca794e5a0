"""What the calls and texts of a campaign can be narrowed to: its scripts and the numbers of ours that it showed."""

from __future__ import annotations

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Attempt, Message


async def scripts(session: AsyncSession, campaign_id: int) -> list[str]:
    """Flows of its calls, and templates of its texts that stand alone, in order of the alphabet."""
    flows = select(Attempt.flow.label("script")).where(Attempt.campaign_id == campaign_id)
    templates = select(Message.template).where(Message.campaign_id == campaign_id, Message.attempt_id.is_(None))
    return sorted(await session.scalars(union(flows, templates)))


async def numbers(session: AsyncSession, campaign_id: int) -> list[str]:
    """Numbers of ours that its calls and texts showed, E.164, in order."""
    calls = select(Attempt.from_number.label("number")).where(Attempt.campaign_id == campaign_id)
    texts = select(Message.from_number).where(Message.campaign_id == campaign_id)
    return sorted(one for one in await session.scalars(union(calls, texts)) if one is not None)
