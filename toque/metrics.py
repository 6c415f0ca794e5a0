"""What a monitor scrapes: the process's own figures, how near the limits are, and whether what must hold holds.

Whoever can reach the address reads this without a token: no names of campaigns, no numbers.
"""

from __future__ import annotations

import asyncio
import math

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from dialer import gauging, monitoring
from dialer.gauging import Gauges
from dialer.monitoring import Monitored
from dialer.operation import Operation
from webhooks import counting  # noqa: F401 - its figures are among the process's own from the first scrape on

PATIENCE = 5.0  # real seconds; a scraper waits ten


async def scraped(op: Operation) -> bytes:
    """All figures in the text format of Prometheus; of the operation only that it fails when the database does."""
    registry = CollectorRegistry()
    answers = Gauge("toque_database_answers", "Whether the database answers: 1 or 0.", registry=registry)
    try:
        async with asyncio.timeout(PATIENCE):
            _add_limits(registry, await gauging.gauges(op))
            _add_monitors(registry, await monitoring.monitored(op))
        answers.set(1)
    except (SQLAlchemyError, OSError):
        answers.set(0)
    return generate_latest() + generate_latest(registry)


def _add_limits(registry: CollectorRegistry, found: Gauges) -> None:
    share = Gauge("toque_limit_share", "Greatest used share of a limit; 1: at it.", ["limit"], registry=registry)
    pace = Gauge("toque_limit_pace", "Least part of the usual calls begun; 0: rests.", ["limit"], registry=registry)
    for limit in {one.limit for one in found.limits}:
        share.labels(limit).set(max(one.share for one in found.limits if one.limit == limit))
        pace.labels(limit).set(min(one.pace for one in found.limits if one.limit == limit))
    _add(registry, "numbers_falling", "Numbers of ours that are answered less than before.",
         sum(bool(one.note) for one in found.numbers))  # fmt: skip


def _add_monitors(registry: CollectorRegistry, found: Monitored) -> None:
    quiet = Gauge("toque_dialling_silent_seconds", "Since a call began although people are due; why that may be.",
                  ["company", "reason"], registry=registry)  # fmt: skip
    for one in found.quiet:
        quiet.labels(str(one.company), one.reason).set(one.seconds)
    unknown = Gauge("toque_calls_unknown", "Creates without a known answer, by age.", ["age"], registry=registry)
    for age, calls in found.unknown.items():
        unknown.labels(age).set(calls)
    beat_age = math.inf if found.beat_age is None else found.beat_age
    recount_age = math.inf if found.recount_age is None else found.recount_age
    for name, words, value in (
        ("calls_overdue", "Live calls of which nothing is heard although the carrier was asked.", found.overdue),
        ("callers_waiting", "People who wait for an agent.", found.callers),
        ("caller_beside_idle_agent_seconds", "For how long both have waited who fit each other.", found.beside_idle),
        ("worker_beat_age_seconds", "Since any worker finished a beat; infinite: none runs.", beat_age),
        ("counters_recount_age_seconds", "Since meters were compared with the calls.", recount_age),
        ("counters_drifting", "Meters that differed then.", math.nan if found.drifting is None else found.drifting),
        ("window_away_seconds", "Since a worker last reached the window of calls per second.", found.window_away),
        ("law_broken_countries", "Countries whose rule pack is broken.", found.broken_law),
    ):
        _add(registry, name, words, value)


def _add(registry: CollectorRegistry, name: str, words: str, value: float) -> None:
    Gauge(f"toque_{name}", words, registry=registry).set(value)
