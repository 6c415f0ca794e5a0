"""What would be said a thousand times a second is said once, with how often: words must not delay what they tell."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger("toque.voice")

EVERY = 1.0  # real seconds


@dataclass(slots=True)
class Seldom:
    """Log lines by event and kind of request; `times` counts since the line before."""

    _told: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def tell(self, event: str, *, kind: str, **values: object) -> None:
        """Say it, unless it was said within the last second."""
        before, times = self._told.get((event, kind), (float("-inf"), 0))
        now = time.monotonic()
        if now - before < EVERY:
            self._told[event, kind] = before, times + 1
            return
        log.error(event, kind=kind, times=times + 1, **values)
        self._told[event, kind] = now, 0
