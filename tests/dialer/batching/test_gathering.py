"""Things of a kind that come together are done together, each with its own result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from dialer.batching.gathering import MOST, Gathering


class Done:
    """What was done together, batch by batch; it lasts until it is let go on."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.has_begun, self.goes_on = asyncio.Event(), asyncio.Event()

    async def doubled(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.has_begun.set()
        await self.goes_on.wait()
        if 13 in items:
            raise ValueError(f"{len(items)} items")
        return [2 * item for item in items]


async def test_what_comes_while_others_are_done_is_done_next_all_at_once() -> None:
    gathering, done = Gathering[int, int](), Done()
    first = asyncio.create_task(gathering.join(1, done.doubled))
    await done.has_begun.wait()
    others = [asyncio.create_task(gathering.join(n, done.doubled)) for n in range(100, 100 + MOST + 1)]
    await asyncio.sleep(0)
    done.goes_on.set()
    assert await first == 2
    assert await asyncio.gather(*others) == [2 * n for n in range(100, 100 + MOST + 1)]
    assert [len(batch) for batch in done.batches] == [1, MOST, 1], "nobody waits for company, nobody for long"


async def test_a_fault_is_of_its_batch_and_the_next_goes_on() -> None:
    gathering, done = Gathering[int, int](), Done()
    done.goes_on.set()
    results = await asyncio.gather(*(gathering.join(n, done.doubled) for n in (12, 13)), return_exceptions=True)
    assert [str(one) for one in results] == ["2 items", "2 items"]
    assert await gathering.join(14, done.doubled) == 28


async def test_who_does_not_wait_any_more_takes_nobody_along() -> None:
    gathering, done = Gathering[int, int](), Done()
    one, other = (asyncio.create_task(gathering.join(n, done.doubled)) for n in (1, 2))
    await done.has_begun.wait()
    one.cancel()
    done.goes_on.set()
    assert await other == 4
    with pytest.raises(asyncio.CancelledError):
        await one
