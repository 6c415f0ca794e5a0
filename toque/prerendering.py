"""Makes the prompts that a list needs before anybody is called: a call never waits for speech."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing

from audio.prompts import PromptStore, Rendered
from dialer.flows.naming import is_own
from dialer.operation import Operation
from ivr_flows.phrases import personal_parts, phrases
from ivr_flows.turn import Part
from toque.commands.flow_choice import of_company
from toque.listed import everybody


async def render_for_list(
    op: Operation,
    prompts: PromptStore,
    *,
    flow: str,
    list_name: str,
    progress: Callable[[int, int], None] | None = None,
) -> Rendered:
    """Render every fixed phrase of the flow in the list's languages, and each person's own names and amounts.

    An own flow may be named with a version (own/natal@3): its prompts are then there before it is published.

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
    chosen = await of_company(op, flow) if is_own(flow) else op.flow(flow)
    wanted: dict[tuple[str, Part], None] = {}
    languages: set[str] = set()
    async with aclosing(everybody(op, list_name)) as people:
        async for who in people:
            languages.add(who.language)
            wanted |= dict.fromkeys((who.language, part) for part in personal_parts(chosen, who))
    for language in sorted(languages & set(chosen.languages)):
        wanted |= dict.fromkeys((language, Part(text)) for text in sorted(phrases(chosen, language)))
    return wanted
