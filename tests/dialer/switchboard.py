"""A carrier for tests of agents' lines: it remembers what it was asked, and shows the calls that it was given."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx

from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import Agent
from tests.dialer.records import CALLER_ID, NOON, operation_on

CALLER, LINE, OTHER, ROOM = "CA" + "1" * 32, "CA" + "2" * 32, "CA" + "9" * 32, "CF" + "1" * 32
CREATED = "Mon, 02 Mar 2026 15:00:01 +0000"


@dataclass(slots=True)
class Later:
    """So many seconds after NOON; `after` may be changed."""

    after: float = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.after)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits in business time")


@dataclass(slots=True)
class Switchboard:
    """`calls`: statuses by id; `together`: who hears each other; `silent`: parts of paths that get no answer."""

    calls: dict[str, str] = field(default_factory=dict)
    together: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path, body = request.url.path, request.content.decode()
        self.asked.append(f"{request.method} {path.rpartition('/')[2].removesuffix('.json')} {body}")
        await asyncio.sleep(0.01)
        if any(part in self.asked[-1] for part in self.silent):
            raise httpx.ReadTimeout("nobody answers")
        if request.method == "POST":
            return httpx.Response(201, json={"sid": LINE, "status": "queued"})
        if path.endswith("Conferences.json"):
            found = [{"sid": ROOM, "status": "in-progress"}] if self.together else []
            return httpx.Response(200, json={"conferences": found})
        if path.endswith("Participants.json"):
            seats = [{"call_sid": sid, "conference_sid": ROOM, "status": "connected"} for sid in self.together]
            return httpx.Response(200, json={"participants": seats})
        if path.endswith("Calls.json"):
            return httpx.Response(200, json={"calls": [_call(sid, status) for sid, status in self.calls.items()]})
        sid = path.rpartition("/")[2].removesuffix(".json")
        return httpx.Response(200, json=_call(sid, self.calls.get(sid, "in-progress")))

    def posts(self, words: str) -> int:
        """How many requests to change or create something hold these words."""
        return sum(one.startswith("POST") and words in one for one in self.asked)

    def operation(self, database: Database, *, after: float = 0.0, **settings: object) -> Operation:
        """An operation that asks here, so many seconds after NOON."""
        op = operation_on(database, self, **settings)  # type: ignore[arg-type]
        return replace(op, clock=Later(after))


def _call(sid: str, status: str) -> dict[str, str]:
    return {"sid": sid, "to": "client:rita", "from": CALLER_ID, "status": status, "date_created": CREATED}


async def agent_now(database: Database, agent_id: int) -> Agent:
    """The agent as committed."""
    async with database.read() as session:
        return await session.get_one(Agent, agent_id)
