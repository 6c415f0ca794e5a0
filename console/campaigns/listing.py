"""All campaigns as a table: state in a sentence, people left, when it ends. Filter and order stand in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.campaigns.finding import campaigns_seen, creditor_names
from console.campaigns.sentences import end_words, in_words, sentence_words, status_word
from console.catalogues import Texts
from console.frame import page
from console.guard import LOOKS, Guard, Visitor
from dialer.operation import Operation
from dialer.results.moving import Seen, sentence
from dialer.results.standing import standing
from dialer.store.contacts import OPEN
from dialer.store.models import Campaign, Contact

STATUSES = ("running", "paused", "draft", "checked", "finished", "stopped")
_FIRST = {status: n for n, status in enumerate(STATUSES)}


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign in a table. `left` of `people` are not done; `ends` in words, where it can be told."""

    id: int
    name: str
    creditor: str
    status: str
    word: str
    tone: str
    sentence: str
    people: int
    left: int
    ends: str
    created_at: datetime

    @property
    def done(self) -> float:
        """The share that is done, from 0 to 1."""
        return (self.people - self.left) / self.people if self.people else 0.0


ORDERS: dict[str, Callable[[Row], Any]] = {
    "status": lambda row: (_FIRST.get(row.status, 9), -row.id),
    "name": lambda row: row.name.casefold(),
    "creditor": lambda row: row.creditor.casefold(),
    "people": lambda row: -row.people,
    "left": lambda row: -row.left,
    "new": lambda row: -row.id,
}


def listing_routes(op: Operation, guard: Guard) -> APIRouter:
    """The table at /campaigns."""
    router = APIRouter(prefix="/campaigns")
    looks = Depends(guard.lets(*LOOKS))

    @router.get("")
    async def campaigns(
        request: Request, status: str = "", q: str = "", sort: str = "status", visitor: Visitor = looks
    ) -> Response:
        """The campaigns of one status (or all), whose name or creditor holds `q`."""
        async with op.database.read() as session:
            everything = await rows(session, op, visitor.say, await campaigns_seen(session, visitor))
        counts = {one: sum(row.status == one for row in everything) for one in STATUSES}
        wanted = q.strip().casefold()
        found = [
            row for row in everything
            if (not status or row.status == status) and wanted in f"{row.name} {row.creditor}".casefold()
        ]  # fmt: skip
        values: dict[str, Any] = {
            "rows": sorted(found, key=ORDERS.get(sort, ORDERS["status"])), "any": bool(everything), "counts": counts,
            "only": status, "q": q, "sort": sort, "words": {one: status_word(visitor.say, one) for one in STATUSES},
        }  # fmt: skip
        return page(request, "campaigns/list.html", visitor, **values)

    return router


async def rows(session: AsyncSession, op: Operation, say: Texts, found: Sequence[Campaign]) -> list[Row]:
    """These campaigns as rows; why one moves or not is asked only of those that run."""
    creditors = await creditor_names(session, found)
    counts = await _counts(session, [one.id for one in found])
    return [
        await _running(session, op, say, one, creditors.get(one.id, ""))
        if one.status == "running"
        else _resting(say, one, creditors.get(one.id, ""), counts.get(one.id, {}))
        for one in found
    ]


async def _running(session: AsyncSession, op: Operation, say: Texts, campaign: Campaign, creditor: str) -> Row:
    stands = await standing(session, op, campaign)
    people = sum(stands.contacts.values())
    return Row(
        campaign.id, campaign.name, creditor, campaign.status, status_word(say, campaign.status),
        stands.sentence.tone, in_words(say, stands), people, stands.left, end_words(say, stands, op.clock.now()),
        campaign.created_at,
    )  # fmt: skip


def _resting(say: Texts, campaign: Campaign, creditor: str, counts: dict[str, int]) -> Row:
    left = sum(counts.get(one, 0) for one in OPEN)
    said = sentence(Seen(campaign.status, halted_for=campaign.waiting_for, left=left))
    return Row(
        campaign.id, campaign.name, creditor, campaign.status, status_word(say, campaign.status), said.tone,
        sentence_words(say, said), sum(counts.values()), left, "", campaign.created_at,
    )  # fmt: skip


async def _counts(session: AsyncSession, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    found = await session.execute(
        select(Contact.campaign_id, Contact.status, func.count())
        .where(Contact.campaign_id.in_(ids))
        .group_by(Contact.campaign_id, Contact.status)
    )
    counts: dict[int, dict[str, int]] = {}
    for campaign, status, count in found.all():
        counts.setdefault(campaign, {})[status] = int(count)
    return counts
