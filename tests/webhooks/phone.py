"""Somebody at a telephone, over the signed webhooks: calls one of our numbers, hears what is said, presses keys."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.request_validator import RequestValidator

from dialer.operation import Operation
from tests.wire.twiml_grammar import faults_of
from toque.app import build_app

OURS = "+15005550006"
_serial = itertools.count(1)


@dataclass(slots=True)
class Web:
    """Our web application, asked as the carrier asks."""

    op: Operation
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(app=build_app(self.op, None))
        self.client = httpx.AsyncClient(transport=transport, base_url=self.op.settings.public_url)

    async def ask(self, path: str, form: dict[str, str], *, signed: bool = True) -> httpx.Response:
        url = self.op.settings.public_url + path
        secret = self.op.settings.twilio_auth_token.get_secret_value() if signed else "another"
        signature = RequestValidator(secret).compute_signature(url, form)
        answer = await self.client.post(path, data=form, headers={"X-Twilio-Signature": signature})
        if answer.status_code == 200:
            assert not faults_of(answer.text), answer.text
        return answer

    async def text(self, from_: str, body: str, *, sid: str = "", **more: str) -> str | None:
        """Text one of our numbers; the answer, if there is one."""
        form = {"MessageSid": sid or new_sid("SM"), "From": from_, "To": OURS, "Body": body, "NumMedia": "0", **more}
        answer = await self.ask("/messaging/inbound", form)
        assert answer.status_code == 200, answer.text
        message = ET.fromstring(answer.text).find("Message")
        return None if message is None else message.text


@dataclass(slots=True)
class Phone:
    """One call to us. `heard` is everything that was said, in order; `over` when we have hung up."""

    web: Web
    number: str
    sid: str = field(default_factory=lambda: new_sid("CA"))
    heard: list[str] = field(default_factory=list)
    over: bool = False
    where: str = ""
    gathers: bool = False

    async def call(self) -> Phone:
        await self._go("/voice/inbound", {"CallStatus": "ringing", "Direction": "inbound"})
        return self

    async def press(self, *keys: str) -> Phone:
        for one in keys:
            assert not self.over, f"pressed {one} after the end: {self.heard}"
            await self._go(self.where, {"CallStatus": "in-progress", "Digits": one})
        return self

    async def wait(self, times: int = 1) -> Phone:
        for _ in range(times):
            if not self.over:
                await self._go(self.where, {"CallStatus": "in-progress"})
        return self

    async def hang_up(self) -> None:
        form = {"CallStatus": "completed", "CallDuration": "21", **self._who()}
        answer = await self.web.ask("/voice/inbound/status", form)
        assert answer.status_code == 200

    @property
    def words(self) -> str:
        return " ".join(self.heard)

    def _who(self) -> dict[str, str]:
        return {"CallSid": self.sid, "From": self.number, "To": OURS}

    async def _go(self, path: str, form: dict[str, Any]) -> None:
        answer = await self.web.ask(path, {**self._who(), **form})
        assert answer.status_code == 200, answer.text
        root = ET.fromstring(answer.text)
        self.heard += [words for say in root.iter("Say") if (words := "".join(say.itertext()))]
        gather, redirect = root.find("Gather"), root.find("Redirect")
        self.over = root.find("Hangup") is not None
        target = gather.get("action") if gather is not None else (redirect.text if redirect is not None else None)
        self.gathers = gather is not None
        if target:
            self.where = urlsplit(target).path


def new_sid(kind: str) -> str:
    return f"{kind}{next(_serial):032d}"
