"""Ways in which other dialers have hurt people, each shown to be impossible here by a whole call or two.

Every docstring says what happened elsewhere, and where that is on public record. What each test leaves out is held
by others: docs/record.md names them.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
from redis.asyncio import Redis
from sqlalchemy import func, select, update
from twilio.request_validator import RequestValidator

from dialer import calling, placing, recounting, staffing, suppressing
from dialer.attending import saying
from dialer.attending.saying import FieldValue, Said
from dialer.attending.talk import Seat
from dialer.calling import Called, Order
from dialer.campaigns import campaigning
from dialer.carrier.client import Carrier
from dialer.limits import RedisWindow
from dialer.operation import Operation
from dialer.results.standing import Sentence, standing
from dialer.rules.plan import Plan
from dialer.store import live_calls
from dialer.store.database import Database
from dialer.store.models import Agent, Attempt, CallTurn, Campaign, Contact, Packet, Person, Reservation
from dialer.store.models import Suppression as Bar
from tests.journeys.town import REAL_LIMIT, TOKEN, CountingTransport, Town, town

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
OVERLAPPING = 3  # workers
CAMPAIGNS = 5  # each of them lists the same customer, and each worker wants to call for each of them
DRIFTING: tuple[dict[str, object], ...] = (
    {"effect": "duplicated", "probability": 0.5},
    {"effect": "lost", "kinds": ["status", "conference"], "probability": 0.3},
    {"effect": "delayed", "kinds": ["status", "amd"], "seconds": 20, "probability": 0.3},
    {"effect": "error_after", "probability": 0.5, "limit": 3},
)
ALL_LOST: dict[str, object] = {"effect": "lost", "kinds": ["status"]}


@asynccontextmanager
async def workers_beside(place: Town, count: int) -> AsyncIterator[list[Operation]]:
    """So many more workers' halves of our end: connections, window and carrier client of their own."""
    settings = place.op.settings
    async with AsyncExitStack() as stack:
        ops = []
        for _ in range(count):
            database = Database(settings.database_url, place.op.database.keyring)
            redis = Redis.from_url(settings.redis_url)
            carrier = Carrier(settings, transport=CountingTransport(place.activity))
            for close in (database.close, redis.aclose, carrier.close):
                stack.push_async_callback(close)
            window = RedisWindow(redis, settings.twilio_account_sid, settings.calls_per_second)
            ops.append(replace(place.op, database=database, window=window, carrier=carrier))
        yield ops


@dataclass(slots=True)
class ShutWindow:
    """Grants so many calls and no more until it is told to: many wait, or the window of all workers is away."""

    grants: int = 0

    async def ask(self) -> float:
        if not self.grants:
            return 0.02
        self.grants -= 1
        return 0.0

    async def away_since(self) -> int | None:
        return None


async def tell(place: Town, attempt: Attempt, path: str, **form: str) -> int:
    """One signed webhook of the carrier about an attempt; the status of our answer."""
    url = f"{place.web_url}/voice/{attempt.token}/{path}"
    fields = {"CallSid": attempt.sid or "", "CallStatus": "in-progress"} | form
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, fields),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.post(url, content=urlencode(fields), headers=headers)).status_code


async def test_51_calls_to_one_customer_from_overlapping_workers(
    postgres_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Batch workers that overlapped, each with an old view of the list, called one customer 51 times.

    https://github.com/juspay/clairvoyance/pull/668
    """
    async with town(postgres_url, tmp_path, redis_url=redis_url, beat=60.0) as place:
        person = await place.add_person("no_answer")
        for n in range(CAMPAIGNS):
            await campaigning.create(
                place.op, f"campaign {n}", list_name="list", flow="lembrete", plan=Plan.model_validate({})
            )
        async with place.op.database.write() as session:  # all claimed under one name, and never let go
            await session.execute(update(Campaign).values(status="running"))
            await session.execute(update(Contact).values(status="claimed", claim_owner="batch", claim_until=2**53))
        claimed = [one.id for one in await place.all(Contact)]
        assert len(claimed) == CAMPAIGNS
        async with workers_beside(place, OVERLAPPING) as workers:
            asked = await asyncio.gather(
                *(placing.place(op, contact, owner="batch") for contact in claimed for op in workers)
            )
        assert (len(asked), asked.count(True)) == (15, 1)
        await place.finish_calls()
        place.clock.jump(1800)
        await place.run_for(120)
        assert [leg.to for leg in place.exchange.ledger] == [(await place.attempt_of(person)).to_number]


async def test_a_second_call_after_a_lost_api_answer(sqlite_url: str, tmp_path: Path) -> None:
    """The carrier had taken the call, its answer was lost, and the customer was called again, and paid for again.

    https://github.com/elizaOS/eliza/issues/24859
    """
    async with town(sqlite_url, tmp_path, beat=10.0) as place:
        person = await place.add_person("no_answer")
        place.weather({"effect": "dropped_after"}, ALL_LOST)  # nothing is ever heard of the call, on either way
        await place.start()
        await place.finish_calls()
        place.clock.jump(1800)
        await place.run_for(20)
        (leg,) = place.exchange.ledger
        attempt, contact = await place.attempt_of(person), await place.contact_of(person)
        assert (attempt.sid, attempt.disposition) == (leg.sid, "no_answer"), "the carrier's own list told"
        assert contact.tries == 1


async def test_still_ringing_forever_after_a_lost_callback(sqlite_url: str, tmp_path: Path) -> None:
    """A status callback was lost, and the dialer believed that the call was ringing, forever.

    https://github.com/impactdialing/impactdialing (ISSUES.md, "Twilio warnings")
    """
    async with town(sqlite_url, tmp_path, beat=20.0) as place:
        people = [await place.add_person(persona) for persona in ("no_answer", "hangs_up_at_once", "silent")]
        place.weather(ALL_LOST)
        await place.start()
        await place.finish_calls(calls=len(people))
        for attempt in await place.attempts():
            leg = place.leg_of(attempt)
            assert leg.ended_at is not None
            assert attempt.closed_at is not None
            assert attempt.closed_at - leg.ended_at < timedelta(minutes=3)
            assert attempt.carrier_status == leg.status


async def test_a_caller_id_leaked_for_20_minutes_on_no_answer(sqlite_url: str, tmp_path: Path) -> None:
    """A call that nobody answered kept its line and the number it was made from for 20 minutes.

    https://github.com/dograh-hq/dograh/issues/737
    """
    async with town(sqlite_url, tmp_path, lines=1) as place:
        for persona in ("no_answer", "no_answer", "busy"):
            await place.add_person(persona)
        await place.start()
        await place.finish_calls(calls=3)
        calls = sorted(place.exchange.ledger, key=lambda leg: leg.created_at)
        assert len({leg.from_ for leg in calls}) == 1, "one number, one line"
        for sooner, later in itertools.pairwise(calls):
            assert sooner.ended_at is not None
            assert timedelta(0) <= later.created_at - sooner.ended_at < timedelta(seconds=30)
        assert all(one.disposition for one in await place.attempts()), "and none is without an outcome"


async def test_an_opt_out_overwritten_by_a_later_disposition(sqlite_url: str, tmp_path: Path) -> None:
    """The customer asked not to be called; the agent's disposition after the talk overwrote that.

    https://github.com/hkjarral/AVA-AI-Voice-Agent-for-Asterisk/pull/540
    """
    async with town(sqlite_url, tmp_path) as place:
        person = await place.add_person("agent_seeker", overrides={"talks_seconds": 30.0})
        await place.add_agent("Rita")
        await place.agents_ready()
        await place.start(pacing="progressive")

        async def connected() -> bool:
            return any(one.status == "connected" for one in await place.all(Reservation))

        await place.run_until(connected)
        attempt = await place.attempt_of(person)
        assert [one.attempt_id for one in await place.all(Packet)] == [attempt.id]
        async with place.op.database.write() as session:  # by letter, while they talk
            known = await session.get_one(Person, person.id)
            at = place.clock.now()
            await suppressing.opt_out(session, known, at=at, scope="all", attempt_id=None, source="api")
        await suppressing.stop_calls(place.op, person.id, "opted_out")
        await place.run_for(5)
        seat = Seat(person.tenant_id, "Rita", attempt.id)
        here = place.clock.now().astimezone(SAO_PAULO)
        later: dict[str, FieldValue] = {"call_on": here.date(), "call_at": (here + timedelta(hours=2)).time()}
        await saying.keep(place.op, seat, Said("callback_asked", values=later), form="end")
        await place.finish_calls()
        for news in ("no-answer", "busy", "completed"):
            assert await tell(place, attempt, "status", CallStatus=news) < 300
        bars = [bar for bar in await place.rows(Bar, person) if bar.kind == "opt_out"]
        assert bars
        assert all(bar.until is None for bar in bars)
        await staffing.done(place.op, "Rita")
        assert not isinstance(await calling.call(place.op, Order("Rita", person.key)), Called), "not by hand either"
        for hours in (2.1, 24, 24 * 30):
            place.clock.jump(hours * 3600)
            await place.run_for(20)
        assert len(await place.attempts()) == 1, "nobody calls again"


async def test_calls_leaving_the_providers_queue_after_the_legal_window(sqlite_url: str, tmp_path: Path) -> None:
    """Calls given to the provider at once stood in its queue for up to a day, and left it when none was allowed.

    https://support.twilio.com/hc/en-us/articles/223180028-How-fast-can-I-place-or-receive-phone-calls-with-Twilio
    """
    async with town(sqlite_url, tmp_path) as place:
        window = ShutWindow(grants=2)
        place.worker.op = replace(place.worker.op, window=window)
        for _ in range(5):
            await place.add_person("no_answer")
        close = place.clock.now().astimezone(SAO_PAULO).replace(hour=20, minute=0)
        place.clock.jump((close - place.clock.now()).total_seconds() - 120)
        await place.start()
        async with asyncio.timeout(REAL_LIMIT):
            while len(place.exchange.ledger) < 2:
                place.clock.step()
                await asyncio.sleep(0.01)
        assert place.worker.busy, "the others wait for their turn in the second"
        place.clock.jump((close - place.clock.now()).total_seconds() - 15)  # to ring would take longer than is left
        window.grants = 1000
        await place.settle()
        calls, waiting = place.exchange.ledger, [one for one in await place.all(Contact) if one.status == "waiting"]
        assert len(calls) == 2
        assert all(leg.created_at < close - timedelta(seconds=30) for leg in calls)
        untouched = [one for one in waiting if not one.tries]
        assert len(untouched) == 3
        assert {one.blocked_rule for one in untouched} == {"BR_HOURS"}
        assert {one.due_at for one in untouched} == {close + timedelta(hours=12)}


async def said_of(place: Town) -> Sentence:
    """The one sentence that the screen has for the campaign."""
    async with place.op.database.read() as session:
        campaign = (await session.scalars(select(Campaign))).one()
        return (await standing(session, place.op, campaign)).sentence


async def test_a_campaign_that_silently_stops_dialling(sqlite_url: str, tmp_path: Path) -> None:
    """Campaigns were shown as running and called nobody: nothing said why, and hours went by until it was seen.

    https://github.com/goautodial/v4.0/issues/57
    """
    async with town(sqlite_url, tmp_path) as place:
        await place.add_person("no_answer")
        place.clock.jump(12 * 3600)  # 23:00
        await place.start()
        assert (await said_of(place)).code == "unled", "no worker has looked yet"
        await place.run_for(20)
        night = await said_of(place)
        assert (night.code, night.rule, night.people) == ("hours", "BR_HOURS", 1)
        assert night.at is not None
        window = ShutWindow()
        place.worker.op = replace(place.worker.op, window=window)
        place.clock.jump((night.at - place.clock.now()).total_seconds())
        async with asyncio.timeout(REAL_LIMIT):
            while not any(one.status == "claimed" for one in await place.all(Contact)):
                place.clock.step()
                await asyncio.sleep(0.02)
        assert ((shut := await said_of(place)).code, shut.people) == ("paced", 1), "it does not speak of a retry"
        window.grants = 1000
        await place.finish_calls()  # by itself
        assert (await said_of(place)).code == "retry"
        await place.worker.stop()
        assert ((dead := await said_of(place)).code, dead.tone) == ("unled", "warn")


async def test_lost_key_presses(sqlite_url: str, tmp_path: Path) -> None:
    """Keys pressed while a prompt still played, or all at once, were lost, and with them what the customer wanted.

    https://github.com/FreePBX/issue-tracker/issues/424
    """
    cast = ("barge_in", "wrong_check", "invalid_keys", "opts_out")
    async with town(sqlite_url, tmp_path, beat=20.0) as place:
        people = [await place.add_person(persona, overrides={"interrupts": True}) for persona in cast]
        place.weather({"effect": "duplicated", "kinds": ["voice"]}, ALL_LOST)
        await place.start()
        await place.finish_calls(calls=len(people))
        turns = await place.all(CallTurn)
        for person in people:
            attempt = await place.attempt_of(person)
            leg = place.leg_of(attempt)
            kept = "".join(one.event.get("digits") or "" for one in turns if one.attempt_id == attempt.id)
            assert leg.keys
            assert len(kept) == len(leg.keys)
            assert all(ours in (pressed, "•") for ours, pressed in zip(kept, leg.keys, strict=True))


async def test_counters_that_drift(sqlite_url: str, tmp_path: Path) -> None:
    """Counts of calls and of callers who wait were added to and taken from, and slowly went wrong.

    https://github.com/impactdialing/impactdialing (ISSUES.md: "Wrong presented counts", "Stuck callers")
    """
    cast = ("promiser", "no_answer", "hangs_up_at_once", "machine_with_beep", "agent_seeker")
    async with town(sqlite_url, tmp_path, beat=10.0) as place:
        for persona in cast:
            await place.add_person(persona, overrides={"talks_seconds": 20.0})
        await place.add_agent()
        await place.agents_ready()
        place.weather(*DRIFTING, seed=11)
        await place.start(ratio=20, detect="beep")
        await place.finish_calls(calls=len(cast))
        await place.run_for(60)
        attempts = await place.attempts()
        async with place.op.database.read() as session:
            assert await live_calls.lines_in_use(session, attempts[0].tenant_id) == 0
            kept = await session.execute(select(Attempt.contact_id, func.count()).group_by(Attempt.contact_id))
            made = {contact: count for contact, count in kept.all()}
        assert {one.id: one.tries for one in await place.all(Contact)} == made
        assert await recounting.recount(place.op) == [], "every meter says what the calls say"
        assert {one.status for one in await place.all(Agent)} == {"ready"}
        assert {one.status for one in await place.all(Reservation)} == {"ended"}
