"""`make screens`: pictures of the console with an invented company at work, for the README and for whoever judges it.

Light and dark, desktop and phone; written to docs/screens, the same names every time.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page

from tests.browser.chromium import chromium
from tests.browser.scene import Scene, scene
from tests.browser.visit import signed_in

OUT = Path(__file__).parents[2] / "docs" / "screens"
COLOURS = 256  # of a picture: pages have few, and the repository is carried by everybody
# language, window, dark; the other two show some screens only
LOOKS = {"": ("en-US", "desk", False), "-dark": ("pt-BR", "desk", True), "-phone": ("pt-BR", "phone", False)}
SHOWN_IN_ALL = ("today", "live", "results", "person", "flow", "floor")


async def main() -> int:
    """Live a while in the town, and take the pictures."""
    OUT.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="toque-screens-"))
    try:
        async with scene(home) as found, chromium() as browser:
            for suffix, look in LOOKS.items():
                await _pictures(browser, found, suffix, look)
            for name, agent in found.desks.items():
                await _desk(browser, found, name, agent)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}")
    return 0


async def _pictures(browser: Browser, found: Scene, suffix: str, look: tuple[str, str, bool]) -> None:
    language, size, dark = look
    place = found.place
    context = await signed_in(
        browser, place.op, place.web_url, "administrator", language=language, size=size, dark=dark
    )
    page = await context.new_page()
    for name, path in found.addresses.items():
        if not suffix or name in SHOWN_IN_ALL:
            answer = await page.goto(place.web_url + path, wait_until="load")
            assert answer is not None, path
            assert answer.ok, f"{path}: {answer.status}"
            await _picture(page, f"{name}{suffix}")
    await context.close()


async def _desk(browser: Browser, found: Scene, name: str, agent: str) -> None:
    """The desk of an agent, in Portuguese: in a call, or waiting for one."""
    place = found.place
    context = await signed_in(browser, place.op, place.web_url, "agent", agent=agent, language="pt-BR")
    page = await context.new_page()
    await page.goto(f"{place.web_url}/desk", wait_until="load")
    await _picture(page, name)
    await context.close()


async def _picture(page: Page, name: str) -> None:
    if name == "new-campaign":
        await page.locator("#forecast .lead").wait_for()
    await page.wait_for_timeout(400)
    file = OUT / f"{name}.png"
    await page.screenshot(path=file, full_page=False)
    with Image.open(file) as taken:
        few = taken.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
