"""Pages in their frame: navigation, the viewer's language, headers. A fragment is the same without the frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.guard import CHANGES, EVERYBODY, LOOKS, ROLE_NAMES, Visitor
from console.pages import HEADERS, clock

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation."""

    path: str
    name: str
    roles: tuple[str, ...]


PLACES = (
    Place("/", "Today", LOOKS),
    Place("/campaigns", "Campaigns", LOOKS),
    Place("/lists", "Lists", LOOKS),
    Place("/people", "People", LOOKS),
    Place("/flows", "Flows", LOOKS),
    Place("/agents", "Agents", LOOKS),
    Place("/numbers", "Numbers", LOOKS),
    Place("/rules", "Rules", LOOKS),
    Place("/audit", "Audit", ("administrator", "auditor")),
    Place("/settings", "Settings", CHANGES),
    Place("/desk", "Desk", EVERYBODY),
)


def page(request: Request, template: str, visitor: Visitor, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the frame. In the template: `say`, `visitor`, `here` (the path) and the values."""
    html = (
        templates()
        .get_template(template)
        .render(
            say=visitor.say,
            visitor=visitor,
            here=request.url.path,
            places=[one for one in PLACES if visitor.role in one.roles],
            **values,
        )
    )
    return HTMLResponse(html, status_code=status, headers=HEADERS)


def part(template: str, visitor: Visitor, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A fragment for htmx to put into a page."""
    return HTMLResponse(rendered(template, visitor, **values), status_code=status, headers=HEADERS)


def rendered(template: str, visitor: Visitor, **values: Any) -> str:
    """The text of a fragment, as server-sent events carry it."""
    return templates().get_template(template).render(say=visitor.say, visitor=visitor, **values)


@cache
def templates() -> Environment:
    """All templates of the console; they escape everything."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"clock": clock, "role_names": ROLE_NAMES}
    return made
