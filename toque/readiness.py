"""Whether this process can do its work, part by part: looked at anew each time, answered within two seconds.

Names what fails and what to do; no addresses, no names, no words of a fault itself (they may quote either).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from dialer.clock import real_ms
from dialer.monitoring import WORKER_SILENT_AFTER
from dialer.operation import Operation
from dialer.store import beats, upgrading

PATIENCE = 1.5  # real seconds for all parts together


Check = Callable[[Operation], Awaitable[str]]
_given_up: set[asyncio.Task[str]] = set()  # kept until they end: nobody waits for a look that hangs


@dataclass(frozen=True, slots=True)
class Readiness:
    """What fails: part -> in words what is wrong and what to do. Nothing fails: ready."""

    failing: dict[str, str]

    @property
    def ready(self) -> bool:
        """Whether all parts that were asked for are well."""
        return not self.failing


async def readiness(op: Operation, *, for_calls: bool = False) -> Readiness:
    """Look at all parts at once; with `for_calls` only at those without which the carrier cannot be answered.

    A part that has not answered after PATIENCE fails. Never raises.
    """
    checks = CHECKS_FOR_CALLS if for_calls else CHECKS_FOR_CALLS | CHECKS
    looks = {part: asyncio.create_task(_words_of(check, op)) for part, check in checks.items()}
    _, late = await asyncio.wait(looks.values(), timeout=PATIENCE)
    for task in late:
        task.cancel()
        _given_up.add(task)
        task.add_done_callback(_given_up.discard)
    found = {part: HANGS[part] if task in late else task.result() for part, task in looks.items()}
    return Readiness({part: words for part, words in found.items() if words})


async def _words_of(check: Check, op: Operation) -> str:
    try:
        return await check(op)
    except (SQLAlchemyError, OSError):
        return DATABASE_AWAY
    except Exception as fault:
        return f"this could not be looked at ({type(fault).__name__}): see the log, and report this fault"


async def _database(op: Operation) -> str:
    """A change is begun: a file that another program keeps locked can still be read."""
    async with op.database.write() as session:
        if op.settings.embedded:
            return ""
        read_only = await session.scalar(text("SHOW transaction_read_only"))
    return DATABASE_READ_ONLY if read_only == "on" else ""


async def _revision(op: Operation) -> str:
    if await upgrading.is_current(op.database):
        return ""
    return "the database does not stand at this version's newest revision: run toque db upgrade"


async def _redis(op: Operation) -> str:
    if not op.settings.redis_url:
        return ""
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(op.settings.redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    try:
        await client.ping()
    except (RedisError, OSError):
        return REDIS_AWAY
    finally:
        await client.aclose()
    return ""


async def _worker(op: Operation) -> str:
    async with op.database.read() as session:
        beat_at = (await beats.last(session)).beat_at
    if beat_at is None:
        return "no worker runs: start one (toque work; on SQLite toque serve holds it)"
    silent = real_ms() - beat_at
    if silent <= WORKER_SILENT_AFTER:
        return ""
    return f"no worker has finished a beat for {silent // 1000} seconds: see its log, then start it anew"


async def _law(op: Operation) -> str:
    packs = op.packs
    if packs.broken:
        countries = ", ".join(sorted(packs.broken))
        return f"rule packs are broken, nobody is called in {countries}: see toque law list, and mend the file"
    return "" if packs.by_country else "no rule pack is loaded, nobody is called: install Toque anew"


DATABASE_AWAY = (
    "the database does not answer, or another program keeps it locked, so nothing is dialled: see that it runs, and"
    " TOQUE_DATABASE_URL"
)
REDIS_AWAY = (
    "Redis does not answer: the window of calls per second cannot be reached, so nothing is dialled until it is back;"
    " see that its server runs, and TOQUE_REDIS_URL"
)
DATABASE_READ_ONLY = "the database lets nothing be changed: see whether TOQUE_DATABASE_URL names a standby"
CHECKS_FOR_CALLS: dict[str, Check] = {"database": _database, "revision": _revision}
CHECKS: dict[str, Check] = {"redis": _redis, "worker": _worker, "law": _law}
HANGS = dict.fromkeys(CHECKS_FOR_CALLS | CHECKS, DATABASE_AWAY) | {
    "redis": REDIS_AWAY,
    "law": "the rule packs cannot be read in time: see the disk that holds them",
}
