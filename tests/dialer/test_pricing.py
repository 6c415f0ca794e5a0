"""Prices: asked for some time after the end, in batches, until they are told or too old; kept once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx

from dialer.carrier.books import MOST
from dialer.results import pricing
from dialer.store.database import Database
from dialer.store.models import Attempt, Message
from tests.dialer.records import NOON, Rows, add, attempt_of, campaign_of, message_of, operation_on
from tests.dialer.switchboard import Later

CALL, TEXT = "CA" + "7" * 32, "SM" + "7" * 32


@dataclass
class Ledger:
    """The carrier's books: sid -> price as printed. `listed`: whether its lists show them."""

    prices: dict[str, str | None] = field(default_factory=dict)
    unit: str = "USD"
    listed: bool = True
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.rpartition("/")[2].removesuffix(".json")
        self.asked.append(path)
        if self.silent:
            raise httpx.ReadTimeout("nobody answers")
        shown = [self._one(sid) for sid in self.prices] if self.listed else []
        if path == "Calls":
            return httpx.Response(200, json={"calls": [one for one in shown if one["sid"].startswith("CA")]})
        if path == "Messages":
            return httpx.Response(200, json={"messages": [one for one in shown if one["sid"].startswith("SM")]})
        return httpx.Response(200, json=self._one(path))

    def _one(self, sid: str) -> dict[str, Any]:
        return {"sid": sid, "price": self.prices.get(sid), "price_unit": self.unit, "num_segments": "2"}


async def ended_call(database: Database, rows: Rows, index: int = 0, **changes: Any) -> int:
    values = {"sid": CALL, "status": "ended", "carrier_status": "completed", "ended_at": NOON} | changes
    (attempt,) = await add(database, attempt_of(rows, index, **values))
    return attempt


async def price_of(database: Database, model: type, row_id: int) -> tuple[int | None, str | None]:
    async with database.read() as session:
        row = await session.get_one(model, row_id)
        return row.price_micros, row.price_currency


def at(database: Database, ledger: Ledger, minutes: float) -> Any:
    return replace(operation_on(database, ledger), clock=Later(minutes * 60))


async def test_calls_and_texts_get_the_price_that_the_carrier_tells(database: Database) -> None:
    rows = await campaign_of(database, 1)
    call = await ended_call(database, rows)
    (text,) = await add(database, message_of(rows, sid=TEXT, status="delivered"))
    ledger = Ledger({CALL: "-0.01400", TEXT: "-0.01580"})
    assert await pricing.learn(at(database, ledger, 6)) == 2
    assert await price_of(database, Attempt, call) == (14_000, "USD")
    assert await price_of(database, Message, text) == (15_800, "USD")
    async with database.read() as session:
        assert (await session.get_one(Message, text)).segments == 2
    ledger.asked.clear()
    assert await pricing.learn(at(database, ledger, 60)) == 0
    assert ledger.asked == []


async def test_a_price_is_asked_for_only_after_some_minutes_and_then_not_at_every_beat(database: Database) -> None:
    rows = await campaign_of(database, 1)
    call = await ended_call(database, rows)
    ledger = Ledger({CALL: None})
    for minutes, asked in ((4, 0), (6, 2), (7, 0), (35, 0), (37, 2)):
        ledger.asked.clear()
        await pricing.learn(at(database, ledger, minutes))
        assert len(ledger.asked) == asked, minutes
    ledger.prices[CALL] = "0"
    await pricing.learn(at(database, ledger, 70))
    assert await price_of(database, Attempt, call) == (0, "USD")


async def test_a_call_that_the_list_does_not_show_is_asked_for_by_itself(database: Database) -> None:
    rows = await campaign_of(database, 1)
    call = await ended_call(database, rows)
    ledger = Ledger({CALL: "-0.02"}, listed=False)
    assert await pricing.learn(at(database, ledger, 6)) == 1
    assert ledger.asked == ["Calls", CALL]
    assert await price_of(database, Attempt, call) == (20_000, "USD")


async def test_it_is_given_up_after_days_and_never_asked_of_calls_that_nobody_answered(
    database: Database,
) -> None:
    rows = await campaign_of(database, 2)
    await ended_call(database, rows)
    await ended_call(database, rows, 1, sid=CALL[:-1] + "8", carrier_status="busy")
    ledger = Ledger({CALL: "-0.02"})
    days = timedelta(days=3, minutes=1) / timedelta(minutes=1)
    assert await pricing.learn(at(database, ledger, days)) == 0
    assert ledger.asked == []


async def test_a_carrier_that_does_not_answer_is_asked_again_at_the_next_beat(database: Database) -> None:
    rows = await campaign_of(database, 1)
    await ended_call(database, rows)
    ledger = Ledger({CALL: "-0.02"}, silent=True)
    assert await pricing.learn(at(database, ledger, 6)) == 0
    ledger.silent = False
    assert await pricing.learn(at(database, ledger, 6.1)) == 1


async def test_words_that_are_no_price_are_no_price(database: Database) -> None:
    rows = await campaign_of(database, 1)
    call = await ended_call(database, rows)
    for price, unit in (("n/a", "USD"), ("-0.01", ""), ("NaN", "USD")):
        await pricing.learn(at(database, Ledger({CALL: price}, unit=unit), 6))
        assert await price_of(database, Attempt, call) == (None, None)
    assert MOST >= pricing.BATCH
