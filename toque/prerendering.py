"""Makes the prompts that a list needs before anybody is called: a call never waits for speech."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from audio.prompts import PromptStore, Rendered
from dialer.callers import Asked, callers
from dialer.operation import Operation
from dialer.store import campaigns, records
from dialer.store.models import ListMember, Person
from ivr_flows.phrases import personal_parts, phrases
from ivr_flows.turn import Caller, Part

BATCH = 500


async def render_for_list(
    op: Operation,
    prompts: PromptStore,
    *,
    flow: str,
    list_name: str,
    progress: Callable[[int, int], None] | None = None,
) -> Rendered:
    """Render every fixed phrase of the flow in the list's languages, and each person's own names and amounts.

    `progress` gets (done, total). What no engine can say is counted: the carrier's voice will say it.
    """
    wanted = await _wanted(op, flow=flow, list_name=list_name)
    await prompts.music()
    return await prompts.render_many([(language, [part]) for language, part in wanted], progress)


async def missing_for_list(op: Operation, prompts: PromptStore, *, flow: str, list_name: str) -> int:
    """How many prompts `render_for_list` would make: those that are not there yet."""
    wanted = await _wanted(op, flow=flow, list_name=list_name)
    return sum(prompts.find(language, [part]) is None for language, part in wanted)


async def _wanted(op: Operation, *, flow: str, list_name: str) -> dict[tuple[str, Part], None]:
    """Every piece that the flow can say to these people, once, by its language."""
    chosen = op.flow(flow)
    wanted: dict[tuple[str, Part], None] = {}
    languages: set[str] = set()
    async with aclosing(everybody(op, list_name)) as people:
        async for who in people:
            languages.add(who.language)
            wanted |= dict.fromkeys((who.language, part) for part in personal_parts(chosen, who))
    for language in sorted(languages & set(chosen.languages)):
        wanted |= dict.fromkeys((language, Part(text)) for text in sorted(phrases(chosen, language)))
    return wanted


async def everybody(op: Operation, list_name: str) -> AsyncGenerator[Caller, None]:
    """Everybody on the list as their call would know them."""
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        chosen = await campaigns.list_by_name(session, tenant.id, list_name)
        last = 0
        while rows := await _members(session, chosen.id, after=last):
            last = rows[-1][0]
            numbers = await records.numbers_of(session, [person.id for _, person in rows])
            asked = [Asked(person, numbers[person.id][0], _shown(op)) for _, person in rows if person.id in numbers]
            for who in await callers(session, op, asked, skill=""):
                yield who


async def _members(session: AsyncSession, list_id: int, *, after: int) -> Sequence[tuple[int, Person]]:
    rows = await session.execute(
        select(ListMember.id, Person)
        .join(Person, Person.id == ListMember.person_id)
        .where(ListMember.list_id == list_id, ListMember.id > after)
        .order_by(ListMember.id)
        .limit(BATCH)
    )
    return [(member_id, person) for member_id, person in rows.all()]


def _shown(op: Operation) -> str:
    return op.settings.caller_ids[0] if op.settings.caller_ids else ""
