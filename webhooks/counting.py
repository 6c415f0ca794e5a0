"""How many requests of the carrier could not be put on record when they came. For monitors; of this process only."""

from __future__ import annotations

from prometheus_client import Counter, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # the process's own start says as much
_REFUSED = Counter(
    "toque_webhooks_refused", "Requests that were answered with an apology, or with 503 to be repeated.", ["kind"]
)
for _kind in ("spoken", "news"):
    _REFUSED.labels(_kind)  # on record from the first scrape


def refused(*, spoken: bool) -> None:
    """One more. `spoken`: somebody heard an apology; else the carrier was asked to tell it again."""
    _REFUSED.labels("spoken" if spoken else "news").inc()
