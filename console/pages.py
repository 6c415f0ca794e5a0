"""Values to HTML: templates, and the headers that keep a page to itself. Escapes everything."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.deskwork.forms import actions, breaks
from console.snapshot import Desk
from console.wording import Words, amount, plain
from ivr_flows.scripts.catalogue import DISPOSITIONS, REASONS, TASKS

HERE = Path(__file__).parent


def permissions(*, microphone: bool = False) -> str:
    """What of the machine a page may use: nothing, or the microphone alone."""
    return f"camera=(), geolocation=(), microphone=({'self' if microphone else ''})"


HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": permissions(),
}
ASSETS = {
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "desk_work.js": "text/javascript; charset=utf-8",
    "desk_phone.js": "text/javascript; charset=utf-8",
    "desk_phone_worklet.js": "text/javascript; charset=utf-8",
    "desk_phone.css": "text/css; charset=utf-8",
    "desk_silence.wav": "audio/wav",
    "desk.svg": "image/svg+xml",
}


def page(template: str, words: Words, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page."""
    return HTMLResponse(render(template, words, **values), status_code=status, headers=HEADERS)


def render(template: str, words: Words, **values: Any) -> str:
    """A template of the desk with its values."""
    return _templates().get_template(template).render(say=words, **values)


def fragment(desk: Desk, words: Words, zone: str = "UTC", *, works: bool = True) -> str:
    """The living part of the desk. The same desk gives the same text: ages run in the browser.

    `works`: the viewer is the agent, and may keep what is said. `zone` is that of our own place.
    """
    return render(
        "desk_live.html", words, desk=desk, late=late, clock=clock, actions=actions(), zone=zone, works=works,
        breaks=breaks(),
    )  # fmt: skip


def asset(name: str) -> bytes | None:
    """A script or style sheet of ours; None for any other name."""
    return (HERE / "static" / name).read_bytes() if name in ASSETS else None


def late(due_on: str, now: datetime, words: Words) -> str:
    """How many days late, in words; nothing while the day is to come."""
    days = (now.date() - date.fromisoformat(due_on)).days
    if days < 0:
        return ""
    return words("today") if days == 0 else words("overdue_one") if days == 1 else words("overdue_many", days=days)


def clock(seconds: float) -> str:
    """Seconds as m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = {"outcomes": DISPOSITIONS, "reasons": REASONS, "tasks": TASKS}
    made.globals |= {"amount": amount, "plain": plain, **words}
    return made
