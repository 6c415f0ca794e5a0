"""What screens read of a campaign is the same on both databases: a look at it now, and narrowed reports."""

from __future__ import annotations

from datetime import timedelta

from dialer.results import reporting, watching
from dialer.results.group import Only
from dialer.results.watching import Before
from dialer.store import report_choices
from dialer.store.database import Database
from dialer.store.models import Campaign, Contact
from tests.dialer.records import (
    NOON,
    accepts,
    agent_of,
    attempt_of,
    campaign_of,
    message_of,
    operation_on,
    reservation_of,
)


async def test_a_look_counts_calls_people_and_reasons(database: Database) -> None:
    op, rows = operation_on(database, accepts), await campaign_of(database, 4)
    other = await campaign_of(database, 1)
    failed = {"status": "ended", "carrier_status": "failed", "closed_at": NOON, "ended_at": NOON}
    async with database.write() as session:
        agent, talks = agent_of(rows, status="in_call"), attempt_of(rows, 0, status="live", answered_at=NOON, turn=-1)
        session.add_all([agent, talks, attempt_of(rows, 1, status="ringing"), attempt_of(rows, 2, **failed)])
        session.add(attempt_of(other, status="placing"))
        (await session.get_one(Contact, rows.contacts[3])).blocked_rule = "BR_HOURS"
        await session.flush()
        session.add(reservation_of(rows, talks.id, agent.id, "connected"))
    async with database.read() as session:
        campaign, before = await session.get_one(Campaign, rows.campaign), Before()
        assert await watching.settle(session, campaign.id, before) == 0
        told = await watching.figures(session, op, campaign, before), await watching.verdict(session, op, campaign)
        live = await watching.live(session, op, campaign, told, before)
    assert [(call.state, call.agent) for call in live.calls] == [("agent", agent.name), ("ringing", None)]
    assert (live.lines, live.talking, live.all_lines, live.cps) == (2, 1, 3, 0.3)
    assert (told[0].funnel["dialed"], told[0].funnel["answered"]) == (3, 1)
    assert [(one.rule, one.people) for one in told[0].waiting] == [(None, 3), ("BR_HOURS", 1)]
    assert [(one.status, one.at) for one in live.troubles] == [("failed", NOON)]


async def test_a_report_is_narrowed_to_days_channel_script_and_number(database: Database) -> None:
    op, rows = operation_on(database, accepts), await campaign_of(database, 2)
    before = NOON - timedelta(days=2)
    over = {"status": "ended", "carrier_status": "completed", "seconds": 30}
    async with database.write() as session:
        session.add(attempt_of(rows, 0, intent_at=before, answered_at=before, closed_at=before, **over))
        more = {"flow": "negociacao", "from_number": "+15005550007"}
        session.add(attempt_of(rows, 1, answered_at=NOON, closed_at=NOON, **more, **over))
        text = message_of(rows, 0, campaign_id=rows.campaign, template="lembrete_sms", status="delivered")
        session.add(text)
        name = (await session.get_one(Campaign, rows.campaign)).name
    calls_and_texts = {
        Only(): (2, 1),
        Only(since=NOON - timedelta(hours=1)): (1, 1),
        Only(until=NOON - timedelta(hours=1)): (1, 0),
        Only(channel="sms"): (0, 1),
        Only(channel="call"): (2, 0),
        Only(script="negociacao"): (1, 0),
        Only(script="lembrete_sms"): (0, 1),
        Only(number="+15005550007"): (1, 0),
    }
    for only, counted in calls_and_texts.items():
        made = await reporting.summary(op, [name], only=only)
        assert (made["funnel"]["dialed"], made["messages"]["sent"]) == counted, only
        days = (await reporting.over_time(op, name, only=only))["days"]
        assert sum(day["dialed"] for day in days) == counted[0], only
    async with database.read() as session:
        assert await report_choices.scripts(session, rows.campaign) == ["lembrete", "lembrete_sms", "negociacao"]
        assert await report_choices.numbers(session, rows.campaign) == ["+15005550006", "+15005550007"]
