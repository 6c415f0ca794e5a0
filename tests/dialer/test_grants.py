"""A grant is spent on a call that can leave now: an old one is asked for anew, and a lost claim takes none."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pytest

from dialer import placing
from dialer.clock import real_ms
from dialer.limits import Closed, lasts, whole
from dialer.operation import Operation
from dialer.store import contacts
from dialer.store.database import Database
from tests.dialer.records import NOON, accepts, campaign_of, operation_on
from toque.bench.granting import highest_in_a_second

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Window:
    """Grants at once, `most` times; then it is closed, or says to ask again later for ever."""

    most: int = 99
    then_closed: bool = False
    granted: int = 0

    async def ask(self) -> float:
        if self.granted < self.most:
            self.granted += 1
            return 0.0
        if self.then_closed:
            raise Closed
        return 0.01

    async def away_since(self) -> int | None:
        return None


async def called(database: Database, window: Window, *, until: float = math.inf) -> bool:
    op: Operation = replace(operation_on(database, accepts), window=window)
    rows = await campaign_of(database, 1)
    async with op.database.write() as session:
        await contacts.claim(session, rows.campaign, limit=1, owner="w", now=NOON, until_real=real_ms() + 60_000)
    (look,) = await placing.look(op, rows.contacts, owner="w")
    return await placing.carry(op, look, owner="w", until=until)


@ON_SQLITE
@pytest.mark.parametrize(("holds", "grants"), [(60.0, 1), (-1.0, 2)])
async def test_a_call_takes_another_grant_only_when_its_own_is_old(
    database: Database, monkeypatch: pytest.MonkeyPatch, holds: float, grants: int
) -> None:
    monkeypatch.setattr(placing, "lasts", lambda _cap: holds)
    window = Window()
    assert await called(database, window)
    assert window.granted == grants


@ON_SQLITE
@pytest.mark.parametrize("then_closed", [False, True])
async def test_what_has_begun_is_finished_when_no_other_grant_comes(
    database: Database, monkeypatch: pytest.MonkeyPatch, then_closed: bool
) -> None:
    monkeypatch.setattr(placing, "lasts", lambda _cap: -1.0)
    monkeypatch.setattr(placing, "ANEW_SECONDS", 0.05)
    assert await called(database, Window(most=1, then_closed=then_closed))


@ON_SQLITE
async def test_no_grant_is_spent_on_a_claim_that_others_may_take_by_now(database: Database) -> None:
    window = Window()
    assert not await called(database, window, until=0.0)
    assert window.granted == 0


@pytest.mark.parametrize("cap", [0.5, 1, 2.5, 3, 10, 50, 55, 200])
def test_no_second_sees_more_than_the_cap_a_tenth_and_one(cap: float) -> None:
    kept = whole(cap)
    instants = [n / kept for n in range(10 * max(1, math.ceil(kept)))]
    for late in instants[: math.ceil(kept) + 1]:  # who was granted until then leaves as late as may be
        left = sorted(one + (lasts(cap) - 1e-6 if one <= late else 0.0) for one in instants)
        assert highest_in_a_second(left) <= cap * 1.1 + 1
