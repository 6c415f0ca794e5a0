"""Every page of the console in a real browser: nothing fails in it, asks elsewhere, overflows or shuts people out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from fastapi.responses import FileResponse, Response
from playwright.async_api import Browser

from console.frame import PLACES
from console.router import FOR_EVER
from dialer.campaigns import campaigning
from tests.browser.chromium import chromium
from tests.browser.visit import SIZES, signed_in, visit
from tests.dialer.flows.own_flow import FIRST, saved, saying
from tests.journeys.town import Town, town

CAST = ("promiser", "busy", "machine_with_beep", "opts_out", "agent_seeker", "disputer")
# What the navigation does not name; `1` is the first of its kind in the town.
INNER = (
    "/me", "/settings/users", "/settings/tokens", "/campaigns/new", "/campaigns/1", "/campaigns/1/live",
    "/campaigns/1/results", "/campaigns/2", "/campaigns/2/edit", "/lists/new", "/lists/1", "/people/1",
    "/flows/lembrete", "/flows/new", "/flows/own/natal/text", "/flows/own/natal/versions",
    "/flows/own/natal/diff", "/rules/do-not-call", "/desk/floor",
)  # fmt: skip
ADDRESSES = (
    "/campaigns/1", "/campaigns/1/live", "/campaigns/1/live/events", "/campaigns/1/results", "/campaigns/2/edit",
    "/lists/1", "/people/1", "/flows/own/natal", "/flows/own/natal/versions",
)  # fmt: skip
OURS = ("Novembro", "A draft like it", "Rita Campos")
Rules = tuple[str, ...] | None  # by which axe looks (none named: by all); None: it does not look
Look = tuple[str, bool, Rules]  # size, dark
# Each page is loaded once in a language, and then only turned. The colours are the same in every language, and all
# but the colours is the same in the dark.
LOOKS: dict[str, tuple[Look, ...]] = {
    "en-US": (("desk", False, ()), ("phone", True, ("color-contrast",))),
    "pt-BR": (("phone", True, None),),
    "fr-FR": (("phone", False, None),),
}


async def lived_in(place: Town) -> None:
    for persona in CAST:
        await place.add_person(persona)
    await place.add_agent("Rita Campos")
    await place.agents_ready()
    await place.start(name="Novembro", detect="beep", ratio=20)
    await place.finish_calls(calls=len(CAST))
    await campaigning.clone(place.op, "Novembro", "A draft like it")
    await saved(place.op, FIRST)
    await saved(place.op, saying("Temos um recado."), base=1)


async def faults_of(browser: Browser, place: Town, language: str, looks: Sequence[Look]) -> list[str]:
    (size, dark, _), *others = looks
    context = await signed_in(
        browser, place.op, place.web_url, "administrator", language=language, size=size, dark=dark
    )
    seen = await visit(context, place.web_url, axe=any(rules is not None for *_, rules in looks))
    found = []
    for path in [one.path for one in PLACES] + list(INNER):
        status = await seen.open(path)
        found += [f"{path}: {status}"] if status != 200 else []
        for size, dark, rules in looks:
            if others:
                await seen.turn(size, dark=dark)
            faults = await seen.faults(axe=rules is not None, rules=rules or ())
            found += [f"{path} ({language}, {size}, {'dark' if dark else 'light'}): {one}" for one in faults]
    await context.close()
    return found


async def shown_to_others(browser: Browser, place: Town) -> list[str]:
    """What an administrator of another company gets to see of this town that they must not."""
    ours = await signed_in(browser, place.op, place.web_url, "administrator")
    others = await signed_in(browser, place.op, place.web_url, "administrator", company="elsewhere")
    own, found = "", []
    for path in (one.path for one in PLACES):
        own += await (await ours.request.get(place.web_url + path)).text()
        answer = await others.request.get(place.web_url + path)
        told = await answer.text()
        found += [f"{path}: {answer.status}"] if answer.status != 200 else []
        found += [f"{path} shows {one}" for one in OURS if one in told]
    assert all(one in own for one in OURS), "our own pages show them"
    for path in ADDRESSES:
        answer = await others.request.get(place.web_url + path)
        found += [f"{path}: {answer.status}"] if answer.status != 404 else []
    await ours.close()
    await others.close()
    return found


@pytest.fixture
def _kept_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser need not ask anew with each page whether our style sheets and scripts are still the same."""

    def kept(path: Path, *, headers: dict[str, str], **values: Any) -> Response:
        return FileResponse(path, headers={"Cache-Control": FOR_EVER}, **values)

    monkeypatch.setattr("console.router.FileResponse", kept)


@pytest.mark.usefixtures("_kept_files")
@pytest.mark.timeout(900)
async def test_every_page_is_whole_for_its_company_in_every_language_and_size_and_empty_for_another(
    sqlite_url: str, tmp_path: Path
) -> None:
    assert {size for looks in LOOKS.values() for size, _, _ in looks} == set(SIZES)
    async with town(sqlite_url, tmp_path) as place, chromium() as browser:
        await lived_in(place)
        faults = [one for language in LOOKS for one in await faults_of(browser, place, language, LOOKS[language])]
        assert not faults, "\n".join(faults)
        assert not await shown_to_others(browser, place)


@pytest.mark.soak
@pytest.mark.usefixtures("_kept_files")
@pytest.mark.timeout(1200)
async def test_every_page_in_every_way(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place, chromium() as browser:
        await lived_in(place)
        every: list[Look] = [(size, dark, ()) for size, dark in product(SIZES, (False, True))]
        faults = [one for language in LOOKS for one in await faults_of(browser, place, language, every)]
        assert not faults, "\n".join(faults)
