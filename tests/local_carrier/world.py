"""A carrier, a customer's web server and a manual clock in one process, without sockets."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx

from local_carrier.api import create_carrier
from local_carrier.calls import FINAL, Call
from local_carrier.config import DEFAULT_ACCOUNT, DEFAULT_TOKEN, CarrierConfig
from local_carrier.exchange import Exchange
from local_carrier.lines.people import People, Person, language_of
from local_carrier.lines.persona import Persona, personas

FROM = "+12025550100"
ROOT = f"/2010-04-01/Accounts/{DEFAULT_ACCOUNT}"
CUSTOMER = "http://customer.example:8080"


class ManualClock:
    """Time that passes only when everybody waits."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._order), future))
        await future

    def next_at(self) -> datetime | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def step(self) -> None:
        at, _, future = heapq.heappop(self._sleepers)
        self._now = max(self._now, at)
        if not future.done():
            future.set_result(None)


Page = str | httpx.Response | Callable[[dict[str, str]], str | httpx.Response]


class Customer:
    """Pages by path; keeps every request as (path, params, httpx.Request)."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[tuple[str, dict[str, str], httpx.Request]] = []

    def params(self, path: str) -> list[dict[str, str]]:
        return [params for at, params, _ in self.requests if at == path]

    async def handle(self, request: httpx.Request) -> httpx.Response:
        params = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
        params |= dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        self.requests.append((request.url.path, params, request))
        page = self.pages.get(request.url.path, httpx.Response(200))
        answer = page(params) if callable(page) else page
        if isinstance(answer, str):
            return httpx.Response(200, text=answer, headers={"content-type": "text/xml"})
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)


class World:
    """Everything a test needs. `call()` makes a call by REST, `run()` lets time pass until all calls have ended."""

    def __init__(self, **config: object) -> None:
        self.clock, self.customer, self.people = ManualClock(), Customer(), People(default="silent")
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self.customer.handle))
        settings = CarrierConfig(**{"calls_per_second": 1000.0, **config})  # type: ignore[arg-type]
        self.app = create_carrier(settings, clock=self.clock, people=self.people, http=self.http)
        self.exchange: Exchange = self.app.state.exchange
        self.rest = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://carrier.example",
            auth=(DEFAULT_ACCOUNT, DEFAULT_TOKEN),
        )

    async def close(self) -> None:
        await self.exchange.close()
        await self.rest.aclose()
        await self.http.aclose()

    def person(self, address: str, persona: str | Persona, **more: object) -> Person:
        who = personas()[persona] if isinstance(persona, str) else persona
        person = Person(address, who, **{"language": language_of(address), **more})  # type: ignore[arg-type]
        self.people.add(person)
        return person

    async def post(self, path: str, data: dict[str, object], *, status: int = 201) -> dict[str, object]:
        answer = await self.rest.post(ROOT + path, data=data)
        assert answer.status_code == status, answer.text
        body: dict[str, object] = answer.json()
        return body

    async def get(self, path: str, **params: str) -> dict[str, object]:
        answer = await self.rest.get(ROOT + path, params=params)
        assert answer.status_code == 200, answer.text
        body: dict[str, object] = answer.json()
        return body

    async def call(self, to: str, **more: object) -> Call:
        data = {"To": to, "From": FROM, "Url": f"{CUSTOMER}/voice", **more}
        return self.exchange.calls[str((await self.post("/Calls.json", data))["sid"])]

    async def settle(self) -> None:
        for _ in range(40):
            await asyncio.sleep(0)
        if any(c.started_at is None and c.status == "queued" for c in self.exchange.calls.values()):
            await asyncio.sleep(0.003)

    async def pass_time(self, seconds: float) -> None:
        end = self.clock.now() + timedelta(seconds=seconds)
        await self.settle()
        while (at := self.clock.next_at()) is not None and at <= end:
            self.clock.step()
            await self.settle()
        self.clock._now = max(self.clock._now, end)

    async def run(self, *, at_most: float = 7200) -> None:
        end = self.clock.now() + timedelta(seconds=at_most)
        await self.settle()
        while any(call.status not in FINAL for call in self.exchange.calls.values()):
            assert self.clock.next_at() is not None, "nothing would ever happen again"
            assert self.clock.now() <= end, "the calls do not end"
            self.clock.step()
            await self.settle()
        await self.settle()


def wav(words: str, language: str = "en-US", *, seconds: float = 2.0) -> bytes:
    """A silent 8 kHz mono file that carries its words."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)

    format_ = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16))
    info = b"INFO" + chunk(b"ICMT", words.encode() + b"\0") + chunk(b"ILNG", language.encode() + b"\0")
    body = b"WAVE" + format_ + chunk(b"LIST", info) + chunk(b"data", b"\0" * int(seconds * 16000))
    return b"RIFF" + struct.pack("<I", len(body)) + body


def say(text: str, language: str = "en-US") -> str:
    """A document that says one thing."""
    return f'<Response><Say language="{language}">{text}</Say></Response>'


def gather(text: str, language: str = "en-US", *, attributes: str = 'numDigits="1"', rest: str = "") -> str:
    """A document that asks one thing; keys go to /keys."""
    return (
        f'<Response><Gather action="/keys" {attributes}><Say language="{language}">{text}</Say></Gather>{rest}'
        "</Response>"
    )
