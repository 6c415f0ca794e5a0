"""The network is lost and comes back: the screens say so, heal by themselves, and nothing that was typed is lost."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import BrowserContext, Page, expect

from dialer.attending import drafting
from tests.browser.chromium import chromium
from tests.browser.test_agent import caller_on_the_screen
from tests.browser.visit import signed_in
from tests.browser.wire import wire_to
from tests.journeys.town import Town, town

SILENCE_MS = 7_000  # more than three beats of the server


async def opened(context: BrowserContext, address: str) -> Page:
    """A page whose clock can be put forward, so that nobody sits through a silence."""
    page = await context.new_page()
    await page.clock.install()
    await page.goto(address)
    return page


async def the_caller_goes(place: Town) -> None:
    async def over() -> bool:
        return not place.talking()

    await place.run_until(over)


async def test_the_live_page_and_the_desk_come_back_by_themselves(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place, wire_to(place.web_url) as wire, chromium() as browser:
        await place.add_person("agent_seeker")
        await place.add_agent("Rita Campos")
        await place.agents_ready()
        agent = await signed_in(browser, place.op, wire.root, "agent", agent="Rita Campos")
        manager = await signed_in(browser, place.op, wire.root, "manager", language="pt-BR")
        desk = await opened(agent, f"{wire.root}/desk")
        await place.start(pacing="progressive")
        attempt = await caller_on_the_screen(place, desk, "Pessoa Teste 100")
        live = await opened(manager, f"{wire.root}/campaigns/1/live")
        await expect(live.locator("#calls")).to_contain_text("Fala com atendente")
        await desk.keyboard.press("n")
        note = desk.locator("#sheet textarea")
        await note.fill("Asks for the bill")
        await expect(desk.locator("#saving")).to_have_text("Draft saved")

        await wire.cut()
        await note.fill("Asks for the bill by e-mail")
        await expect(desk.locator("#link")).to_contain_text("Connection lost")
        await expect(desk.locator("#saving")).to_contain_text("Not saved")
        await the_caller_goes(place)
        await live.clock.fast_forward(SILENCE_MS)
        await expect(live.locator("#link")).to_contain_text("Sem conexão")
        await expect(live.locator("#calls")).to_contain_text("Fala com atendente")

        await wire.mend()
        await expect(live.locator("#link")).to_have_text("")
        await expect(live.locator("#calls")).not_to_contain_text("Fala com atendente")
        await expect(desk.locator("#link")).to_have_text("Live")
        await expect(desk.locator('[data-act="done"]')).to_be_enabled()
        await expect(desk.locator("#saving")).to_have_text("Draft saved")
        await expect(note).to_have_value("Asks for the bill by e-mail")
        await note.press("Control+Enter")
        await expect(desk.locator("#sheet")).to_be_hidden()
        async with place.op.database.read() as session:
            kept = await drafting.notes_of(session, place.op, attempt.person_id or 0)
        assert [text for _, text in kept] == ["Asks for the bill by e-mail"]
