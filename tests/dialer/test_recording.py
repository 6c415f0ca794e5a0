"""Recording step by step: what is asked of the carrier, and what stands on record when it does not answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import Attempt, Recording
from dialer.store.vault import Unreadable
from dialer.tapes import keeping, recording
from ivr_flows.turn import Card, End, Keys, Money
from tests.dialer.records import NOON, add, attempt_of, campaign_of, operation_on
from tests.dialer.switchboard import Later

CALL, TAPE = "CA" + "1" * 32, "RE" + "1" * 32
SECRET, OPEN = Keys(max_digits=3, secret=True), Keys()
SOUND = b"RIFF" + b"\x01" * 200_000


@dataclass
class Deck:
    """The carrier's recordings: `status` of the one there is. Requests that hold words of `silent` get no answer."""

    silent: tuple[str, ...] = ()
    status: str | None = None
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        words = f"{request.method} {request.url.path.rpartition('/')[2]} {request.content.decode()}"
        self.asked.append(words)
        if any(part in words for part in self.silent):
            raise httpx.ReadTimeout("nobody answers")
        if request.method == "DELETE":
            self.status = None
            return httpx.Response(204)
        if request.url.path.endswith(".wav"):
            return httpx.Response(200, content=SOUND) if self.status == "completed" else httpx.Response(404, json={})
        if request.method == "GET":
            return httpx.Response(200, json={"recordings": [self._view()] if self.status else []})
        if "Status=" in words:
            self.status = words.partition("Status=")[2].partition("&")[0]
            return httpx.Response(200, json=self._view())
        self.status = "in-progress"
        return httpx.Response(201, json=self._view())

    def _view(self) -> dict[str, Any]:
        return {"sid": TAPE, "status": self.status, "duration": "12"}

    def posts(self, words: str) -> int:
        return sum(one.startswith("POST") and words in one for one in self.asked)


@dataclass
class Scene:
    """A live call to São Paulo on an operation whose carrier is a Deck."""

    database: Database
    deck: Deck
    op: Operation
    attempt: int

    async def begin(self, **more: Any) -> bool:
        return await recording.begin(self.op, "t", sid=CALL, **({"answered_by": None} | more))

    async def safe(self, wait: Any) -> bool:
        return await recording.safe_to_speak(self.op, "t", wait)

    async def row(self) -> Recording:
        async with self.database.read() as session:
            return await session.get_one(Recording, 1)

    async def change(self, **values: Any) -> None:
        async with self.database.write() as session:
            attempt = await session.get_one(Attempt, self.attempt)
            for name, value in values.items():
                setattr(attempt, name, value)

    def later(self, **span: float) -> Operation:
        return replace(self.op, clock=Later(timedelta(**span).total_seconds()))


@pytest.fixture
async def scene(database: Database, tmp_path: Path) -> Scene:
    return await scene_with(database, tmp_path)


async def scene_with(database: Database, home: Path, **settings: Any) -> Scene:
    rows = await campaign_of(database, 1)
    (attempt,) = await add(database, attempt_of(rows, token="t", sid=CALL, status="live"))
    deck = Deck()
    op = operation_on(database, deck, **({"record": "pack", "home": home} | settings))
    return Scene(database, deck, op, attempt)


async def test_a_recording_is_begun_once_with_two_tracks_and_news_asked_for(scene: Scene) -> None:
    assert await scene.begin()
    assert not await scene.begin()
    (words,) = scene.deck.asked
    assert words.startswith("POST Recordings.json")
    assert "RecordingChannels=dual" in words
    assert "recording" in words.partition("RecordingStatusCallback=")[2]
    row = await scene.row()
    assert (row.status, row.sid, row.why) == ("on", TAPE, "BR_SP_RECORDING_NOTICE")
    assert row.keep_until == date(2026, 3, 2) + timedelta(days=180)


@pytest.mark.parametrize(
    ("settings", "heard"),
    [({"record": "off"}, {}), ({}, {"answered_by": "machine"})],
    ids=["the operator says never", "a machine"],
)
async def test_not_every_call_is_recorded(
    database: Database, tmp_path: Path, settings: dict[str, Any], heard: dict[str, Any]
) -> None:
    scene = await scene_with(database, tmp_path, **settings)
    assert not await scene.begin(**heard)
    assert scene.deck.asked == []


async def test_a_flow_that_cannot_say_so_is_not_recorded(scene: Scene) -> None:
    load = scene.op.flow
    scene.op = replace(scene.op, flow=lambda name: replace(load(name), variables={}))
    assert not await scene.begin()
    assert scene.deck.asked == []


async def test_what_is_not_confirmed_is_not_announced_ended_and_deleted(scene: Scene) -> None:
    scene.deck.silent = ("RecordingChannels",)
    scene.deck.status = "in-progress"  # it began all the same
    assert not await scene.begin()
    assert scene.deck.posts("Twilio.CURRENT.json Status=stopped") == 1
    assert (await scene.row()).status == "failed"
    scene.deck.status = "completed"
    await scene.change(status="ended", ended_at=NOON)
    await keeping.look_after(scene.later(minutes=5))
    row = await scene.row()
    assert (row.status, row.gone_at_carrier_at is not None, row.path) == ("failed", True, None)
    assert scene.deck.status is None


async def test_it_rests_while_a_secret_is_asked_for_and_goes_on_after_it(scene: Scene) -> None:
    await scene.begin()
    for wait, status in ((OPEN, "in-progress"), (SECRET, "paused"), (SECRET, "paused"), (OPEN, "in-progress")):
        assert await scene.safe(wait)
        assert scene.deck.status == status
    assert scene.deck.posts("Status=paused&PauseBehavior=skip") == 1
    assert await scene.safe(Card(Money(100, "BRL"), "pt-BR", ()))
    assert scene.deck.status == "paused"


async def test_a_late_repeat_of_an_earlier_answer_does_not_resume_it(scene: Scene) -> None:
    await scene.begin()
    await scene.safe(SECRET)
    await scene.change(waits="secret")
    assert await scene.safe(OPEN)
    assert scene.deck.status == "paused"


async def test_without_a_confirmed_pause_it_is_ended_and_without_that_the_secret_is_not_asked(scene: Scene) -> None:
    await scene.begin()
    scene.deck.silent = ("Status=paused", "Status=stopped")
    assert not await scene.safe(SECRET)
    assert await scene.safe(OPEN)
    scene.deck.silent = ("Status=paused",)
    assert await scene.safe(SECRET)
    row = await scene.row()
    assert (row.status, row.error, scene.deck.status) == ("ended", recording.NOT_PAUSED, "stopped")


async def test_repeated_and_late_news_change_nothing(scene: Scene) -> None:
    await scene.begin()
    assert await recording.heard(scene.op, "t", TAPE, "completed", 12)
    scene.deck.status = "completed"
    await keeping.look_after(scene.op)
    stored = await scene.row()
    for word in ("completed", "absent"):
        assert await recording.heard(scene.op, "t", TAPE, word, 99)  # type: ignore[arg-type]
    again = await scene.row()
    assert (again.status, again.seconds, again.digest) == ("stored", 12, stored.digest)
    assert not await recording.heard(scene.op, "no call of ours", TAPE, "completed", 1)


async def test_the_copy_at_the_carrier_goes_only_when_ours_is_there(scene: Scene) -> None:
    await scene.begin()
    await recording.heard(scene.op, "t", TAPE, "completed", 12)
    scene.deck.status = "completed"
    scene.deck.silent = (".wav",)
    await keeping.look_after(scene.op)
    assert ((await scene.row()).status, scene.deck.status) == ("ended", "completed")
    scene.deck.silent = ("DELETE",)
    await keeping.look_after(scene.later(minutes=2))
    assert ((await scene.row()).status, scene.deck.status) == ("stored", "completed")
    scene.deck.silent = ()
    await scene.change(status="ended", ended_at=NOON)
    await keeping.look_after(scene.later(minutes=5))
    assert ((await scene.row()).gone_at_carrier_at is not None, scene.deck.status) == (True, None)


async def test_a_crash_between_the_steps_is_made_good(scene: Scene) -> None:
    await scene.begin()
    scene.deck.status = "completed"  # and no callback came
    await scene.change(status="ended", ended_at=NOON)
    for minutes in (3, 5, 7):
        await keeping.look_after(scene.later(minutes=minutes))
    row = await scene.row()
    assert (row.status, row.seconds, scene.deck.status) == ("stored", 12, None)


@pytest.mark.parametrize("fault", ["cut off", "missing"])
async def test_a_copy_of_what_cannot_be_read_leaves_no_file(scene: Scene, tmp_path: Path, fault: str) -> None:
    await scene.begin()
    await recording.heard(scene.op, "t", TAPE, "completed", 12)
    scene.deck.status = "completed"
    await keeping.look_after(scene.op)
    (sealed,) = tmp_path.rglob("*.sealed")  # noqa: ASYNC240
    whole = sealed.read_bytes()
    sealed.write_bytes(whole[:-1]) if fault == "cut off" else sealed.unlink()
    out = tmp_path / "copy.wav"
    with pytest.raises(Unreadable, match="backup"):
        await keeping.copy(scene.op, 1, out, actor="ana", reason="asked for by the debtor")
    assert not out.exists()
    sealed.write_bytes(whole)
    assert await keeping.copy(scene.op, 1, out, actor="ana", reason="asked for by the debtor") > 0


async def test_erasing_leaves_that_it_was_there(scene: Scene, tmp_path: Path) -> None:
    await scene.begin()
    await recording.heard(scene.op, "t", TAPE, "completed", 12)
    scene.deck.status = "completed"
    await keeping.look_after(scene.op)
    await keeping.erase(scene.op, 1, actor="ana", reason="asked for by the debtor")
    row = await scene.row()
    assert (row.status, row.path, row.digest is not None) == ("erased", None, True)
    assert not list(tmp_path.rglob("*.sealed"))  # noqa: ASYNC240
    assert await scene.safe(End())
