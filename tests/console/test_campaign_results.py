"""A campaign's results: what the page tells, how the address narrows it, and the files to take away."""

from __future__ import annotations

import io
import json
import re
from datetime import date, timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook

from console.campaign_results import drawing
from console.campaign_results.amounts import cash, one_sum
from console.campaign_results.filters import read_filters
from console.campaign_results.routes import results_routes
from dialer.operation import Operation
from dialer.results.days import by_day
from dialer.results.group import Dialled
from dialer.store.models import Promise
from tests.console.visitors import browser
from tests.dialer.records import NOON, Rows, attempt_of, campaign_of, message_of

PLACES = (results_routes,)

YESTERDAY = NOON - timedelta(days=1)
OURS = ("+15005550006", "+15005550007")


@pytest.fixture
async def rows(op: Operation) -> Rows:
    """Yesterday one of two calls was answered and promised; today one of one, by another flow and number; a text."""
    rows = await campaign_of(op.database, 3)
    taken = {"status": "ended", "carrier_status": "completed", "price_micros": 20_000, "price_currency": "USD"}
    async with op.database.write() as session:
        kept = attempt_of(
            rows, 0, intent_at=YESTERDAY, answered_at=YESTERDAY, closed_at=YESTERDAY, seconds=60, level="checked",
            key_pressed=True, disposition="promised", **taken,
        )  # fmt: skip
        missed = attempt_of(
            rows, 1, intent_at=YESTERDAY, closed_at=YESTERDAY, status="ended", carrier_status="no-answer"
        )
        today = attempt_of(
            rows, 2, answered_at=NOON, closed_at=NOON, seconds=20, flow="negociacao", from_number=OURS[1], **taken
        )
        session.add_all([kept, missed, today])
        session.add(message_of(rows, 1, campaign_id=rows.campaign, template="lembrete_sms", status="delivered"))
        await session.flush()
        promise = Promise(
            tenant_id=rows.tenant, person_id=rows.people[0], attempt_id=kept.id, amount_minor=50_000, currency="BRL",
            due_on=date(2026, 3, 9), created_at=YESTERDAY, status="kept", paid_minor=50_000,
        )  # fmt: skip
        session.add(promise)
    return rows


async def test_the_page_answers_in_a_sentence_and_shows_the_tables_behind_the_charts(
    op: Operation, app: FastAPI, rows: Rows
) -> None:
    page = (await (await browser(op, app)).get(f"/campaigns/{rows.campaign}/results")).text
    assert "3 calls: 67% were answered, 1 reached the right person, 1 brought a promise." in page
    for words in ("R$500.00", "1 of 1", "$0.04", "lembrete", "negociacao", *OURS, "Mar 1, 2026", "Mon"):
        assert words in page
    assert 'title="1 of 2 calls answered"' in page, "Sunday at noon in São Paulo"
    assert 'style="' not in page
    assert "<polyline" in page
    (points, told) = (json.loads(unescape(one)) for one in re.findall(r'data-(?:dots|told)="([^"]*)"', page)[:2])
    assert told == [["Mar 1, 2026", "50.0%"], ["Mar 2, 2026", "100.0%"]], "what the pointer is told over the line"
    assert len(points) == len(told)


@pytest.mark.parametrize(
    ("query", "calls", "answered"),
    [
        ("from=2026-03-02", 1, "100%"),
        ("to=2026-03-01", 2, "50%"),
        ("script=lembrete", 2, "50%"),
        ("number=%2B15005550007", 1, "100%"),
        ("channel=call", 3, "67%"),
    ],
)
async def test_the_address_narrows_what_is_told(
    op: Operation, app: FastAPI, rows: Rows, query: str, calls: int, answered: str
) -> None:
    page = (await (await browser(op, app)).get(f"/campaigns/{rows.campaign}/results?{query}")).text
    assert f"{calls} call{'s' if calls > 1 else ''}: {answered}" in page
    assert f"/results/days.csv?{query}" in page, "files are narrowed in the same way"


async def test_texts_alone_and_nothing_at_all_are_told_as_such(op: Operation, app: FastAPI, rows: Rows) -> None:
    visitor = await browser(op, app)
    texts = (await visitor.get(f"/campaigns/{rows.campaign}/results?channel=sms")).text
    assert "No call was made with what is asked for here." in texts
    assert "lembrete_sms" in texts
    nothing = (await visitor.get(f"/campaigns/{rows.campaign}/results?from=2027-01-01&script=lembrete")).text
    assert "No call or text fits" in nothing
    empty = await campaign_of(op.database, 0)
    assert "Results come with the first calls" in (await visitor.get(f"/campaigns/{empty.campaign}/results")).text


async def test_days_that_cannot_be_read_are_left_out_and_it_says_so(op: Operation, app: FastAPI, rows: Rows) -> None:
    visitor = await browser(op, app)
    for query in ("from=soon", "from=2026-03-05&to=2026-03-01"):
        page = (await visitor.get(f"/campaigns/{rows.campaign}/results?{query}")).text
        assert "it was left out" in page
    assert "it was left out" not in (await visitor.get(f"/campaigns/{rows.campaign}/results?from=2026-03-01")).text


async def test_every_chart_has_its_file_and_everything_is_one(op: Operation, app: FastAPI, rows: Rows) -> None:
    visitor = await browser(op, app, "auditor")
    at = f"/campaigns/{rows.campaign}/results"
    days = await visitor.get(f"{at}/days.csv?to=2026-03-01")
    assert days.headers["content-disposition"] == f'attachment; filename="campaign-{rows.campaign}-days.csv"'
    assert days.text.lstrip("\ufeff").splitlines() == [
        "day,dialed,answered,right_party,asr,acd_seconds",
        "2026-03-01,2,1,1,0.5,60.0",
    ]
    heat = load_workbook(io.BytesIO((await visitor.get(f"{at}/heat.xlsx")).content))
    assert [cell.value for cell in heat["heat"][1]][:3] == ["weekday", "hour", "dialed"]
    calls = (await visitor.get(f"{at}/calls.csv?script=negociacao")).text.splitlines()
    assert len(calls) == 2
    assert "+55119800" not in calls[1], "numbers are masked"
    whole = load_workbook(io.BytesIO((await visitor.get(f"{at}/calls.xlsx")).content))
    assert {"summary", "heat map", "by script", "calls"} <= set(whole.sheetnames)
    for wrong in ("days.pdf", "secrets.csv", "calls.json"):
        assert (await visitor.get(f"{at}/{wrong}")).status_code == 404


async def test_nobody_of_another_company_or_creditor_gets_a_page_or_a_file(
    op: Operation, app: FastAPI, rows: Rows
) -> None:
    for stranger in (await browser(op, app, company="other"), await browser(op, app, creditors=["banco"])):
        for path in ("results", "results/days.csv", "results/calls.xlsx"):
            assert (await stranger.get(f"/campaigns/{rows.campaign}/{path}")).status_code == 404
    assert (await (await browser(op, app, "agent")).get(f"/campaigns/{rows.campaign}/results")).status_code == 403


def test_a_day_is_that_of_our_own_place() -> None:
    late = int(NOON.replace(hour=1).timestamp()) // 900  # 22:00 the day before in São Paulo
    calls = [Dialled(late, "+5511999990000", "ended", "completed", True, "checked", count=2, seconds=90, timed=2)]
    assert by_day(calls, "America/Sao_Paulo") == [
        {"day": "2026-03-01", "dialed": 2, "answered": 2, "right_party": 2, "asr": 1.0, "acd_seconds": 45.0}
    ]
    assert by_day(calls, "UTC")[0]["day"] == "2026-03-02"


def test_a_line_keeps_the_distance_of_days_and_needs_two_of_them() -> None:
    days = [{"day": f"2026-03-{day:02}", "asr": asr} for day, asr in ((1, 0.5), (2, None), (5, 1.0), (9, 0.0))]
    drawn = drawing.line(days, "asr")
    assert drawn is not None
    assert drawn.points == "0.0,40.0 300.0,0.0 600.0,80.0"
    assert (drawn.highest, drawn.last) == (1.0, 0.0)
    assert drawing.line(days[:2], "asr") is None


def test_few_calls_have_no_colour_and_the_best_share_has_the_strongest() -> None:
    cells = [
        {"weekday": 1, "hour": 7, "dialed": 10, "answered": 5, "answered_share": 0.5},
        {"weekday": 1, "hour": 9, "dialed": 10, "answered": 1, "answered_share": 0.1},
        {"weekday": 2, "hour": 9, "dialed": 2, "answered": 2, "answered_share": 1.0},
    ]
    hours, weekdays = drawing.heat({"cells": cells})
    assert hours == list(range(7, 21))
    assert [weekdays[0][0].level, weekdays[0][2].level, weekdays[1][2].level] == [6, 1, 0]
    assert weekdays[1][2].few
    assert weekdays[6][0].share is None


def test_money_shows_less_than_a_cent_and_keeps_currencies_apart() -> None:
    assert cash("en-US", {"USD": 1.5, "BRL": 2000.0}) == "$1.50 + R$2,000.00"
    assert one_sum("en-US", 0.0524, "USD") == "$0.0524"
    assert one_sum("pt-BR", 0.0524, "USD") == "US$\xa00,0524"
    assert cash("en-US", {}) == one_sum("en-US", None, "USD") == "–"


def test_filters_include_both_days_in_our_own_place() -> None:
    found = read_filters({"from": "2026-03-01", "to": "2026-03-01", "channel": "fax"}, "America/Sao_Paulo")
    assert found.only.since is not None
    assert found.only.until is not None
    assert found.only.until - found.only.since == timedelta(days=1)
    assert found.only.since.isoformat() == "2026-03-01T00:00:00-03:00"
    assert found.unread == ("channel",)
    assert found.query == "?from=2026-03-01&to=2026-03-01&channel=fax"
