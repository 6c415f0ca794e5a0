"""Going through a page by keyboard alone, as somebody does who has no mouse."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, Page

MOST_STOPS = 90  # of one page
_STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
  const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  const name = (at.getAttribute('aria-label') || at.innerText || at.name || at.id || at.tagName).trim().slice(0, 40);
  return {name, ring, inside, dialog: !!at.closest('dialog')};
}"""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the focus came to rest: `ring` says that one sees it, `inside` that it is in the window."""

    name: str
    ring: bool
    inside: bool
    dialog: bool


async def stop(page: Page) -> Stop | None:
    """The focus as it is; None when it is nowhere on the page."""
    found = await page.evaluate(_STOP)
    return Stop(**found) if found else None


async def tab_to(page: Page, target: Locator) -> list[Stop]:
    """Tab until the target has the focus; every stop on the way. AssertionError when it is not reached."""
    stops: list[Stop] = []
    for _ in range(MOST_STOPS):
        if await target.evaluate("(one) => one === document.activeElement"):
            return stops
        await page.keyboard.press("Tab")
        if found := await stop(page):
            stops.append(found)
    raise AssertionError(f"{target} is not reached by Tab: {[one.name for one in stops]}")


def unseen(stops: list[Stop]) -> list[str]:
    """Stops at which nobody sees where the focus is."""
    return [one.name for one in stops if not (one.ring and one.inside)]
