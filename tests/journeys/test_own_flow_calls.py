"""A company's own flow on the real wire: published anew while a call goes on, and heard by the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialer.flows.own_flow import FIRST, NAME, SAID, prove_here, published, saying
from tests.journeys.town import town

NEW = "Temos um recado para o titular."


async def test_who_is_on_the_line_hears_the_old_words_and_who_is_called_next_the_new_ones(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove_here(monkeypatch)
    async with town(sqlite_url, tmp_path, lines=1) as place:
        for _ in range(2):
            await place.add_person("silent")
        old = await published(place.op, FIRST)
        await place.start(NAME)

        async def talking() -> bool:
            return any(one.turn >= 0 and one.status == "live" for one in await place.attempts())

        await place.run_until(talking)
        new = await published(place.op, saying(NEW), base=1)
        await place.finish_calls(calls=2)
        first, second = await place.attempts()
        assert (first.flow_revision, second.flow_revision) == (old.revision, new.revision)
        heard = [" ".join(place.leg_of(one).words("heard")) for one in (first, second)]
        assert (SAID in heard[0], NEW in heard[0]) == (True, False), heard[0]
        assert (SAID in heard[1], NEW in heard[1]) == (False, True), heard[1]
        assert [one.disposition for one in (first, second)] == ["completed"] * 2
