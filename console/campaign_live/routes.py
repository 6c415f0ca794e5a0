"""The live screen of a campaign and its events: each carries the whole state; a beat says that nothing changed."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from console.campaign_live.drawing import HEARS, draw
from console.campaign_live.feed import Feed, Feeds, Parts
from console.campaigns.commanding import acts_for
from console.campaigns.finding import campaign_if_seen, creditor_name, not_found
from console.frame import page
from console.guard import LOOKS, Guard, Visitor
from console.lost import AWAY
from console.pages import HEADERS
from dialer.operation import Operation
from dialer.store.database import is_away

BEAT_SECONDS = 2.0  # real time; the browser says "no connection" after three of them
RETRY_MS = 1000
MAY_LOOK_EVERY = 5.0  # real seconds: whoever is signed out, or moved to another scope, stops seeing

MayLook = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Watching:
    """One browser that watches a campaign."""

    op: Operation
    visitor: Visitor
    may_look: MayLook

    def parts(self, feed: Feed) -> Parts:
        """What this viewer sees; drawn once for all who see the same."""
        visitor = self.visitor
        alike = (visitor.say.language, visitor.role in HEARS, visitor.creditors is None)
        return feed.drawn(alike, partial(draw, visitor, self.op.packs))

    async def events(self, feeds: Feeds, campaign_id: int) -> AsyncGenerator[bytes, None]:
        """Events until the viewer may not look any more, or the campaign is gone."""
        yield f"retry: {RETRY_MS}\n\n".encode()
        try:
            async with aclosing(self._looks(feeds, campaign_id)) as looks:
                async for event in looks:
                    yield event
        except (SQLAlchemyError, OSError) as fault:
            if not is_away(fault):
                raise
            yield b"event: away\ndata: " + orjson.dumps({"words": self.visitor.say(AWAY)}) + b"\n\n"
            return
        yield b"event: closed\ndata: {}\n\n"

    async def _looks(self, feeds: Feeds, campaign_id: int) -> AsyncGenerator[bytes, None]:
        shown, asked = -1, time.monotonic()
        async with feeds.watch(campaign_id) as feed:
            while (live := await feed.newer(shown, within=BEAT_SECONDS)) is not None:
                if time.monotonic() - asked > MAY_LOOK_EVERY:
                    if not await self.may_look():
                        break
                    asked = time.monotonic()
                parts = self.parts(feed) if feed.version != shown else None
                yield _event(feed.version, int(live.now.timestamp() * 1000), parts)
                shown = feed.version


def live_routes(op: Operation, guard: Guard) -> APIRouter:
    """/campaigns/ID/live and its events."""
    router = APIRouter(prefix="/campaigns/{campaign_id}/live", include_in_schema=False)
    may_look = guard.lets(*LOOKS)
    feeds = Feeds(op)

    @router.get("")
    async def live(request: Request, campaign_id: int, visitor: Visitor = Depends(may_look)) -> Response:
        """The page, with the state of now already in it."""
        async with op.database.read() as session:
            campaign = await campaign_if_seen(session, visitor, campaign_id)
            if campaign is None:
                return not_found(request, visitor)
            creditor = await creditor_name(session, campaign)
        async with feeds.watch(campaign_id) as feed:
            seen = await feed.newer(-1, within=BEAT_SECONDS)
            if seen is None:
                return not_found(request, visitor)
            parts = Watching(op, visitor, _always).parts(feed)
        return page(
            request,
            "campaign_live/page.html",
            visitor,
            campaign=campaign,
            creditor=creditor,
            standing=seen.verdict.standing,
            sentence=Markup('<span id="sentence">{}</span>').format(parts["sentence"]),
            state=Markup('<span id="state">{}</span>').format(parts["state"]),
            parts=parts,
            acts=acts_for(campaign.status) if visitor.changes and campaign.list_id is not None else (),
            now=int(seen.now.timestamp() * 1000),
            speed=op.settings.clock_speed,
        )

    @router.get("/events")
    async def events(request: Request, campaign_id: int, visitor: Visitor = Depends(may_look)) -> Response:
        """Server-sent events, for as long as the viewer may look."""

        async def still() -> bool:
            now = await guard.visitor(request)
            if now is None or now.role != visitor.role or now.creditors != visitor.creditors:
                return False
            async with op.database.read() as session:
                return await campaign_if_seen(session, now, campaign_id) is not None

        if not await still():
            return not_found(request, visitor)
        body = Watching(op, visitor, still).events(feeds, campaign_id)
        headers = {**HEADERS, "X-Accel-Buffering": "no"}  # proxies must not hold events back
        return StreamingResponse(body, media_type="text/event-stream", headers=headers)

    return router


async def _always() -> bool:
    return True


def _event(version: int, now: int, parts: Parts | None) -> bytes:
    name = "beat" if parts is None else "state"
    body = {"now": now} if parts is None else {"now": now, "parts": parts}
    return f"id: {version}\nevent: {name}\ndata: ".encode() + orjson.dumps(body) + b"\n\n"
