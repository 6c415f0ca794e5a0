"""What a monitor scrapes: the process's own figures, and how near the limits are.

Whoever can reach the address reads this without a token: no names of campaigns, no numbers.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from dialer import gauging
from dialer.gauging import Gauges
from dialer.operation import Operation


async def scraped(op: Operation) -> bytes:
    """All figures in the text format of Prometheus; without those of the meters when the database does not answer."""
    try:
        found = await gauging.gauges(op)
    except (SQLAlchemyError, OSError):
        return generate_latest()
    return generate_latest() + generate_latest(_registry(found))


def _registry(found: Gauges) -> CollectorRegistry:
    registry = CollectorRegistry()
    share = Gauge("toque_limit_share", "Greatest used share of a limit; 1: at it.", ["limit"], registry=registry)
    pace = Gauge("toque_limit_pace", "Least part of the usual calls begun; 0: rests.", ["limit"], registry=registry)
    for limit in {one.limit for one in found.limits}:
        share.labels(limit).set(max(one.share for one in found.limits if one.limit == limit))
        pace.labels(limit).set(min(one.pace for one in found.limits if one.limit == limit))
    falling = Gauge("toque_numbers_falling", "Numbers of ours that are answered less than before.", registry=registry)
    falling.set(sum(bool(one.note) for one in found.numbers))
    return registry
