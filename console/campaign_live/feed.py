"""One look at a campaign for all who watch it in this process: at least each second, at once when there is news.

Nobody watches: nothing is looked at. A look that fails ends the feed; the browsers come back and begin another.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from console.live import next_news
from dialer.operation import Operation
from dialer.results import watching
from dialer.results.watching import Before, Figures, Live, Verdict
from dialer.store.models import Campaign

# Real seconds, all of them.
LOOK_EVERY = 0.6
LOOKS_APART = 0.3  # many pieces of news are one look
SETTLED_EVERY = 60.0
REST = 10  # what takes long is looked at again after so many times as long

Parts = dict[str, str]
T = TypeVar("T")


@dataclass(slots=True)
class Paced(Generic[T]):
    """A value that is looked up at most every so many seconds, and the less often the longer it takes."""

    every: float
    value: T | None = None
    due: float = 0.0

    async def now(self, look: Callable[[], Awaitable[T]]) -> T:
        """The value, looked up anew if its time has come."""
        began = time.monotonic()
        if self.value is None or began >= self.due:
            self.value = await look()
            now = time.monotonic()
            self.due = now + max(self.every, REST * (now - began))
        return self.value


@dataclass(slots=True)
class Feed:
    """What is seen of one campaign; `version` moves when it has changed. `viewers` watch it."""

    op: Operation
    campaign_id: int
    viewers: int = 0
    version: int = 0
    live: Live | None = None
    looking: asyncio.Task[None] | None = None
    _before: Before = field(default_factory=Before)
    _settled: Paced[int] = field(default_factory=lambda: Paced(SETTLED_EVERY))
    _figures: Paced[Figures] = field(default_factory=lambda: Paced(0.0))
    _verdict: Paced[Verdict] = field(default_factory=lambda: Paced(0.0))
    _seen: asyncio.Event = field(default_factory=asyncio.Event)
    _drawn: dict[object, tuple[int, Parts]] = field(default_factory=dict)

    async def newer(self, than: int, *, within: float) -> Live | None:
        """The newest look as soon as it is another than that version, or after so many seconds.

        The first look is waited for however long it takes. None: the campaign is gone. Raises what ended the feed.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(None if self.live is None else within):
                while self.version == than or self.live is None:
                    if self.looking is None or self.looking.done():
                        break
                    await self._seen.wait()
        if self.looking is not None and self.looking.done() and not self.looking.cancelled():
            self.looking.result()
        return self.live

    def drawn(self, for_whom: object, draw: Callable[[Live], Parts]) -> Parts:
        """The look as the parts of a page, drawn once for all who see the same."""
        assert self.live is not None, "drawn after the first look"
        version, parts = self._drawn.get(for_whom, (-1, {}))
        if version != self.version:
            version, parts = self.version, draw(self.live)
            self._drawn[for_whom] = version, parts
        return parts

    async def look_on(self) -> None:
        """Look until cancelled, or until the campaign is gone."""
        try:
            async with self.op.fanout.listen(f"campaign:{self.campaign_id}") as news:
                while await self._look():
                    await asyncio.sleep(LOOKS_APART)
                    await next_news(news, within=LOOK_EVERY - LOOKS_APART)
        finally:
            self._tell()

    async def _look(self) -> bool:
        async with self.op.database.read() as session:
            campaign = await session.get(Campaign, self.campaign_id)
            if campaign is None:
                return False
            mine = (session, self.op, campaign)
            await self._settled.now(partial(watching.settle, session, campaign.id, self._before))
            figures = await self._figures.now(partial(watching.figures, *mine, self._before))
            verdict = await self._verdict.now(partial(watching.verdict, *mine))
            live = await watching.live(*mine, (figures, verdict), self._before)
        self.version += live != self.live
        self.live = live
        self._tell()
        return True

    def _tell(self) -> None:
        seen, self._seen = self._seen, asyncio.Event()
        seen.set()


@dataclass(slots=True)
class Feeds:
    """The feeds of a process, each for as long as somebody watches."""

    op: Operation
    _of: dict[int, Feed] = field(default_factory=dict)

    @asynccontextmanager
    async def watch(self, campaign_id: int) -> AsyncIterator[Feed]:
        """The feed of a campaign, begun for its first viewer and ended with its last."""
        feed = self._of.get(campaign_id)
        if feed is None or feed.looking is None or feed.looking.done():
            feed = self._of[campaign_id] = Feed(self.op, campaign_id)
            feed.looking = asyncio.create_task(feed.look_on())
        feed.viewers += 1
        try:
            yield feed
        finally:
            feed.viewers -= 1
            if feed.viewers == 0:
                await self._end(feed)

    async def _end(self, feed: Feed) -> None:
        if self._of.get(feed.campaign_id) is feed:
            del self._of[feed.campaign_id]
        if feed.looking is not None:
            feed.looking.cancel()
            await asyncio.gather(feed.looking, return_exceptions=True)
