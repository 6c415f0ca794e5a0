"""A manager, from the first visit to a finished campaign, in a real browser and a town with simulated people."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from dialer.store.models import Attempt, Interaction
from local_carrier.lines.people import read_person
from tests.browser.chromium import chromium
from tests.browser.keys import Stop, stop, tab_to, unseen
from tests.browser.visit import visit
from tests.journeys.town import Town, town

LIST = """chave;nome;cpf;telefone;contrato;valor;vencimento
1;Ana Lima;529.982.247-25;(11) 99999-0101;C-1;1.234,56;10/02/2026
2;Bia Souza;111.444.777-35;(11) 99999-0102;C-2;99,90;11/02/2026
3;Caio Reis;;telefone;C-3;10,00;12/02/2026
"""


def people_at_their_phones(place: Town) -> None:
    for number, persona in (("+5511999990101", "promiser"), ("+5511999990102", "opts_out")):
        known = {"document_last3": "725" if number.endswith("1") else "735", "birth_year": "1980"}
        person = {"address": number, "persona": persona, "language": "pt-BR", "knows": known, "overrides": {}}
        place.people.add(read_person(person))


async def first_visit(page: Page, root: str) -> None:
    await page.goto(root)
    await page.get_by_label("Your name").fill("Marina Prado")
    await page.get_by_label("E-mail").fill("marina@toque.example")
    await page.get_by_label("Password").fill("a long enough password")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("heading", name="Today")).to_be_visible()


async def load_the_list(page: Page, root: str, file: Path) -> None:
    await page.goto(f"{root}/lists/new")
    await page.get_by_label("The file").set_input_files(file)
    await page.get_by_label("The new creditor's name").fill("Loja Aurora")
    await page.get_by_label("Name of the list").fill("March")
    await page.get_by_label("Country of rows that name none").select_option("BR")
    await page.get_by_role("button", name="See its columns").click()
    await page.get_by_role("button", name=re.compile("Load")).click()


async def make_and_start(page: Page, root: str) -> None:
    """By keyboard alone, and one sees at every stop where the focus is."""
    stops: list[Stop] = []

    async def press(target: Locator) -> None:
        stops.extend(await tab_to(page, target))
        await page.keyboard.press("Enter")

    await page.goto(f"{root}/campaigns")
    await press(page.get_by_role("link", name="New campaign").first)
    await expect(page.get_by_role("heading", name="New campaign")).to_be_visible()
    stops += await tab_to(page, page.get_by_label("Name of the campaign"))
    await page.keyboard.type("Reminders")
    stops += await tab_to(page, page.locator("select[name=list_id]"))
    await page.keyboard.press("ArrowDown")
    await press(page.get_by_role("button", name="Save and go on to the check"))
    await press(page.get_by_role("button", name="Check", exact=True))
    start = page.get_by_role("link", name="Start", exact=True).first
    stops += await tab_to(page, start)
    await keys_are_shown_and_put_away(page, start)
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_contain_text("2 people will be called")
    await press(page.locator("main form button"))
    await expect(page.locator("main")).to_contain_text(re.compile("Running|running"))
    assert len(stops) > 20
    assert not unseen(stops)


async def keys_are_shown_and_put_away(page: Page, before: Locator) -> None:
    """The dialog of keys takes the focus, keeps it while it is open, and gives it back."""
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    for _ in range(4):
        await page.keyboard.press("Tab")
        at = await stop(page)
        assert at is None or at.dialog, f"the focus went behind the dialog, to {at}"
    await page.keyboard.press("Escape")
    await expect(page.locator("#keys")).to_be_hidden()
    await expect(before).to_be_focused()


async def test_from_the_first_visit_to_a_finished_campaign(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "march.csv"
    file.write_text(LIST, "latin-1")
    async with town(sqlite_url, tmp_path) as place, chromium() as browser:
        people_at_their_phones(place)
        context = await browser.new_context(locale="en-US")
        seen = await visit(context, place.web_url)
        page = seen.page
        await first_visit(page, place.web_url)
        await load_the_list(page, place.web_url, file)
        await expect(page.locator("main")).to_contain_text(re.compile("telefone"))
        await make_and_start(page, place.web_url)
        await page.goto(f"{place.web_url}/campaigns/1/live")
        await place.finish_calls(calls=2)
        await expect(page.locator("main")).to_contain_text("Promised")
        assert sorted(one.disposition for one in await place.all(Attempt)) == ["opted_out", "promised"]
        await place.run_for(120)
        await page.goto(f"{place.web_url}/campaigns/1/results")
        await expect(page.locator("main")).to_contain_text("Reminders")
        await seen.open("/campaigns/1")
        await expect(page.locator("main")).to_contain_text("Finished")
        acted = {(one.kind, one.actor) for one in await place.all(Interaction)}
        assert {"campaign_created", "campaign_start"} <= {kind for kind, actor in acted if actor == "user 1"}, acted
        assert not await seen.faults(axe=False)
