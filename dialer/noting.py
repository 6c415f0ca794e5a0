"""Puts the gate's word on record, in the transaction that acts on it: what it was asked, what it said, by which rule.

A yes is kept with its intent, a no whenever it differs from the word before. Nothing here decides.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.judging import Case
from dialer.rules.facts import Facts, Proposed
from dialer.rules.gate import Allow, Decision, Deny, digest
from dialer.store import interactions
from dialer.store.models import Attempt, Interaction, Message

CALLS, MESSAGES = ("call_allowed", "call_denied"), ("message_allowed", "message_denied")
LOOKED_BACK = 12  # of the person's latest words, to find the one about the same campaign


def word(decision: Decision, facts: Facts | None, proposed: Proposed | None) -> dict[str, Any]:
    """The gate's word as the record keeps it. `inputs` is a hash of all that it was told; nobody can be read off."""
    told: dict[str, Any] = {"pack": decision.pack}
    if facts is not None and proposed is not None:
        told |= {"inputs": digest(facts, proposed, decision.pack), "mode": proposed.mode}
    match decision:
        case Allow():
            return told | {"advisories": list(decision.advisories)}
        case Deny():
            return {
                "rule": decision.rule,
                "reason": decision.reason,
                "citation": decision.citation,
                "until": decision.until.isoformat() if decision.until else None,
                **told,
                "also": list(decision.also),
            }


async def call_allowed(session: AsyncSession, attempt: Attempt, said: dict[str, Any], *, campaign: str) -> None:
    """The yes to an intent that is committed with it."""
    await interactions.add(
        session,
        tenant_id=attempt.tenant_id,
        person_id=attempt.person_id,
        attempt_id=attempt.id,
        at=attempt.intent_at,
        kind="call_allowed",
        detail={"campaign": campaign, **said},
    )


async def call_denied(
    session: AsyncSession,
    said: dict[str, Any],
    *,
    tenant_id: int,
    person_id: int,
    at: datetime,
    campaign: str,
    actor: str = "system",
) -> bool:
    """The no to a call, unless it is the one of last time; whether it was news."""
    detail = {"campaign": campaign, **said}
    before = await _last(session, person_id, CALLS, "campaign", campaign)
    if before is not None and (before.get("rule"), before.get("until")) == (said["rule"], said["until"]):
        return False
    await interactions.add(
        session,
        tenant_id=tenant_id,
        person_id=person_id,
        at=at,
        kind="call_denied",
        actor=actor,
        detail=detail,
    )
    return True


async def skipped(session: AsyncSession, case: Case, *, at: datetime, agent: str, why: str) -> None:
    """An agent has looked at a contact and left it for later."""
    await interactions.add(
        session,
        tenant_id=case.person.tenant_id,
        person_id=case.person.id,
        at=at,
        kind="call_skipped",
        actor=f"agent:{agent}"[:100],
        detail={"campaign": case.office.campaign.name, "why": why},
    )


async def message_word(
    session: AsyncSession, message: Message, decision: Decision, said: dict[str, Any], *, at: datetime
) -> None:
    """The word about a text, unless it is the no of last time."""
    detail = {"message": message.id, "template": message.template, **said}
    if isinstance(decision, Deny):
        before = await _last(session, message.person_id, MESSAGES, "message", message.id)
        if before is not None and (before.get("rule"), before.get("until")) == (said["rule"], said["until"]):
            return
    await interactions.add(
        session,
        tenant_id=message.tenant_id,
        person_id=message.person_id,
        attempt_id=message.attempt_id,
        at=at,
        kind="message_allowed" if isinstance(decision, Allow) else "message_denied",
        detail=detail,
    )


async def _last(
    session: AsyncSession, person_id: int, kinds: tuple[str, str], name: str, value: object
) -> dict[str, Any] | None:
    """The detail of the latest word about the same thing."""
    rows = await session.scalars(
        select(Interaction.detail)
        .where(Interaction.person_id == person_id, Interaction.kind.in_(kinds))
        .order_by(Interaction.id.desc())
        .limit(LOOKED_BACK)
    )
    return next((detail for detail in rows if detail.get(name) == value), None)
