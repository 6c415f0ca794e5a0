"""What a monitor reads of the meters, and that it names nobody."""

from __future__ import annotations

from dialer.store import meters
from dialer.store.database import Database
from dialer.store.meters import counted_for
from tests.dialer.records import CALLER_ID, NOON, accepts, campaign_of, operation_on
from toque.metrics import scraped


async def test_a_monitor_reads_how_near_limits_are_and_no_names(database: Database) -> None:
    rows, op = await campaign_of(database, 1), operation_on(database, accepts)
    async with database.write() as session:
        whose = counted_for(rows.campaign, "BR", CALLER_ID)
        await meters.add(session, rows.tenant, NOON.date(), {(one, "calls"): 450_000 for one in whose})
    lines = (await scraped(op)).decode().splitlines()
    assert 'toque_limit_share{limit="BR_ANATEL_AUTH"} 0.9' in lines
    assert 'toque_limit_pace{limit="BR_ANATEL_SHORT_CALLS"} 0.0' in lines
    assert "toque_numbers_falling 0.0" in lines
    assert not [line for line in lines if CALLER_ID in line or "campaign" in line]
