"""Whoever wants the same kind of thing done at about the same time has it done together. It knows nothing of calls.

Nobody waits for company: what comes while one batch is being done is the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

MOST = 16  # in one batch: nobody else on the loop has their turn while one is thought over

Item = TypeVar("Item")
Result = TypeVar("Result")


class Gathering(Generic[Item, Result]):
    """One kind of thing."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._doing: asyncio.Task[None] | None = None

    async def join(self, item: Item, act: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> Result:
        """What `act` gives for this item; it is called with all that wait, and answers in their order.

        A fault of a batch is everybody's in it.
        """
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._doing is None:
            self._doing = asyncio.create_task(self._run(act))
        return await done

    async def _run(self, act: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._do(batch, act)
        finally:
            self._doing = None

    async def _do(
        self,
        batch: Sequence[tuple[Item, asyncio.Future[Result]]],
        act: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
    ) -> None:
        try:
            results = await act([item for item, _ in batch])
        except Exception as fault:
            for _, done in batch:
                if not done.done():
                    done.set_exception(fault)
        else:
            for (_, done), result in zip(batch, results, strict=True):
                if not done.done():
                    done.set_result(result)
        finally:  # the loop ends: nobody waits on
            for _, done in batch:
                done.cancel()
