"""The request for a supervisor's line, and the look for a line of which the carrier's answer was lost."""

from __future__ import annotations

from datetime import timedelta

from dialer.carrier.client import CallRequest
from dialer.operation import Operation
from dialer.rules.clearance import SupervisorLine
from dialer.rules.lifecycle import FINAL_OF
from dialer.store.models import Supervision

RING_SECONDS = 30
CLOCKS_APART = timedelta(seconds=60)  # between our clock and the carrier's


def request(op: Operation, one: Supervision) -> CallRequest:
    """What the carrier is asked for."""
    return CallRequest(
        to=one.via.removeprefix("tel:"),
        from_=op.settings.caller_ids[0],
        url=op.addresses.supervisor(one.token),
        status_url=op.addresses.supervisor_status(one.token),
        leave=SupervisorLine(one.user_id),
        ring_seconds=RING_SECONDS,
    )


async def living(op: Operation, one: Supervision) -> str | None:
    """The call of a create without an answer, among the carrier's; "" when there is none, None without an answer."""
    asked = request(op, one)
    calls = await op.carrier.find_calls(to=asked.to, from_=asked.from_, since=one.asked_at - CLOCKS_APART)
    if calls is None:
        return None
    alive = [call for call in calls if call.status not in FINAL_OF]
    return max(alive, key=lambda call: call.created_at).sid if alive else ""
