"""A real Chromium: the one of this machine, of TOQUE_TEST_BROWSER, or one that is installed now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--no-proxy-server",
    "--disable-dev-shm-usage", "--font-render-hinting=none",
)  # fmt: skip
PATIENCE_MS = 30_000  # a machine may be busy with other things: a page is waited for, and no time is a claim
expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """A browser for one test, with `more` switches; it opens nothing by itself."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=[*QUIET, *more])
        try:
            yield browser
        finally:
            await browser.close()


@cache
def executable() -> str:
    """Where it is; installs Debian's, or Playwright's own, where there is none yet."""
    given = os.environ.get("TOQUE_TEST_BROWSER")
    if given:
        return given
    return _found() or _installed()


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _installed() -> str:
    if shutil.which("apt-get") and os.geteuid() == 0:
        for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *command], check=True, capture_output=True, timeout=600)
        if found := _found():
            return found
    folder = Path.home() / ".cache" / "ms-playwright"
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    done = subprocess.run(install, check=False, capture_output=True, text=True, timeout=600)
    found = next((str(path) for path in sorted(folder.glob("chromium-*/chrome-linux*/chrome"))), None)
    assert found, f"no Chromium: install one (apt-get install chromium) or set TOQUE_TEST_BROWSER\n{done.stderr}"
    return found


if __name__ == "__main__":
    executable()  # before the tests run side by side: one installation at a time
