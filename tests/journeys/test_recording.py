"""Recording, on the wire: announced, paused for the check, sealed here, deleted there, erased when due."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dialer.errors import Refused
from dialer.store.models import Interaction, Recording
from dialer.tapes import keeping
from tests.journeys.town import Town, town

SAID, CHECK = "Esta ligação é gravada", "CPF"


async def until(place: Town, status: str, *, hours: float = 1.0) -> Recording:
    """Let time pass until the one recording there is has this status, and all has settled."""

    async def reached() -> bool:
        return [one.status for one in await place.all(Recording)] == [status]

    await place.run_until(reached, hours=hours)
    await place.settle()
    (one,) = await place.all(Recording)
    return one


def listen(place: Town) -> list[str]:
    """The words on each recording, as soon as the carrier deletes it."""
    words: list[str] = []
    shelf = place.exchange.recordings
    delete = shelf.delete

    def overheard(recording: object) -> None:
        words.append(recording.words(place.clock.now()))  # type: ignore[attr-defined]
        delete(recording)  # type: ignore[arg-type]

    shelf.delete = overheard  # type: ignore[method-assign]
    return words


async def test_a_call_to_sao_paulo_is_recorded_from_the_notice_to_the_erasure(
    postgres_url: str, tmp_path: Path
) -> None:
    async with town(postgres_url, tmp_path, record="pack") as place:
        words = listen(place)
        person = await place.add_person("promiser")
        await place.start()
        await place.finish_calls()
        stored = await until(place, "stored")
        attempt = await place.attempt_of(person)
        spoken = " ".join(place.heard_by(attempt.to_number))
        assert (attempt.disposition, attempt.level, stored.why) == ("promised", "checked", "BR_SP_RECORDING_NOTICE")
        assert (SAID in spoken, CHECK in spoken) == (True, True)
        assert [(SAID in one, CHECK in one) for one in words] == [(True, False)]
        assert stored.gone_at_carrier_at is not None
        assert place.exchange.recordings.recordings == {}
        assert b"RIFF" not in (tmp_path / str(stored.path)).read_bytes()

        out = tmp_path / "copy.wav"
        await keeping.copy(place.op, stored.id, out, actor="ana", reason="the debtor asked for it")
        assert (out.read_bytes()[:4], out.stat().st_mode & 0o077) == (b"RIFF", 0)
        with pytest.raises(Refused, match="already"):
            await keeping.copy(place.op, stored.id, out, actor="ana", reason="again")

        place.clock.jump(timedelta(days=181).total_seconds())
        erased = await until(place, "erased")
        assert (erased.path, (tmp_path / str(stored.path)).exists()) == (None, False)
        kinds = [one.kind for one in await place.all(Interaction) if one.kind.startswith("recording")]
        assert kinds == ["recording_stored", "recording_copied", "recording_erased"]


async def test_nothing_is_recorded_where_nobody_asks_for_it(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path, record="pack") as place:
        person = await place.add_person("promiser", language="fr-FR")
        await place.start()
        await place.finish_calls()
        assert "enregistré" not in " ".join(place.heard_by((await place.attempt_of(person)).to_number))
        assert await place.all(Recording) == []


async def test_lost_and_repeated_news_of_recordings_end_in_the_same_record(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path, record="all") as place:
        place.weather(
            {"effect": "lost", "kind": "recording", "limit": 1}, {"effect": "duplicated", "kind": "recording"}
        )
        for _ in range(2):
            await place.add_person("opts_out", language="en-US")
        await place.start()
        await place.finish_calls(calls=2)

        async def settled() -> bool:
            found = await place.all(Recording)
            return [one.status for one in found] == ["stored"] * 2 and all(one.gone_at_carrier_at for one in found)

        await place.run_until(settled, hours=1)
        assert place.exchange.recordings.recordings == {}


async def test_the_check_is_left_out_when_nothing_confirms_that_the_recording_rests(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with town(sqlite_url, tmp_path, record="pack") as place:
        words = listen(place)

        async def no_answer(*_: object) -> str:
            return "unknown"

        place.op.carrier.tapes.change = no_answer  # type: ignore[method-assign, assignment]
        person = await place.add_person("promiser")
        await place.start()
        await place.finish_calls()
        attempt = await place.attempt_of(person)
        assert (attempt.level, attempt.disposition) == ("claimed", "refused_check")
        assert CHECK not in " ".join(place.heard_by(attempt.to_number))
        await until(place, "stored")
        assert [SAID in one for one in words] == [True]
