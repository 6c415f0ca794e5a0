"""An agent takes a card while they stay on the line: charged once and on record once, nothing recorded meanwhile, no
figure anywhere, and the talk goes on whatever became of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dialer.attending import capturing, saying
from dialer.attending.capturing import News
from dialer.attending.saying import Said
from dialer.attending.talk import Seat
from dialer.errors import BadInput, Refused
from dialer.store.models import CardCapture, Debt, Packet, Payment, Person, Reservation
from tests.journeys.test_card import everything_kept, keyed_figures
from tests.journeys.town import Town, town

OWED = 23450


@dataclass(slots=True)
class Talk:
    """Rita talks with somebody who has made sure of who they are."""

    place: Town
    person: Person
    seat: Seat

    async def capture(self) -> CardCapture:
        found: CardCapture = (await self.place.all(CardCapture))[-1]
        return found

    async def until(self, *statuses: str) -> CardCapture:
        async def there() -> bool:
            return (await self.capture()).status in statuses

        await self.place.run_until(there, hours=0.1)
        await self.place.settle()
        return await self.capture()

    async def is_still_a_talk(self) -> bool:
        (talk,) = await self.place.all(Reservation)
        return bool(talk.status == "connected")

    async def paid(self) -> list[tuple[int, str]]:
        return [(row.amount_minor, row.reference) for row in await self.place.all(Payment)]


@asynccontextmanager
async def talk(url: str, tmp_path: Path, card: str = "good", **settings: Any) -> AsyncIterator[Talk]:
    async with town(url, tmp_path, **{"pay_connector": "Default", "record": "all"} | settings) as place:
        patient = {"card": card, "talks_seconds": 90.0}
        person = await place.add_person("agent_seeker", overrides=patient)
        await place.add_agent("Rita Campos")
        await place.agents_ready()
        await place.start(pacing="progressive")

        async def connected() -> bool:
            return any(one.status == "connected" for one in await place.all(Reservation))

        await place.run_until(connected)
        (packet,) = await place.all(Packet)
        seat = Seat(person.tenant_id, "Rita Campos", packet.attempt_id)
        await saying.keep(place.op, seat, Said(also="identity"), form="identity")
        yield Talk(place, person, seat)


async def test_a_card_is_charged_once_while_the_agent_stays(sqlite_url: str, tmp_path: Path) -> None:
    async with talk(sqlite_url, tmp_path) as one:
        place, op = one.place, one.place.op
        with pytest.raises(BadInput):
            await capturing.begin(op, one.seat, OWED + 1)
        await capturing.begin(op, one.seat, OWED)
        with pytest.raises(Refused, match="already"):
            await capturing.begin(op, one.seat, OWED)
        done = await one.until("charged", "failed")
        assert (done.status, done.error) == ("charged", "")
        (charge,) = place.exchange.processor.charges
        assert (charge.amount, charge.currency) == ("234.50", "brl")
        assert await one.paid() == [(OWED, f"card:{charge.confirmation}")]
        (debt,) = await place.rows(Debt, one.person)
        assert (debt.status, debt.amount_minor) == ("paid", 0)
        assert await one.is_still_a_talk()
        for _ in range(2):  # late and repeated news
            assert await capturing.heard(op, done.token, News(result="success", confirmation=charge.confirmation))
        assert await capturing.heard(op, done.token, News(result="payment-connector-error"))
        assert not await capturing.heard(op, "0" * 32, News(result="success", confirmation="x"))
        assert (len(await one.paid()), (await one.capture()).status) == (1, "charged")
        attempt = await place.attempt_of(one.person)
        told = [e.words for e in place.leg_of(attempt).entries if e.what in ("recording", "pay")]
        assert told == ["in-progress", "paused", "success", "in-progress"]
        await op.carrier.hang_up(attempt.sid)
        await place.finish_calls()
        assert (await place.attempt_of(one.person)).disposition == "paid_by_card"
        assert not keyed_figures(await everything_kept(place))


async def test_what_does_not_work_leaves_the_talk_and_the_debt_as_they_were(sqlite_url: str, tmp_path: Path) -> None:
    async with talk(sqlite_url, tmp_path, "declined") as one:
        op = one.place.op
        await capturing.begin(op, one.seat, 5000)
        assert (await one.until("failed", "charged")).error == "64001"
        assert await one.is_still_a_talk()
        await capturing.begin(op, one.seat, 5000)  # another card, and given up
        await capturing.give_up(op, one.seat)
        assert (await one.until("canceled")).status == "canceled"
        with pytest.raises(Refused):
            await capturing.give_up(op, one.seat)
        await capturing.begin(op, one.seat, 5000)  # and the caller hangs up meanwhile
        await op.carrier.hang_up((await one.place.attempt_of(one.person)).sid)
        assert (await one.until("canceled")).error == "caller-hung-up"
        with pytest.raises(Refused, match="over"):
            await capturing.begin(op, one.seat, 5000)
        assert await one.paid() == []
        assert one.place.exchange.processor.charges == []
