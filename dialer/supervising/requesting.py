"""The request for a supervisor's line, and the look for a line of which the carrier's answer was lost."""

from __future__ import annotations

from dialer import staff_lines
from dialer.carrier.client import CallRequest
from dialer.operation import Operation
from dialer.rules.clearance import SupervisorLine
from dialer.staff_lines import RING_SECONDS
from dialer.store.models import Supervision


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
    return await staff_lines.living(op, request(op, one), since=one.asked_at)
