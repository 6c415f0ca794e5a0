"""Tasks for people: the work list, and what was found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from dialer.debts import holding
from dialer.operation import Operation
from webhooks.api.access import Access, Gatekeeper, must_manage, must_read
from webhooks.api.bodies import Body
from webhooks.api.problems import ProblemRoute


class TaskDebt(Body):
    """A debt that a task is about."""

    creditor: str
    contract: str
    instalment: str
    amount_minor: int
    currency: str
    due_on: date
    status: str


class TaskBody(Body):
    """A task of the work list."""

    id: int
    kind: str
    person: str = Field(description="the key of the person")
    status: Literal["open", "done", "dropped"]
    due_at: datetime
    overdue: bool
    escalated: bool = Field(description="it has stood longer than it may")
    created_at: datetime
    owner: str | None
    outcome: str | None
    answers: list[str] = Field(description="what may be answered")
    detail: dict[str, Any]
    debts: list[TaskDebt]


class TaskAnswer(Body):
    """What was found."""

    outcome: str = Field(max_length=30, description="one of the task's answers")


def task_routes(op: Operation, gatekeeper: Gatekeeper) -> APIRouter:
    """Everything under /tasks."""
    router = APIRouter(prefix="/tasks", tags=["tasks"], route_class=ProblemRoute)
    known = Depends(gatekeeper.known)

    @router.get("", response_model=list[TaskBody])
    async def tasks(
        status: Literal["open", "done", "dropped"] = "open", kind: str | None = None, access: Access = known
    ) -> Any:
        """The work list, what is due first first."""
        must_read(access)
        return await holding.listed(op, status=status, kind=kind)

    @router.post("/{task_id}/done", response_model=TaskBody)
    async def done(task_id: int, answer: TaskAnswer, access: Access = known) -> Any:
        """Close a task: the debts that waited for it are settled, or collected again."""
        must_manage(access)
        return await holding.answer(op, task_id, answer.outcome, actor=f"api:{access.name}")

    return router
