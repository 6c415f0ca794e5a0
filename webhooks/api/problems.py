"""Refusals as problem JSON: what happened, to what, what to do. Faults of ours stay faults (500)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.requests import Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from dialer.errors import BadInput, NotFound, ToqueError

MEDIA_TYPE = "application/problem+json"
KINDS = (  # first fit counts: the tree of dialer.errors from its leaves up
    (NotFound, 404, "Not found", "Look up the name or number and try again."),
    (BadInput, 400, "The request cannot be used", "Correct the value and send the request again."),
    (ToqueError, 409, "Not possible now", "Look at the present state and try again."),
)


class Problem(BaseModel):
    """The body of every answer that is a refusal."""

    title: str = Field(description="the kind of refusal, the same for all of its kind")
    detail: str = Field(description="what happened, to what")
    todo: str = Field(description="what to do about it")


class Refusal(Exception):
    """A refusal that belongs to HTTP itself: who asks, and whether they may."""

    def __init__(self, status: int, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem.detail)
        self.status = status
        self.problem = problem
        self.headers = headers


class ProblemRoute(APIRoute):
    """A route whose refusals become problem JSON, and whose answers no cache keeps (they may name people)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's hook around one endpoint, its dependencies included."""
        endpoint = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                answer = await endpoint(request)
            except Refusal as refusal:
                answer = _answer(refusal.status, refusal.problem, refusal.headers)
            except RequestValidationError as fault:
                answer = _answer(400, _misread(fault))
            except ToqueError as error:
                answer = _answer(*_told(error))
            answer.headers["Cache-Control"] = "no-store"
            return answer

        return guarded


def _told(error: ToqueError) -> tuple[int, Problem]:
    """A message of the dialer says what to do after its first full stop or colon."""
    status, title, todo = next(kind[1:] for kind in KINDS if isinstance(error, kind[0]))
    for mark in (". ", ": "):
        detail, found, advice = str(error).partition(mark)
        if found:
            return status, Problem(title=title, detail=detail, todo=advice[:1].upper() + advice[1:])
    return status, Problem(title=title, detail=str(error), todo=todo)


def _misread(fault: RequestValidationError) -> Problem:
    """Names the fields, never their values: they may be personal."""
    fields = sorted({".".join(str(step) for step in one["loc"]) + f" ({one['msg']})" for one in fault.errors()})
    return Problem(
        title="The request cannot be used",
        detail="; ".join(fields),
        todo="Correct these fields; /docs describes each of them.",
    )


def _answer(status: int, problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(problem.model_dump(), status_code=status, headers=headers, media_type=MEDIA_TYPE)
