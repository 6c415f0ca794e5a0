"""Forms as no page of ours sends them: every route that changes something refuses them in words, and never breaks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select

from dialer.operation import Operation
from dialer.store.models import Campaign, Interaction
from tests.console.test_every_route import filled, pages
from tests.console.visitors import browser
from tests.dialer.records import campaign_of

TEMPLATES = Path(__file__).parents[2] / "console" / "templates"
ODD = "\u00b2"  # a digit for isdigit(), and no number


def names() -> list[str]:
    """Every name of a field on any page."""
    texts = (file.read_text("utf-8") for file in TEMPLATES.rglob("*.html"))
    return sorted({one for text in texts for one in re.findall(r'name="([a-z]\w*)"', text)})


def posts(op: Operation) -> list[APIRoute]:
    return [one for one in pages(op) if "POST" in one.methods]


@pytest.mark.soak
async def test_no_form_breaks_a_page_whatever_stands_in_its_fields(op: Operation, app: FastAPI) -> None:
    await campaign_of(op.database, 2)
    visitor = await browser(op, app, "administrator")
    sent: dict[str, object] = dict.fromkeys(names(), ODD)
    for route in posts(op):
        answer = await visitor.send(filled(route), sent)  # a fault that nobody catches ends the test here
        assert answer.status_code < 500, route.path


async def test_a_form_with_ids_of_another_company_changes_nothing_there(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 2)
    own = await browser(op, app, "administrator")
    other = await browser(op, app, "administrator", company="elsewhere")
    sent: dict[str, object] = dict.fromkeys(names(), "1")
    async with op.database.read() as session:
        before = await session.get_one(Campaign, rows.campaign)
    for route in posts(op):
        answer = await other.send(filled(route), sent)
        assert answer.status_code < 500, route.path
    async with op.database.read() as session:
        after = await session.get_one(Campaign, rows.campaign)
        ours = select(Interaction).where(Interaction.tenant_id == before.tenant_id)
        lines = (await session.scalars(ours.where(Interaction.actor == f"user {other.user_id}"))).all()
    assert (after.status, after.plan, after.flow) == (before.status, before.plan, before.flow)
    assert not lines, "nothing of ours was done in the name of another company"
    assert (await own.get("/settings")).status_code == 200, "nobody was signed out or changed"
