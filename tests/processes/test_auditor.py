"""The auditor of the kill test sees what it is there to see."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from dialer.store.database import Database
from dialer.store.models import Attempt, Contact
from tests.conftest import fresh_database
from tests.dialer.records import KEYS, NOON, add, attempt_of, campaign_of
from tests.processes.auditor import Legs, faults

SID = "CA" + "1" * 32
OTHER = "CA" + "2" * 32
NUMBER = "+5511990000009"
ENDED = {"status": "ended", "carrier_status": "completed", "disposition": "promised"}


def leg(sid: str = SID, *, begun: int = 0, seconds: int = 30, **changes: Any) -> dict[str, Any]:
    told = [{"what": "callback", "words": f"voice 200 http://127.0.0.1/voice/token-of-{sid}/0"}]
    made = {"sid": sid, "to": NUMBER, "status": "completed", "direction": "outbound-api", "entries": told}
    begins = NOON + timedelta(seconds=begun)
    times = {"created_at": begins.isoformat(), "ended_at": (begins + timedelta(seconds=seconds)).isoformat()}
    return made | times | changes


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from fresh_database(request, "sqlite", tmp_path)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url, KEYS)
    yield opened
    await opened.close()


async def _one_call(database: Database, **changes: Any) -> None:
    rows = await campaign_of(database, 1)
    values = {
        "sid": SID,
        "to_number": NUMBER,
        "status": "ended",
        "carrier_status": "completed",
        "disposition": "promised",
    }
    await add(database, attempt_of(rows, 0, **values | changes))
    async with database.write() as session:
        await session.execute(update(Contact).values(status="done"))


async def test_a_clean_record_has_no_faults(database: Database) -> None:
    await _one_call(database)
    assert await faults(database, [leg()]) == []


@pytest.mark.parametrize(
    ("ledger", "words"),
    [
        ([leg(), leg(OTHER, begun=60, entries=leg()["entries"])], "was called 2 times"),
        ([leg(), leg(OTHER, begun=10)], "one number on two live calls"),
        ([leg(), leg(OTHER, begun=60)], "nobody here knows it"),
        ([leg(status="busy")], "is completed here and busy at the carrier"),
        ([], "which the carrier never made"),
    ],
)
async def test_what_the_carrier_did_and_we_did_not_mean_is_seen(database: Database, ledger: Legs, words: str) -> None:
    await _one_call(database)
    assert any(words in one for one in await faults(database, ledger))


async def test_what_we_left_unfinished_is_seen(database: Database) -> None:
    await _one_call(database, status="ringing", carrier_status=None, disposition=None)
    assert any("is ringing" in one for one in await faults(database, [leg()]))
    async with database.write() as session:
        await session.execute(
            update(Attempt).values(status="ended", carrier_status="completed", disposition="promised")
        )
        await session.execute(update(Contact).values(status="calling"))
    assert any("was forgotten as calling" in one for one in await faults(database, [leg()]))
    rows = await campaign_of(database, 1)
    assert any(f"contact {rows.contacts[0]} was never tried" in one for one in await faults(database, [leg()]))
