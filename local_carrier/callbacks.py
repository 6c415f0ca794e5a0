"""The carrier's own HTTP requests: signed, retried as the URL asks, timed out in real seconds, spoiled on request.

It sends and reports; it never reads an answer's meaning.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from local_carrier.clock import Clock
from local_carrier.config import CarrierConfig
from local_carrier.faults import CallbackKind, Weather
from local_carrier.rest.orders import Hook

USER_AGENT = "TwilioProxy/1.1"


@dataclass(frozen=True, slots=True)
class Callback:
    """One request to the customer. `about` is the SID it concerns; empty values are sent as empty."""

    kind: CallbackKind
    hook: Hook
    params: Mapping[str, str]
    about: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `error` is Twilio's code when there was no usable answer (11200, 11205), else None."""

    status: int = 0
    body: bytes = b""
    content_type: str = ""
    error: int | None = None


@dataclass(frozen=True, slots=True)
class Overrides:
    """Connection overrides in the URL fragment (twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""

    connect: float
    read: float
    total: float
    retries: int = 1
    retry_on: frozenset[str] = field(default_factory=lambda: frozenset({"ct"}))

    def again(self, failure: str | None) -> bool:
        """Tell whether this failure is one that the URL asks to retry."""
        return failure is not None and ("all" in self.retry_on or failure in self.retry_on)


def split_overrides(url: str, config: CarrierConfig) -> tuple[str, Overrides]:
    """Take `#ct=&rt=&tt=&rc=&rp=` off an address; what is out of range keeps its default."""
    plain, _, fragment = url.partition("#")
    given = dict(parse_qsl(fragment))
    total = config.total_timeout_seconds

    def seconds(name: str, default: float, most: int) -> float:
        value = given.get(name, "")
        return int(value) / 1000 if value.isdecimal() and 100 <= int(value) <= most else default

    count = given.get("rc", "")
    policy = frozenset(given.get("rp", "ct").split(",")) & {"ct", "rt", "4xx", "5xx", "all"}
    return plain, Overrides(
        connect=seconds("ct", config.connect_timeout_seconds, 10_000),
        read=seconds("rt", total, 15_000),
        total=seconds("tt", total, 15_000),
        retries=int(count) if count.isdecimal() and int(count) <= 5 else 1,
        retry_on=policy or frozenset({"ct"}),
    )


def sign(token: str, url: str, params: Mapping[str, str]) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1 over the URL and the sorted parameters, name then value.

    Source: twilio.com/docs/usage/webhooks/webhooks-security.
    """
    text = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Callbacks:
    """Sends callbacks; `report` hears of every attempt's end as (callback, answer)."""

    def __init__(
        self,
        config: CarrierConfig,
        *,
        clock: Clock,
        http: httpx.AsyncClient,
        weather: Weather,
        report: Callable[[Callback, Answer], None],
    ) -> None:
        self._config, self._clock, self._http, self._weather = config, clock, http, weather
        self._report = report
        self._tasks: set[asyncio.Task[None]] = set()
        self._gone: dict[str, asyncio.Event] = {}

    def send(self, callback: Callback) -> None:
        """Send news and do not wait for the answer; each is a request of its own, in no assured order."""
        self.keep(self._send(callback))

    def keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a task to its end, or until `close`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def ask(self, callback: Callback) -> Answer:
        """Send a request whose answer matters, and return it."""
        faults = self._weather.strikes(callback.kind)
        for fault in faults:
            if fault.effect in ("delayed", "reordered"):
                await self._clock.sleep(fault.seconds)
        if any(fault.effect == "lost" for fault in faults):
            answer = Answer(error=11205)
            self._report(callback, answer)
            return answer
        token = secrets.token_hex(16)
        if any(fault.effect == "duplicated" for fault in faults):
            first, _ = await asyncio.gather(self._deliver(callback, token), self._deliver(callback, token))
            return first
        return await self._deliver(callback, token)

    async def close(self) -> None:
        """Cancel whatever is still being sent."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, callback: Callback) -> None:
        faults = self._weather.strikes(callback.kind)
        if any(fault.effect == "lost" for fault in faults):
            return
        token = secrets.token_hex(16)
        for fault in faults:
            if fault.effect == "delayed":
                await self._clock.sleep(fault.seconds)
            elif fault.effect == "reordered":
                await self._until_overtaken(callback.about, fault.seconds)
        await self._deliver(callback, token)
        if not any(fault.effect == "reordered" for fault in faults) and callback.about in self._gone:
            self._gone.pop(callback.about).set()
        if any(fault.effect == "duplicated" for fault in faults):
            await self._deliver(callback, token)

    async def _until_overtaken(self, about: str, at_most: float) -> None:
        gone = self._gone.setdefault(about, asyncio.Event())
        waiting = [asyncio.ensure_future(gone.wait()), asyncio.ensure_future(self._clock.sleep(at_most))]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def _deliver(self, callback: Callback, token: str) -> Answer:
        url, overrides = split_overrides(callback.hook.url, self._config)
        answer = Answer(error=11205)
        for _ in range(1 + overrides.retries):
            failure: str | None
            try:
                async with asyncio.timeout(overrides.total):
                    answer = await self._request(callback, url, overrides, token)
                failure = f"{answer.status // 100}xx" if answer.status >= 400 else None
            except (httpx.ConnectError, httpx.ConnectTimeout):
                failure, answer = "ct", Answer(error=11205)
            except (httpx.HTTPError, TimeoutError):
                failure, answer = "rt", Answer(error=11205)
            self._report(callback, answer)
            if not overrides.again(failure):
                break
        return answer

    async def _request(self, callback: Callback, url: str, overrides: Overrides, token: str) -> Answer:
        params = dict(callback.params)
        body: str | None = None
        if callback.hook.method == "GET":
            url += ("&" if urlsplit(url).query else "?") + urlencode(params)
            params = {}
        else:
            body = urlencode(params)
        headers = {
            "X-Twilio-Signature": sign(self._config.auth_token, url, params),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        response = await self._http.request(
            callback.hook.method,
            url,
            content=body,
            headers=headers,
            follow_redirects=True,
            timeout=httpx.Timeout(overrides.read, connect=overrides.connect),
        )
        error = None if response.status_code < 400 else 11200
        return Answer(response.status_code, response.content, response.headers.get("content-type", ""), error)
