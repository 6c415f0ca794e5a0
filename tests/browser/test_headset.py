"""An agent talks through the page, in a real browser with a microphone that beeps: sound both ways, and words."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, WebSocketRoute, expect

from console.headset import SDK
from dialer.store import campaigns
from dialer.store.models import Agent, Reservation
from local_carrier.clients import device, turns
from local_carrier.clients.tokens import identity_of
from local_carrier.lines.people import read_person
from tests.browser.chromium import PATIENCE_MS, chromium
from tests.browser.visit import signed_in, visit
from tests.journeys.town import Town, town

MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


async def agent_with_a_browser(place: Town, name: str) -> None:
    place._staff.append(read_person({"address": "client:rita", "persona": "agent"}))
    async with place.op.database.write() as session:
        tenant = await campaigns.tenant(session)
        session.add(
            Agent(
                tenant_id=tenant.id, name=name, via="client:rita", skills=["collections"], status="offline",
                since=place.clock.now(), leg_token="line of the test",
            )
        )  # fmt: skip


async def says(page: Page, words: str) -> None:
    """The headset's state in words."""
    await expect(page.locator("#phone-state")).to_contain_text(words)


async def line_stands(place: Town, page: Page) -> None:
    """The line rings, the page takes it, and the agent is ready."""
    rita = place.exchange.clients.device("rita")

    async def rings() -> bool:
        return rita.leg is not None

    await place.run_until(rings)
    await says(page, "Your line stands")
    await place.agents_ready()


LISTEN = """() => {
  globalThis.most = { you: 0, them: 0 };
  const meter = (side) => document.getElementById("phone-" + side).value;
  setInterval(() => { for (const side in most) most[side] = Math.max(most[side], meter(side)); }, 20);
}"""


async def comes_true(page: Page, what: str) -> None:
    """The browser's own way to wait would evaluate text within the page, which its policy forbids."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await page.evaluate(what):  # noqa: ASYNC110 - a page offers no event
            await asyncio.sleep(0.05)


async def sound_and_words_arrive(page: Page) -> None:
    await expect(page.locator("#phone-caption")).to_contain_text("Debtor says: ")
    await comes_true(page, "most.you > 0 && most.them > 0")


WATCH = """() => {
  const place = document.getElementById("phone-state");
  globalThis.said = [];
  new MutationObserver(() => said.push(place.textContent)).observe(place, { childList: true });
}"""


def cut_off(place: Town) -> None:
    """The carrier's end of the socket is gone."""
    outbox = place.exchange.clients.device("rita")._outbox
    assert outbox is not None
    outbox.close()


async def talks_and_hangs_up(place: Town, browser: Browser) -> None:
    context = await signed_in(browser, place.op, place.web_url, "agent", agent="Rita Campos")
    seen = await visit(context, place.web_url)
    page = seen.page
    await seen.open("/desk")
    await page.get_by_role("button", name="Connect my headset").click()
    await says(page, "Headset connected")
    await page.keyboard.press("r")
    await line_stands(place, page)
    await page.evaluate(LISTEN)
    await place.start(pacing="progressive")

    async def talking() -> bool:
        return any(one.status == "connected" for one in await place.all(Reservation))

    await place.run_until(talking)
    await sound_and_words_arrive(page)
    assert not await seen.faults()

    await page.keyboard.press("Shift+M")
    await expect(page.locator("#phone-mute")).to_have_attribute("aria-pressed", "true")
    await says(page, "nobody hears you")
    await expect(page.locator("#sheet")).to_be_hidden()
    await page.reload()  # within the grace: the same line goes on
    await says(page, "Your line stands")
    assert place.talking()
    await page.evaluate(WATCH)
    cut_off(place)
    await comes_true(page, "said.some(one => one.includes('lost the network'))")
    await says(page, "Your line stands")
    assert place.talking()

    await page.locator("#act-hang-up").click()

    async def over() -> bool:
        return not place.talking()

    await place.run_until(over)
    await says(page, "Your line stands")
    await page.get_by_role("button", name="Hang up my line").click()
    await says(page, "Headset connected")
    await expect(page.locator(".state")).to_have_text("Off duty")
    await context.close()


def signalling(socket: WebSocketRoute, heard: list[dict[str, Any]]) -> None:
    """What the vendor's servers answer to a device that registers."""
    answers = {
        "listen": {"type": "connected", "payload": {"region": "us1", "token": {"identity": "rita", "ttl": 3600}}},
        "register": {"type": "ready", "payload": {}},
    }

    def answer(text: str | bytes) -> None:
        message = json.loads(text) if str(text).strip() else {}
        if message:
            heard.append(message)
        if message.get("type") in answers:
            socket.send(json.dumps(answers[message["type"]]))

    socket.on_message(answer)


async def same_verbs_with_twilio(place: Town, browser: Browser) -> None:
    """The SDK itself starts from our files, under our policy, and registers; its calls are a stand-in's."""
    context = await signed_in(browser, place.op, place.web_url, "agent", agent="Rita Campos")
    seen = await visit(context, place.web_url)
    page = seen.page
    heard: list[dict[str, Any]] = []
    asked: list[str] = []

    def answers(socket: WebSocketRoute) -> None:
        asked.append(socket.url)
        signalling(socket, heard)

    await page.route_web_socket(re.compile("^wss:"), answers)
    await page.route(re.compile("^https:"), lambda route: route.fulfill(headers={"access-control-allow-origin": "*"}))
    await seen.open("/desk")
    assert await page.evaluate("typeof Twilio") == "undefined"
    await page.get_by_role("button", name="Connect my headset").click()
    await says(page, "Headset connected")
    assert asked
    assert all(url.startswith("wss://voice-js.roaming.twilio.com/") for url in asked)
    assert identity_of(heard[0]["payload"]["token"], place.exchange.config) == "rita"

    await page.route("**" + SDK, lambda route: route.fulfill(content_type="text/javascript", body=STAND_IN))
    await seen.open("/desk")  # what was connected connects again
    await says(page, "Headset connected")
    await page.evaluate(A_CALL)
    await says(page, "Your line stands")
    assert await page.locator("#phone-them").evaluate("one => one.value") > 0.5
    await page.keyboard.press("Shift+M")
    assert await page.evaluate("made.muted") is True
    await page.evaluate("made.call.told.reconnecting()")
    await says(page, "lost the network")
    await page.evaluate("made.call.told.reconnected()")
    await says(page, "nobody hears you")
    await page.get_by_role("button", name="Hang up my line").click()
    await says(page, "Headset connected")
    assert not seen.errors
    await page.get_by_role("button", name="Disconnect").click()
    assert await page.evaluate("made.destroyed") is True
    await context.close()


STAND_IN = """globalThis.Twilio = { Device: class {
  constructor(token) { this.told = {}; globalThis.made = { device: this, token }; }
  on(name, act) { this.told[name] = act; }
  async register() { this.told.registered(); }
  destroy() { globalThis.made.destroyed = true; }
} };"""
A_CALL = """() => {
  const call = { told: {}, on(name, act) { this.told[name] = act; }, accept() { this.told.accept(); },
    mute(on) { globalThis.made.muted = on; }, disconnect() { this.told.disconnect(); } };
  globalThis.made.call = call;
  globalThis.made.device.told.incoming(call);
  call.told.volume(0.5, 0.25);
}"""


@pytest.mark.timeout(300)
async def test_an_agent_talks_through_the_page(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "GRACE_SECONDS", 60.0)
    for pause in ("PAUSE_SECONDS", "SILENCE_SECONDS"):
        monkeypatch.setattr(turns, pause, 600.0)  # the debtor opens, and waits for the test
    key = {"api_key_sid": "SK" + "1" * 32, "api_key_secret": "k" * 32}
    ours = {f"twilio_{name}": value for name, value in key.items()}
    async with town(sqlite_url, tmp_path, carrier=dict(key), **ours) as place, chromium(*MICROPHONE) as browser:
        await place.add_person("agent_seeker")
        await agent_with_a_browser(place, "Rita Campos")
        await talks_and_hangs_up(place, browser)
        place.op.settings.twilio_api_root = "https://api.twilio.com"
        await same_verbs_with_twilio(place, browser)
