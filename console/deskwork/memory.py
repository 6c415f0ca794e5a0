"""Remembers the matter and the script of a call while nothing of it changes: a desk is looked at every two seconds.

One small question tells whether something has changed; what is remembered is that of one process, and little.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.deskwork import matter
from console.deskwork.matter import Matter
from console.deskwork.prompter import Prompter, prompter
from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import Agent, Attempt, Draft, Interaction, Person

AT_MOST = 200  # calls
Scope = tuple[str, ...] | None
Shown = tuple[Matter, Prompter | None]
_seen: WeakKeyDictionary[Database, OrderedDict[Hashable, Shown]] = WeakKeyDictionary()


async def of_call(
    session: AsyncSession, op: Operation, agent: Agent, attempt: Attempt, body: dict[str, Any], scope: Scope
) -> Shown:
    """The matter and the script of this call, as they stand now."""
    mark = await _mark(session, op, agent, attempt, scope)
    known = _seen.setdefault(op.database, OrderedDict())
    if mark not in known:
        known[mark] = (
            await matter.read(session, op, agent, attempt, scope),
            await prompter(session, op, agent, attempt, body),
        )
        while len(known) > AT_MOST:
            known.popitem(last=False)
    return known[mark]


async def _mark(session: AsyncSession, op: Operation, agent: Agent, attempt: Attempt, scope: Scope) -> Hashable:
    """What is another as soon as anything that is shown is: versions, the last line of the record, the last draft."""
    last = select(func.max(Interaction.id)).where(Interaction.person_id == Person.id).scalar_subquery()
    mine = select(func.count(), func.max(Draft.saved_at), func.max(Draft.id)).where(
        Draft.attempt_id == attempt.id, Draft.agent_id == agent.id
    )
    person = await session.execute(select(Person.version, last).where(Person.id == attempt.person_id))
    drafts = await session.execute(mine)
    hour = op.clock.now().replace(minute=0, second=0, microsecond=0)  # days past due, codes that expire
    call = (agent.id, attempt.id, attempt.version, attempt.turn, attempt.level)
    return (*call, *person.one(), *drafts.one(), hour, scope)
