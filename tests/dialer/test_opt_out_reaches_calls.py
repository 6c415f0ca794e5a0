"""An opt-out whose redirect was lost."""

from __future__ import annotations

import httpx

from dialer import suppressing, talking
from dialer.store.database import Database
from dialer.store.models import Person
from dialer.talking import Heard
from tests.dialer.records import NOON, add, attempt_of, campaign_of, operation_on

SID = "CA" + "1" * 32


async def test_a_live_call_ends_at_its_next_turn_though_the_redirect_failed(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, lambda _: httpx.Response(503, json={"code": 20503, "message": "busy", "status": 503}))
    attempt = attempt_of(rows, status="placed", sid=SID)
    await add(database, attempt)
    await talking.take_turn(op, attempt.token, 0, Heard(sid=SID))
    async with database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        await suppressing.opt_out(session, person, at=NOON, scope="all", attempt_id=None, source="letter")
    await suppressing.stop_calls(op, rows.people[0], "opted_out")
    answer = await talking.take_turn(op, attempt.token, 1, Heard(digits="1", sid=SID))
    assert answer is not None
    assert type(answer.wait).__name__ == "End", answer.words


async def test_a_call_that_was_unknown_at_the_opt_out_stops_ringing_when_it_is_heard_of(database: Database) -> None:
    from starlette.responses import Response

    from dialer import closing
    from dialer.rules.lifecycle import CarrierStatus
    from webhooks.signature import SignatureCheck
    from webhooks.voice import VoiceApp
    from webhooks.voicing import Voicing

    rows = await campaign_of(database, 1)
    posts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        posts.append(request.content.decode())
        return httpx.Response(200, json={"sid": SID, "status": "canceled"})

    op = operation_on(database, answer)
    attempt = attempt_of(rows, status="unknown")
    await add(database, attempt)
    async with database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        await suppressing.opt_out(session, person, at=NOON, scope="all", attempt_id=None, source="letter")
    app = VoiceApp(Response(status_code=404), op, SignatureCheck("http://x", "y"), Voicing(None))
    await app._status(attempt.token, {"CallStatus": "ringing", "CallSid": SID})
    assert "Status=canceled" in posts
    _ = (closing, CarrierStatus)
