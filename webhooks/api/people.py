"""People: the opt-out that comes by letter, by e-mail or to a live agent."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import suppressing
from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.store import agents
from dialer.store.models import Person
from webhooks.api.access import AGENT, Access, Gatekeeper, must_manage
from webhooks.api.bodies import OptOutBody, OptOutOrder
from webhooks.api.packets import attempt_with
from webhooks.api.problems import ProblemRoute


def people_routes(op: Operation, gatekeeper: Gatekeeper) -> APIRouter:
    """Everything under /people."""
    router = APIRouter(prefix="/people", tags=["people"], route_class=ProblemRoute)
    known = Depends(gatekeeper.known)

    @router.post("/{person_id}/opt-out", response_model=OptOutBody)
    async def opt_out(person_id: int, order: OptOutOrder, access: Access = known) -> Any:
        """No more calls, from now on: on record first, then what rings is cancelled and what talks ends politely."""

        async def commit(session: AsyncSession) -> int | None:
            talking = await _on_line(session, access, person_id)
            if talking is None:
                must_manage(access)
            person = await session.scalar(
                select(Person).where(Person.id == person_id, Person.tenant_id == access.tenant_id)
            )
            if person is None:
                raise NotFound(f"There is no person {person_id}. Look the person up and try again")
            source = f"api:{access.name}"[:50]
            now = op.clock.now()
            await suppressing.opt_out(session, person, at=now, scope=order.scope, attempt_id=talking, source=source)
            return talking

        talking = await op.database.committed(commit)
        # The talk with the agent who records this goes on; a person is on one call at most (I1).
        stopped = 0 if talking else await suppressing.stop_calls(op, person_id, "opted_out")
        return OptOutBody(person=person_id, scope=order.scope, calls_stopped=stopped)

    return router


async def _on_line(session: AsyncSession, access: Access, person_id: int) -> int | None:
    """The attempt on which the asking agent has this person; None for everybody else."""
    if access.role != AGENT:
        return None
    return await attempt_with(session, await agents.by_name(session, access.tenant_id, access.name), person_id)
