"""An agent talks through the page, in a real browser with a microphone that beeps: sound both ways, and words."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from dialer.store import campaigns
from dialer.store.models import Agent, Reservation
from local_carrier.lines.people import read_person
from tests.browser.chromium import chromium
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


async def line_stands(place: Town, page: Page) -> None:
    """The line rings, the page takes it, and the agent is ready."""
    device = place.exchange.clients.device("rita")

    async def rings() -> bool:
        return device.leg is not None

    await place.run_until(rings)
    await expect(page.locator("#phone-state")).to_contain_text("Your line stands")
    await place.agents_ready()


async def sound_and_words_arrive(page: Page) -> None:
    await expect(page.locator("#phone-caption")).to_contain_text("Debtor says: ")
    for meter in ("#phone-them", "#phone-you"):
        await expect(page.locator(meter)).not_to_have_js_property("value", 0, timeout=10_000)


@pytest.mark.timeout(180)
async def test_an_agent_talks_through_the_page_and_hangs_up(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place, chromium(*MICROPHONE) as browser:
        await place.add_person("agent_seeker")
        await agent_with_a_browser(place, "Rita Campos")
        context = await signed_in(browser, place.op, place.web_url, "agent", agent="Rita Campos")
        seen = await visit(context, place.web_url)
        page = seen.page
        await seen.open("/desk")
        await page.get_by_role("button", name="Connect my headset").click()
        await expect(page.locator("#phone-state")).to_contain_text("Headset connected")
        await page.keyboard.press("r")
        await line_stands(place, page)
        await place.start(pacing="progressive")

        async def talking() -> bool:
            return any(one.status == "connected" for one in await place.all(Reservation))

        await place.run_until(talking)
        await sound_and_words_arrive(page)
        assert not await seen.faults()

        heard = place.exchange.clients.device("rita").leg
        assert heard is not None
        await page.keyboard.press("Shift+M")
        await expect(page.locator("#phone-mute")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("#phone-state")).to_contain_text("nobody hears you")
        await expect(page.locator("#sheet")).to_be_hidden()
        await page.keyboard.press("Shift+M")

        await page.locator("#act-hang-up").click()

        async def over() -> bool:
            return not place.talking()

        await place.run_until(over)
        await expect(page.locator("#phone-state")).to_contain_text("Your line stands")
        await page.get_by_role("button", name="Hang up my line").click()
        await expect(page.locator("#phone-state")).to_contain_text("Headset connected")
        await expect(page.locator(".state")).to_have_text("Off duty")
        await context.close()
