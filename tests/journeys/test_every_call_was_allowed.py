"""At the moment at which the carrier is asked for anything, the gate's yes to it stands committed in the record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dialer import calling
from dialer.calling import Called, Order
from dialer.rules.clearance import StaffLine
from dialer.store.models import Agent, Attempt, Interaction, Message
from dialer.store.promises import REMINDER
from tests.journeys.town import Town, town


class Witness:
    """Looks into the database before each create goes out, as anybody else could who has not written it."""

    def __init__(self, place: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = place
        self.calls: list[str] = []
        self.texts: list[str] = []
        self.agents: list[str] = []
        self._call, self._text = place.op.carrier.create_call, place.op.carrier.create_message
        monkeypatch.setattr(place.op.carrier, "create_call", self.create_call)
        monkeypatch.setattr(place.op.carrier, "create_message", self.create_message)

    async def create_call(self, request: Any) -> Any:
        if isinstance(request.leave, StaffLine):
            self.agents.append(request.to)
        else:
            assert await self.allowed("call_allowed", Attempt.token, request.status_url.split("/")[-2])
            self.calls.append(request.to)
        return await self._call(request)

    async def create_message(self, **request: Any) -> Any:
        assert await self.allowed("message_allowed", Message.token, request["status_url"].split("/")[-2])
        self.texts.append(request["to"])
        return await self._text(**request)

    async def allowed(self, kind: str, column: Any, token: str) -> bool:
        """Whether the record holds a yes for the row with this token, younger than any no."""
        async with self.place.op.database.read() as session:
            row = await session.scalar(select(column.class_).where(column == token))
            said = await session.scalars(
                select(Interaction)
                .where(Interaction.person_id == row.person_id, Interaction.kind == kind)
                .order_by(Interaction.id.desc())
            )
            newest = next(iter(said))
            mine = newest.attempt_id if kind == "call_allowed" else newest.detail["message"]
            return bool(mine == row.id and newest.detail["inputs"] and newest.detail["pack"] == "br@2026.1")


async def test_each_create_has_its_committed_yes(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(sqlite_url, tmp_path) as place:
        witness = Witness(place, monkeypatch)
        await place.add_person("promiser")
        again = await place.add_person("callback_at_hour")
        await place.add_agent()
        await place.agents_ready()
        await place.start(ratio=3)
        await place.finish_calls(calls=2)
        hand = await place.add_person("agent_seeker", list_name="other", overrides={"talks_seconds": 10.0})
        assert isinstance(await calling.call(place.op, Order("Rita", hand.key)), Called)
        await place.finish_calls(calls=3)
        contact = await place.contact_of(again)
        place.clock.jump((contact.due_at - place.clock.now() + timedelta(seconds=1)).total_seconds())
        await place.finish_calls(calls=4, hours=30)
        while not any(one.template == REMINDER and one.sid for one in await place.messages()):
            place.clock.jump(3600)
            await place.run_for(1)
        attempts, sent = await place.attempts(), [one for one in await place.messages() if one.sid]
        assert len(witness.calls) == len(attempts) >= 4
        assert len(witness.texts) == len(sent) >= 2, "a confirmation and a reminder"
        assert [f"tel:{number}" for number in witness.agents] == [agent.via for agent in await place.all(Agent)]
        assert {one.mode for one in attempts} == {"prerecorded", "live_agent_manual"}
        assert all(len(one.counted_debts) == 1 for one in attempts)
