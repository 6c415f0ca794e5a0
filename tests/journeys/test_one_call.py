"""One call, end to end."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.town import town


async def test_a_debtor_promises_to_pay_tomorrow(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        person = await place.add_person("promiser")
        await place.start()
        await place.finish_calls()
        attempt = await place.attempt_of(person)
        assert attempt.disposition == "promised", (await place.describe(), place.heard_by("+5511999990100"))
        (promise,) = await place.promises()
        assert (promise.amount_minor, promise.currency, promise.due_on.isoformat()) == (23450, "BRL", "2026-03-03")
        assert (await place.contact_of(person)).status == "done"
