"""Has the whole record verified for somebody at a screen, and keeps that it was, and what came of it."""

from __future__ import annotations

from dialer.operation import Operation
from dialer.record import verifying
from dialer.store import campaigns, interactions
from dialer.store.audits import VERIFIED


async def look_over(op: Operation) -> verifying.Finding:
    """Every chain and every seal. It takes as long as the record is large; nothing is changed."""
    finding = await verifying.verify_all(op)
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        await interactions.add(
            session, tenant_id=tenant.id, at=op.clock.now(), kind=VERIFIED, actor="operator",
            detail={"sound": finding.sound, "faults": len(finding.faults)},
        )  # fmt: skip
    return finding
