"""What a visitor's browser does with our pages, and what must hold for every page that it opens."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.async_api import Browser, BrowserContext, Page, Response

from console.guard import COOKIE
from dialer.operation import Operation
from dialer.store import campaigns, users
from dialer.store.models import Tenant, User

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
SIZES = {"desk": (1366, 768), "phone": (390, 844)}
HEAVIEST = 300_000  # bytes of one page with all that it loads
SERIOUS = ("serious", "critical")
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_BLOCKED = """document.addEventListener('securitypolicyviolation', (event) => console.error(
  'blocked', event.violatedDirective, event.sourceFile, event.lineNumber, event.target?.outerHTML?.slice(0, 80)))"""
# Without rules named: by all by which axe goes by itself, but those whose findings are never grave.
_AXE = """async (rules) => {
  const own = (one) => one.enabled && !one.tags.some(tag => tag === 'experimental' || tag === 'deprecated');
  const grave = (one) => own(one) && one.impact !== 'minor' && one.impact !== 'moderate';
  const runOnly = rules.length ? rules : axe._audit.rules.filter(grave).map(one => one.id);
  const seen = await axe.run(document, {resultTypes: ['violations'], runOnly, preload: false, iframes: false});
  return JSON.stringify(seen.violations
    .map(one => [one.impact, one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]));
}"""


@dataclass(slots=True)
class Visit:
    """A page of a browser, with everything that went wrong in it."""

    page: Page
    root: str
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    bytes: int = 0

    async def open(self, path: str) -> int:
        """Go there; the status of the answer."""
        self.bytes = 0
        answer = await self.page.goto(self.root + path, wait_until="load")
        assert answer is not None
        return answer.status

    async def turn(self, size: str, *, dark: bool) -> None:
        """The open page in a window of another size, or by another light: the browser only lays it out anew."""
        width, height = SIZES[size]
        await self.page.set_viewport_size({"width": width, "height": height})
        await self.page.emulate_media(color_scheme="dark" if dark else "light")

    async def faults(self, *, axe: bool = True, rules: tuple[str, ...] = ()) -> list[str]:
        """What is not as it must be with the page that is open now; axe looks by these rules (none named: by all)."""
        found = [f"error: {one}" for one in self.errors] + [f"asks {one}" for one in self.elsewhere]
        over = await self.page.evaluate(_OVERFLOW)
        found += [f"{over} px wider than the window"] if over > 0 else []
        found += [f"weighs {self.bytes} bytes"] if self.bytes > HEAVIEST else []
        if axe:
            if not await self.page.evaluate("'axe' in window"):
                await self.page.evaluate(AXE.read_text("utf-8"))
            seen = json.loads(await self.page.evaluate(_AXE, list(rules)))
            found += [f"axe {impact}: {rule} {where}" for impact, rule, where in seen if impact in SERIOUS]
        self.errors.clear()
        return found


async def visit(context: BrowserContext, root: str, *, axe: bool = False) -> Visit:
    """A page that notes what it asks for and what fails in it; with axe in every page, if it is to look at many."""
    made = Visit(await context.new_page(), root)
    if axe:
        await made.page.add_init_script(path=AXE)
    made.page.on("pageerror", lambda fault: made.errors.append(str(fault)))
    made.page.on("console", lambda told: made.errors.append(f"{told.type}: {told.text}"))
    await made.page.add_init_script(_BLOCKED)

    def asked(answer: Response) -> None:
        if urlsplit(answer.url).netloc not in ("", urlsplit(root).netloc):
            made.elsewhere.append(answer.url)
        made.bytes += int(answer.headers.get("content-length", 0))

    made.page.on("response", asked)
    return made


async def signed_in(
    browser: Browser, op: Operation, root: str, role: str, *,
    language: str = "en-US", size: str = "desk", dark: bool = False, agent: str | None = None, company: str = "",
) -> BrowserContext:  # fmt: skip
    """A window of the browser in which a new user of this role is signed in, of our company or another new one."""
    now = datetime.now(UTC)
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        if company:
            session.add(tenant := Tenant(key=company, name=company))
            await session.flush()
        user = User(
            tenant_id=tenant.id, email=f"{role}.{now.timestamp()}@toque.example", name="Marina Prado", role=role,
            password="", agent=agent, language=language, created_at=now,
        )  # fmt: skip
        session.add(user)
        await session.flush()
        cookie = await users.open_browser(session, user.id, now)
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", locale=language
    )
    await context.add_cookies([{"name": COOKIE, "value": cookie, "url": root}])
    return context
