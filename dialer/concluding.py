"""Act of an agent who says what came of a call by hand: on record, the line released, the outcome coded anew.

The agent's word outranks what the call looked like from outside: only they heard that a machine answered.
"""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import closing, suppressing
from dialer.errors import BadInput, Refused
from dialer.intending import BY_HAND
from dialer.operation import Operation
from dialer.rules.disposition import Disposition
from dialer.store import agents, attempts, campaigns, interactions, packets
from dialer.store.models import Agent, Attempt, Number, Person

WORDS: dict[str, Disposition] = {
    "talked": Disposition.TRANSFERRED,
    "machine": Disposition.MACHINE,
    "voicemail": Disposition.VOICEMAIL_LEFT,
    "absent": Disposition.ABSENT,
    "wrong_number": Disposition.WRONG_NUMBER,
    "nobody": Disposition.HUNG_UP,
}


async def conclude(op: Operation, agent_name: str, word: str) -> Disposition:
    """Code the agent's present call by hand (or the one just ended) and hang up. Refused without such a call."""
    if word not in WORDS:
        raise BadInput(f'"{word}" is no outcome of a call by hand. Use one of: {", ".join(WORDS)}')
    async with op.database.write() as session:
        agent = await agents.by_name(session, (await campaigns.tenant(session)).id, agent_name)
        await session.refresh(agent)
        attempt = await _present(session, agent)
        if attempt is None:
            raise Refused(f'"{agent_name}" has no call by hand to conclude. Make one: toque agent call')
        await _write(session, op, attempt, agent, word)
        live = attempt.sid if attempt.status != "ended" else None
    if live is not None:
        await op.carrier.hang_up(live)
    return WORDS[word]


async def _present(session: AsyncSession, agent: Agent) -> Attempt | None:
    here = await packets.present(session, agent)
    return await attempts.by_token(session, here.attempt.token) if here and here.attempt.mode == BY_HAND else None


async def _write(session: AsyncSession, op: Operation, attempt: Attempt, agent: Agent, word: str) -> None:
    now, disposition = op.clock.now(), WORDS[word]
    await session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(flow_disposition=disposition.value, version=Attempt.version + 1)
        .execution_options(synchronize_session=False)
    )
    if disposition is Disposition.WRONG_NUMBER:
        person = await session.get_one(Person, attempt.person_id)
        number = await session.get_one(Number, attempt.number_id)
        await suppressing.break_link(session, person, number, at=now, attempt_id=attempt.id)
    await interactions.add(
        session,
        tenant_id=attempt.tenant_id,
        person_id=attempt.person_id,
        attempt_id=attempt.id,
        at=now,
        kind="agent_outcome",
        actor=f"agent:{agent.name}"[:100],
        detail={"outcome": word},
    )
    if attempt.closed_at is not None:
        await closing.close(session, op, await attempts.fresh(session, attempt.id))
