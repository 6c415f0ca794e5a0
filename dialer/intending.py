"""The intent of a call to a debtor: its row beside the gate's yes that it rests on, and the request that follows.

The only place where such a call becomes a request. It is asked of the carrier after the commit, by `placing.submit`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import metering, noting
from dialer.carrier.client import CallRequest
from dialer.clock import real_ms
from dialer.judging import Case, Judgement
from dialer.operation import Operation
from dialer.rules import showing
from dialer.rules.allotment import counted_for
from dialer.rules.clearance import Clearance, clear
from dialer.rules.facts import CampaignBar
from dialer.rules.gate import Allow
from dialer.store import caller_ids
from dialer.store.models import Attempt

BY_HAND = "live_agent_manual"  # the mode of a call that an agent begins: nothing listens for machines in it


@dataclass(frozen=True, slots=True)
class Intent:
    """A committed wish: this attempt is about to be asked of the carrier."""

    attempt_id: int
    token: str
    campaign_id: int
    request: CallRequest


async def put_down(
    session: AsyncSession, op: Operation, case: Case, judgement: Judgement, *, flow: str
) -> Intent | CampaignBar:
    """Write the intent of a call that the gate allows; or what was used up just now: a limit, the number's day."""
    allowed, proposed = judgement.decision, judgement.proposed
    assert isinstance(allowed, Allow), "no intent without the gate's yes"
    assert proposed is not None, "the gate was asked about a number"
    attempt = Attempt(**columns_of(op, case, judgement, flow=flow), status="placing")
    today = showing.today_at(op.settings.time_zone, attempt.intent_at)
    full = await metering.reserve(session, op, attempt, proposed.country)
    if full is not None:
        return full
    if not await caller_ids.use(session, attempt.tenant_id, attempt.from_number or "", today):
        await metering.take_back(session, op, attempt, proposed.country)
        return CampaignBar("CALLER_ID_CAP", "the last call of the day with this number has gone to somebody else")
    session.add(attempt)
    await session.flush()
    said = noting.word(allowed, case.record.facts, proposed)
    await noting.call_allowed(session, attempt, said, campaign=case.office.campaign.name)
    return intent_of(op, case, judgement, attempt.token, attempt.id)


def columns_of(op: Operation, case: Case, judgement: Judgement, *, flow: str) -> dict[str, Any]:
    """What the attempt of a call that the gate allows begins with, by column."""
    allowed, proposed = judgement.decision, judgement.proposed
    assert isinstance(allowed, Allow), "no intent without the gate's yes"
    assert proposed is not None, "the gate was asked about a number"
    assert case.number is not None, "the gate denies whoever has no number"
    assert case.shown is not None, "the gate denies whoever has no number to be shown"
    now = op.clock.now()
    return {
        "token": secrets.token_urlsafe(12),
        "tenant_id": case.office.campaign.tenant_id,
        "campaign_id": case.office.campaign.id,
        "contact_id": case.contact.id,
        "person_id": case.person.id,
        "number_id": case.number.id,
        "to_number": case.number.e164,
        "from_number": case.shown.e164,
        "flow": flow,
        "flow_revision": case.office.flow.revision,
        "mode": proposed.mode,
        "debts": list(judgement.debts),
        "counted_debts": list(counted_for(case.record.facts, judgement.debts, now)),
        "intent_at": now,
        "intent_real": real_ms(),
        "pack": allowed.pack,
    }


def intent_of(op: Operation, case: Case, judgement: Judgement, token: str, attempt_id: int) -> Intent:
    """The intent that was written as this attempt, with the leave of the gate's yes. Once for each attempt."""
    allowed, proposed = judgement.decision, judgement.proposed
    assert isinstance(allowed, Allow), "no intent without the gate's yes"
    assert proposed is not None, "the gate was asked about a number"
    request = _request(op, case, token, clear(allowed, proposed))
    return Intent(attempt_id, token, case.office.campaign.id, request)


def debts_behind(case: Case, judgement: Judgement) -> tuple[int, list[int]]:
    """The flow's step of the ladder (0: none), and the ids of the debts that come to it with the call."""
    ladder = case.office.flow.ladder
    if ladder is None:
        return 0, []
    about = set(judgement.debts)
    return ladder.step, [one.id for one in case.record.debts if str(one.id) in about and one.step < ladder.step]


def _request(op: Operation, case: Case, token: str, leave: Clearance) -> CallRequest:
    where, plan = op.addresses, case.office.plan
    assert case.number is not None, "the gate denies whoever has no number"
    assert case.shown is not None, "the gate denies whoever has no number to be shown"
    return CallRequest(
        to=case.number.e164,
        from_=case.shown.e164,
        url=where.voice(token, 0),
        status_url=where.status(token),
        leave=leave,
        ring_seconds=plan.ring_seconds,
        detect="off" if leave.mode == BY_HAND else plan.detect,
        detect_url=where.detection(token),
        extension=case.number.extension,
    )
