"""`make soak`: the whole product as real processes under faults, then an audit; 1 when anything was violated.

The seed is printed: the same seed gives the same people and the same order of faults.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.processes import people
from tests.processes.fleet import fleet
from tests.processes.orders import Order, order_of
from tests.processes.soak import Outcome, Soak, picture
from tests.processes.stores import postgresql, redis
from tests.processes.striking import Striker


def main() -> int:
    """Run; the folder of logs stays when something went wrong, and is named."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us ends what we have started
    order = order_of(asked.minutes, asked.seed)
    home = Path(tempfile.mkdtemp(prefix="toque-soak-", dir="/tmp"))  # a socket's path must be short
    _say(f"seed {order.seed}: {order.calls} calls or more, {order.people} people; logs in {home}")
    failed, begun = True, time.monotonic()
    try:
        outcome = asyncio.run(_run(order, home))
        _say(picture(outcome, order))
        failed = bool(outcome.violations) or outcome.calls < order.calls
        lasted = f"{time.monotonic() - begun:.0f} s, seed {order.seed}"
        _say(f"{outcome.violations} violations in {outcome.calls} calls, {lasted}")
    except KeyboardInterrupt:
        _say("interrupted: all processes have been ended")
    finally:
        if failed:
            _say(f"look at the logs, the record and the ledger in {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
    return 1 if failed else 0


async def _run(order: Order, home: Path) -> Outcome:
    crowd = people.crowd(order.people, today=order.terms.start.date(), seed=order.seed)
    people.write_phone_book(home / "people.json", crowd.people)
    with postgresql(home) as postgres, redis(home) as cache:
        async with fleet(
            home,
            database_url=postgres.address,
            redis_url=cache.address,
            people=home / "people.json",
            terms=order.terms,
        ) as town:
            striker = Striker(town, cache, postgres, postgres.cut, order.seed, _say)
            return await Soak(order, striker, crowd, _say).live_through()


def _say(words: str) -> None:
    print(words, flush=True)


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(prog="make soak", description=__doc__)
    given.add_argument("--minutes", type=float, default=10.0)
    given.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    return given.parse_args()


if __name__ == "__main__":
    sys.exit(main())
