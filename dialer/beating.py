"""What a worker leaves behind of its beats, so that others see that it lives: seldom enough to cost nothing.

Meters are counted anew here once a day: whoever looks at the figures later need not read the calls of all time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.recounting import recount
from dialer.store import beats

log = structlog.get_logger("toque.beating")

TOLD_EVERY = 5_000  # wall clock, ms
RECOUNTED = timedelta(days=1)  # today and the day before: what may drift unseen since the last recount


@dataclass(slots=True)
class Beating:
    """The beats of the worker of that name."""

    op: Operation = field(repr=False)
    name: str
    _told: int | None = None

    async def tell(self) -> None:
        """A beat is finished; on record unless the one before was a moment ago."""
        now = real_ms()
        if self._told is not None and 0 <= now - self._told < TOLD_EVERY:
            return
        away_at = await self.op.window.away_since()
        async with self.op.database.write() as session:
            await beats.renew(session, self.name, at=now, window_away_at=away_at)
        self._told = now

    async def recount(self) -> None:
        """Compare the meters of these days with the calls on record; how many differ is on record afterwards."""
        drifts = await recount(self.op, window=RECOUNTED)
        if drifts:
            log.error("meters_drift", meters=len(drifts), todo="see which: toque meters recount; correct: --mend")
        async with self.op.database.write() as session:
            await beats.recounted(session, self.name, drifting=len(drifts), at=real_ms())
