"""An agent takes three calls at the desk, by keyboard alone, in a real browser and a town with simulated people."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.async_api import Page, expect

from dialer.store.models import Attempt, Packet, Reservation
from dialer.store.models import Suppression as Bar
from tests.browser.chromium import chromium
from tests.browser.visit import signed_in, visit
from tests.journeys.town import Town, town


async def caller_on_the_screen(place: Town, page: Page, name: str) -> Attempt:
    """The next call reaches the agent; the card stood on the screen before the voice was heard."""
    heading = page.get_by_role("heading", name=name, level=1)

    async def talking() -> bool:
        return any(one.status == "connected" for one in await place.all(Reservation))

    await place.run_until(talking)
    await expect(heading).to_be_visible()
    (talk,) = [one for one in await place.all(Reservation) if one.status == "connected"]
    (packet,) = [one for one in await place.all(Packet) if one.attempt_id == talk.attempt_id]
    assert packet.created_at <= talk.connected_at
    await expect(page.locator("#script blockquote")).to_be_visible()
    (attempt,) = [one for one in await place.all(Attempt) if one.id == talk.attempt_id]
    return attempt


async def wrap_up(place: Town, page: Page) -> None:
    """The debtor hangs up; the agent ends the wrap-up with a key."""

    async def over() -> bool:
        return not place.talking()

    await place.run_until(over)
    await expect(page.locator('[data-act="done"]')).to_be_enabled()
    await page.keyboard.press("d")


async def begin_a_form_in_wrap_up(place: Town, page: Page) -> None:
    """The debtor hangs up, and the agent is ready again with half a form on the screen."""
    await page.keyboard.press("y")
    await page.locator("#sheet input[name=own_proposal]").fill("Half in January")

    async def over() -> bool:
        return not place.talking()

    await place.run_until(over)
    await page.locator('[data-act="done"]').click()


async def test_three_calls_by_keyboard(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place, chromium() as browser:
        for _ in range(3):
            await place.add_person("agent_seeker")
        await place.add_agent("Rita Campos")
        await place.agents_ready()
        context = await signed_in(browser, place.op, place.web_url, "agent", agent="Rita Campos")
        seen = await visit(context, place.web_url)
        page = seen.page
        await seen.open("/desk")
        await place.start(pacing="progressive")

        promised = await caller_on_the_screen(place, page, "Pessoa Teste 100")
        before = await page.locator("#script blockquote").inner_text()
        await page.keyboard.press("1")
        await expect(page.locator("#script blockquote")).not_to_have_text(before)
        await page.keyboard.press("m")
        day = (place.clock.now() + timedelta(days=2)).date().isoformat()
        await page.locator("#sheet input[name=promise_date]").fill(day)
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#sheet")).to_be_hidden()
        await wrap_up(place, page)

        stopped = await caller_on_the_screen(place, page, "Pessoa Teste 101")
        await page.keyboard.press("n")
        await page.locator("#sheet textarea").fill("Wants it in writing.")
        await page.reload()
        await expect(page.locator("#open-note")).to_contain_text("not sent")
        await page.keyboard.press("o")
        await expect(page.locator("#sheet").get_by_role("heading", name="Stop calling")).to_be_visible()
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#sheet")).to_be_hidden()
        await begin_a_form_in_wrap_up(place, page)

        disputed = await caller_on_the_screen(place, page, "Pessoa Teste 102")
        await expect(page.locator("#sheet")).to_be_hidden()  # the form about the caller before is out of the way
        await expect(page.locator("#toast")).to_contain_text("Not sent")
        await page.keyboard.press("l")
        await expect(page.locator("#sheet input[name=instalments]")).to_be_focused()
        await page.keyboard.type("2")
        await expect(page.locator("#reckoned li")).to_have_count(2)
        await page.keyboard.press("Tab")
        await page.keyboard.type(f"{place.clock.now():%m%d%Y}", delay=60)
        await page.wait_for_timeout(
            900
        )  # longer than a pause in typing: what is reckoned then leaves the fields alone
        await expect(page.locator("#sheet input[name=first_payment_on]")).to_be_focused()
        await expect(page.locator("#sheet input[name=first_payment_on]")).to_have_value(
            f"{place.clock.now():%Y-%m-%d}"
        )
        await page.keyboard.press("Escape")
        await expect(page.locator("#sheet")).to_be_hidden()
        await page.keyboard.press("x")
        await page.locator("#sheet select[name=dispute_reason]").select_option(index=1)
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#sheet")).to_be_hidden()
        await wrap_up(place, page)
        await page.locator(f"#unsent-{stopped.id}-why").click()
        await expect(page.locator("#sheet input[name=own_proposal]")).to_have_value("Half in January")
        await expect(page.locator("#sheet")).to_contain_text("Pessoa Teste 101")

        (promise,) = await place.promises()
        assert (promise.attempt_id, promise.due_on.isoformat()) == (promised.id, day)
        bars = {one.kind for one in await place.all(Bar) if one.person_id == stopped.person_id}
        assert "opt_out" in bars
        kept = {one.id: one.disposition for one in await place.all(Attempt)}
        assert (kept[promised.id], kept[disputed.id]) == ("promised", "disputed")
        assert not await seen.faults()
