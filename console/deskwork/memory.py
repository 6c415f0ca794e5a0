"""Remembers the matter and the script of a call while nothing of it changes: all news is a look at the desk.

What is remembered is that of one process, and little.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from console.deskwork import matter
from console.deskwork.gathering import Heard, gather
from console.deskwork.matter import Matter
from console.deskwork.prompter import Prompter, prompter
from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.desks import Mark
from dialer.store.models import Agent

AT_MOST = 200  # calls
Shown = tuple[Matter, Prompter | None]
_seen: WeakKeyDictionary[Database, OrderedDict[Hashable, Shown]] = WeakKeyDictionary()


async def of_call(session: AsyncSession, op: Operation, agent: Agent, heard: Heard, mark: Mark) -> Shown:
    """The matter and the script of this call, as they stand now; the call's mark is another when one of them is."""
    hour = op.clock.now().replace(minute=0, second=0, microsecond=0)  # days past due, codes that expire
    key = (*mark.call, hour, heard.scope)
    known = _seen.setdefault(op.database, OrderedDict())
    if key not in known:
        call = await gather(session, heard)
        stands = await matter.read(session, op, agent, call, drafts=mark.drafts > 0)
        known[key] = (stands, await prompter(session, op, agent, call))
        while len(known) > AT_MOST:
            known.popitem(last=False)
    return known[key]
