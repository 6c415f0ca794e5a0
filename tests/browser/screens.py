"""`make screens`: pictures of the console with a town's people in it, for the README and for whoever judges it.

Light and dark, desktop and phone; written to docs/screens, the same names every time.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from dialer.store.models import Agent
from tests.browser.chromium import chromium
from tests.browser.visit import signed_in
from tests.journeys.sqlite_here import without_threads
from tests.journeys.town import Town, town

OUT = Path(__file__).parents[2] / "docs" / "screens"
CAST = (
    "promiser", "busy", "machine_with_beep", "opts_out", "agent_seeker", "disputer", "payer", "already_paid",
    "no_answer", "wrong_number", "silent", "callback_at_hour", "hangs_up_mid_sentence",
)  # fmt: skip
SCREENS = {
    "today": "/", "campaigns": "/campaigns", "new-campaign": "/campaigns/new", "campaign": "/campaigns/1",
    "live": "/campaigns/1/live", "results": "/campaigns/1/results", "lists": "/lists", "person": "/people/1",
    "flow": "/flows/lembrete", "rules": "/rules", "numbers": "/numbers", "agents": "/agents", "audit": "/audit",
}  # fmt: skip
# language, window, dark; the other two show some screens only
LOOKS = {"": ("en-US", "desk", False), "-dark": ("pt-BR", "desk", True), "-phone": ("fr-FR", "phone", True)}
SHOWN_IN_ALL = ("today", "live", "person", "flow")


async def main() -> int:
    """Live a while in the town, and take the pictures."""
    OUT.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="toque-screens-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            without_threads(patch)
            async with town(f"sqlite+aiosqlite:///{home}/toque.sqlite3", home) as place, chromium() as browser:
                await _live_in(place)
                for suffix, look in LOOKS.items():
                    await _pictures(browser, place, suffix, look)
                await _desk(browser, place)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}")
    return 0


async def _live_in(place: Town) -> None:
    """Some have been called, some are being called, some are to come."""
    for persona in (*CAST, *CAST):
        await place.add_person(persona, overrides={"answers_after": 4.0})
    for name in ("Rita Campos", "Bruno Leal"):
        await place.add_agent(name)
    await place.agents_ready()
    await place.start(name="March reminders", detect="beep", ratio=4)
    await place.run_for(60)


async def _pictures(browser: Browser, place: Town, suffix: str, look: tuple[str, str, bool]) -> None:
    language, size, dark = look
    context = await signed_in(
        browser, place.op, place.web_url, "administrator", language=language, size=size, dark=dark
    )
    page = await context.new_page()
    for name, path in SCREENS.items():
        if suffix and name not in SHOWN_IN_ALL:
            continue
        answer = await page.goto(place.web_url + path, wait_until="load")
        if answer is not None and answer.ok:
            await _picture(page, f"{name}{suffix}")
    await context.close()


async def _desk(browser: Browser, place: Town) -> None:
    """The desk of an agent with a caller, if there is one by now."""
    (agent, *_) = sorted(await place.all(Agent), key=lambda one: one.status != "in_call")
    context = await signed_in(browser, place.op, place.web_url, "agent", agent=agent.name, language="pt-BR")
    page = await context.new_page()
    await page.goto(f"{place.web_url}/desk", wait_until="load")
    await _picture(page, "desk")
    await context.close()


async def _picture(page: Page, name: str) -> None:
    await page.wait_for_timeout(400)
    await page.screenshot(path=OUT / f"{name}.png", full_page=False)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
