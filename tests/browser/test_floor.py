"""The floor in a real browser: a press from the keyboard rings, the page follows by itself, and the focus stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from dialer.store.models import Reservation, Supervision
from local_carrier.lines.people import read_person
from tests.browser.chromium import chromium
from tests.browser.visit import signed_in, visit
from tests.journeys.town import Town, town

LINE = "+12125550901"


async def talking(place: Town) -> None:
    phone = {"address": LINE, "persona": "agent", "language": "en-US"}
    place.people.add(read_person(phone))
    await place.add_person("agent_seeker", overrides={"talks_seconds": 900.0})
    await place.add_agent()
    await place.agents_ready()
    await place.start(ratio=20)

    async def together() -> bool:
        return any(one.status == "connected" for one in await place.all(Reservation))

    await place.run_until(together)


@pytest.mark.soak
@pytest.mark.timeout(120)
async def test_a_supervisor_listens_speaks_and_leaves_with_the_keyboard(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place, chromium() as browser:
        await talking(place)
        context = await signed_in(browser, place.op, place.web_url, "supervisor")
        seen = await visit(context, place.web_url)
        page = seen.page
        await seen.open("/desk/floor")
        await page.fill("input[name=via]", f"tel:{LINE}")
        await page.keyboard.press("Enter")
        assert await place.all(Supervision) == [], "Enter in the field chooses nobody"
        await page.focus("#listen-1")
        await page.keyboard.press("Enter")
        await expect(page.locator(".own")).to_contain_text("Your line rings.")

        async def joined() -> bool:
            return (await place.all(Supervision))[-1].status == "joined"

        await place.run_until(joined, hours=0.1)
        await expect(page.locator(".own")).to_contain_text("Nobody hears you.")
        assert await page.evaluate("document.activeElement.id") == "listen-1"
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await expect(page.locator("#whisper-1")).to_have_attribute("aria-pressed", "true")
        assert await seen.faults() == []
        await page.click("#leave")
        await expect(page.locator(".own")).to_have_count(0)
        assert [(one.why, one.mode) for one in await place.all(Supervision)] == [("left", "whisper")]
        await context.close()
