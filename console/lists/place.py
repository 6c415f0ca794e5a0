"""What all pages of the place work with: the operation, what is under way, and what the visitor may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.frame import page
from console.guard import Guard, Visitor
from console.lists import words
from console.pages import HEADERS
from dialer.operation import Operation
from dialer.store.list_files import Sight
from dialer.store.models import ListFile
from dialer.uploads.running import Jobs

AHEAD = timedelta(hours=14)  # somewhere it is tomorrow already


@dataclass(frozen=True, slots=True)
class Place:
    """The operation, the guard, and the loads of this process."""

    op: Operation
    guard: Guard
    jobs: Jobs

    def today(self) -> date:
        """The latest date that it is anywhere."""
        return (self.op.clock.now() + AHEAD).date()


def sight(visitor: Visitor) -> Sight:
    """Of which lists and files this visitor hears."""
    return Sight(visitor.tenant_id, visitor.creditors)


def now() -> datetime:
    """Real time: files come and go by it."""
    return datetime.now(UTC)


def show(request: Request, template: str, visitor: Visitor, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of the place; it has the words for codes too."""
    return page(request, f"lists/{template}.html", visitor, status=status, words=words, **values)


def go(request: Request, path: str) -> Response:
    """On to another page, for a browser with scripts or without."""
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={**HEADERS, "HX-Redirect": path})
    return RedirectResponse(path, status_code=303, headers=HEADERS)


def file_page(file: ListFile) -> str:
    """Where a file is shown."""
    return f"/lists/files/{file.id}"
