"""`toque meters`: nothing before a call, the limits and numbers after one, and a recount that tells what differs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from dialer.settings import Settings
from dialer.store import campaigns, meters
from dialer.store.meters import Counted, counted_for
from tests.toque.test_cli import Shell, loaded, shell
from toque.composition import operation

__all__ = ["loaded", "shell"]

NUMBER = "+5511300000100"


def counted(name: str, calls: int) -> None:
    """So many calls of a campaign to Brazil are on today's meters, and none on record."""

    async def add() -> None:
        async with operation(Settings()) as op, op.database.write() as session:
            tenant = await campaigns.tenant(session)
            campaign = await campaigns.by_name(session, tenant.id, name)
            whose = (*counted_for(campaign.id, "BR", None), Counted("number", NUMBER))
            today = datetime.now(UTC).date()
            await meters.add(session, tenant.id, today, {(one, "calls"): calls for one in whose})

    asyncio.run(add())


def test_meters_are_read_and_counted_anew(loaded: Shell) -> None:
    assert loaded.json("meters") == {"limits": [], "numbers": []}
    assert "Nobody was called" in loaded.run("meters")[1]
    loaded.json("campaign", "create", "march", "--list", "nov", "--flow", "lembrete")
    counted("march", 450_000)
    found = loaded.json("meters")
    assert {(one["limit"], one["share"]) for one in found["limits"]} == {
        ("BR_ANATEL_AUTH", 0.9), ("BR_ANATEL_SHORT_CALLS", 1.1765),
    }  # fmt: skip
    assert [(one["number"], one["calls_today"]) for one in found["numbers"]] == [(NUMBER, 450_000)]
    assert "rests before a limit" in loaded.run("meters")[1]
    code, out, _ = loaded.run("meters", "recount")
    assert code == 1
    assert "3 meters differ" in out
    assert "3 meters were corrected" in loaded.run("meters", "recount", "--mend")[1]
    assert loaded.json("meters", "recount") == []
