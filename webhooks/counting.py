"""How many requests of the carrier could not be put on record when they came. For monitors; of this process only."""

from __future__ import annotations

from prometheus_client import Counter, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # when each counter began says nothing that the process's own start does not
_UNANSWERED = Counter(
    "toque_webhooks_unanswered", "Requests that were answered with an apology, or with 503 to be repeated.", ["kind"]
)
for _kind in ("spoken", "news"):
    _UNANSWERED.labels(_kind)  # on record from the first scrape


def unanswered(*, spoken: bool) -> None:
    """One more. `spoken`: somebody heard an apology; else the carrier was asked to tell it again."""
    _UNANSWERED.labels("spoken" if spoken else "news").inc()
