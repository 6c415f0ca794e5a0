"""What came of a campaign: one object with funnel, rates and every call. Counts what is on record; changes nothing.

How each figure is defined stands at the function that counts it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dialer.operation import Operation
from dialer.rules.disposition import REACHED_PERSON, Disposition
from dialer.rules.phone_numbers import mask
from dialer.store import campaigns, reports
from dialer.store.models import Campaign
from dialer.store.reports import Call, Wish

LEGAL_WAIT = timedelta(seconds=2)  # 47 CFR 64.1200(a)(7): connected within two seconds of being due, else abandoned
NOT_MET = ("left", "nobody_free", "failed")
OPEN = ("waiting", "reserved")
KNOWN_LEVELS = ("checked", "confirmed")
D = Disposition


async def report(op: Operation, campaign_name: str) -> dict[str, Any]:
    """The report of a campaign (NotFound when there is none), ready for JSON.

    {campaign, funnel, rates, cost, blocked_by_rule, seconds, calls}. `seconds` of business time from the start of
    the campaign to its end or to now. Carrier prices are not known here: `cost` has the calls and the minutes that
    a carrier bills (begun minutes of answered calls).
    """
    now = op.clock.now()
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        campaign = await campaigns.by_name(session, tenant.id, campaign_name)
        contacts = await reports.contacts_by_rule(session, campaign.id)
        calls = await reports.calls(session, campaign.id)
        wishes = await reports.wishes(session, campaign.id)
        keys = await reports.keys(session, campaign.id)
        facts = await reports.facts(session, campaign.id)
    blocked = blocked_by_rule(contacts)
    return {
        "campaign": campaign.name,
        "funnel": contact_funnel(contacts) | call_funnel(calls, wishes, facts),
        "rates": rates(calls, wishes, now),
        "cost": {"currency": None, "total": None, "calls": sum(map(was_dialed, calls)), "minutes": _minutes(calls)},
        "blocked_by_rule": blocked,
        "seconds": _seconds(campaign, now),
        "calls": [_call(call, keys.get(call.id, "")) for call in calls],
    }


def contact_funnel(contacts: Sequence[tuple[str, str | None, str | None, int]]) -> dict[str, int]:
    """Loaded: contacts of the campaign. Eligible: not denied for good. Blocked: a rule said no and still stands."""
    loaded = sum(count for *_, count in contacts)
    denied = sum(count for status, outcome, _, count in contacts if status == "done" and outcome == "denied")
    return {"loaded": loaded, "eligible": loaded - denied, "blocked": sum(blocked_by_rule(contacts).values())}


def blocked_by_rule(contacts: Sequence[tuple[str, str | None, str | None, int]]) -> dict[str, int]:
    """Contacts held back by a rule, now or for good, by its code; a contact that ended otherwise is not."""
    found: dict[str, int] = {}
    for status, outcome, rule, count in contacts:
        if rule and (status != "done" or outcome == "denied"):
            found[rule] = found.get(rule, 0) + count
    return dict(sorted(found.items()))


def call_funnel(calls: Sequence[Call], wishes: Sequence[Wish], facts: dict[str, set[int]]) -> dict[str, int]:
    """Calls by what came of them; one call may count in several steps.

    Dialed: asked of the carrier and not refused. Answered: by anybody or anything; of these human (a key, the
    detector, or an outcome that only a person brings about) or machine, or neither. Right party: the identity
    level reached `checked` or `confirmed`. Payment code: a message with it was put in the outbox. Transferred:
    connected to an agent. Abandoned: asked for an agent and never met one. Callback: a time was agreed, with the
    debtor or with somebody else, or a place in the queue was left for one. The rest as coded or on record.
    """
    met = {wish.attempt_id for wish in wishes if wish.connected_at}
    missed = {wish.attempt_id for wish in wishes if wish.status in NOT_MET} - met
    called_back = {wish.attempt_id for wish in wishes if wish.status == "callback"}
    called_back |= {call.id for call in calls if call.callback_at}
    return {
        "dialed": sum(map(was_dialed, calls)),
        "answered": sum(map(was_answered, calls)),
        "human": sum(map(met_human, calls)),
        "machine": sum(map(met_machine, calls)),
        "right_party": sum(call.level in KNOWN_LEVELS for call in calls),
        "pressed": sum(call.key_pressed for call in calls),
        "promised": len(facts["promised"]),
        "payment_code": len(facts["payment_code"]),
        "transferred": len(met),
        "abandoned": len(missed),
        "opted_out": len(facts["suppressed_opt_out"] | _coded(calls, D.OPTED_OUT)),
        "wrong_person": len(facts["suppressed_wrong_person"] | _coded(calls, D.WRONG_NUMBER)),
        "disputed": len(facts["dispute"] | _coded(calls, D.DISPUTED)),
        "already_paid": len(facts["already_paid"] | _coded(calls, D.ALREADY_PAID)),
        "callback": len(called_back | _coded(calls, D.CALLBACK_ASKED)),
        "voicemail": len(facts["voicemail_left"] | _coded(calls, D.VOICEMAIL_LEFT)),
    }


def rates(calls: Sequence[Call], wishes: Sequence[Wish], now: datetime) -> dict[str, float | None]:
    """Shares from 0 to 1 and seconds; None where there is nothing to divide by.

    `asr`: answered of dialed. `acd_seconds`: mean length of answered calls. Of all who are due to an agent:
    `legal_drop`, no agent within 2 seconds of asking; `queue_hangup`, left while waiting. `wait_p90_seconds`:
    of those connected, nine in ten waited no longer (nearest rank).
    """
    lengths = [call.seconds for call in calls if was_answered(call) and call.seconds is not None]
    due = [wish for wish in wishes if not _undecided(wish, now)]
    waits = sorted((wish.connected_at - wish.asked_at).total_seconds() for wish in wishes if wish.connected_at)
    return {
        "asr": _share(sum(map(was_answered, calls)), sum(map(was_dialed, calls))),
        "acd_seconds": _share(sum(lengths), len(lengths), digits=1),
        "legal_drop": _share(sum(map(_dropped, due)), len(due)),
        "queue_hangup": _share(sum(wish.status == "left" and not wish.connected_at for wish in due), len(due)),
        "wait_p90_seconds": round(waits[math.ceil(len(waits) * 0.9) - 1], 1) if waits else None,
    }


def was_dialed(call: Call) -> bool:
    """The carrier was asked and did not refuse; a call whose create was never answered counts."""
    return call.status not in ("planned", "denied") and call.carrier_status != "refused"


def was_answered(call: Call) -> bool:
    """Somebody or something picked up."""
    heard = call.answered_at is not None or call.status == "live" or call.carrier_status == "completed"
    return heard and was_dialed(call)


def met_human(call: Call) -> bool:
    """A person: a key, the detector's word, or an outcome that only a person brings about."""
    by_outcome = call.disposition is not None and Disposition(call.disposition) in REACHED_PERSON
    return was_answered(call) and (call.key_pressed or call.answered_by == "human" or by_outcome)


def met_machine(call: Call) -> bool:
    """A machine, a fax or an announcement, and no person."""
    by_outcome = call.disposition in (D.MACHINE, D.FAX, D.VOICEMAIL_LEFT, D.ANNOUNCEMENT)
    return was_answered(call) and not met_human(call) and (call.answered_by in ("machine", "fax") or by_outcome)


def _coded(calls: Sequence[Call], disposition: Disposition) -> set[int]:
    return {call.id for call in calls if call.disposition == disposition}


def _undecided(wish: Wish, now: datetime) -> bool:
    return wish.status in OPEN and now - wish.asked_at <= LEGAL_WAIT


def _dropped(wish: Wish) -> bool:
    return wish.connected_at is None or wish.connected_at - wish.asked_at > LEGAL_WAIT


def _share(part: float, whole: float, *, digits: int = 4) -> float | None:
    return round(part / whole, digits) if whole else None


def _minutes(calls: Sequence[Call]) -> int:
    return sum(math.ceil((call.seconds or 0) / 60) for call in calls if was_answered(call))


def _seconds(campaign: Campaign, now: datetime) -> int:
    if campaign.started_at is None:
        return 0
    return max(0, int(((campaign.ended_at or now) - campaign.started_at).total_seconds()))


def _call(call: Call, keys: str) -> dict[str, Any]:
    return {
        "attempt": call.id,
        "to_masked": mask(call.to_number),
        "status": (call.carrier_status if call.status == "ended" else None) or call.status,
        "answered_by": call.answered_by,
        "turns": call.turn + 1,
        "keys": keys,
        "disposition": call.disposition,
    }
