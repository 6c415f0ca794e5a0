"""What the proof of a campaign's flow says, and how much of it has no sound yet, for the check report."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from audio.prompts import PromptStore
from dialer.flows.pinning import InForce
from dialer.operation import Operation
from dialer.proving import proof_of
from ivr_flows.nodes import Flow
from ivr_flows.phrases import phrases
from ivr_flows.proving.proof import PROPERTIES
from ivr_flows.turn import Part


@dataclass(frozen=True, slots=True)
class Proven:
    """For which countries the flow was looked at, in how many states, and which properties fail, with an example.

    `silent`: fixed phrases that have no sound yet, in all languages; None: the carrier's own voice says everything.
    """

    flow: str
    places: tuple[str, ...]
    states: int
    properties: int
    violations: tuple[str, ...]
    silent: int | None = None


async def proven(op: Operation, used: InForce, prompts: PromptStore | None) -> Proven:
    """The proof, from memory when this revision was proven before; else seconds of work beside the calls."""
    flow, places = used.flow, tuple(one for one in used.places or () if one in op.packs.by_country)
    proof = await asyncio.to_thread(proof_of, flow, op.packs, places)
    violations = tuple(str(one) for one in proof.violations)
    silent = None if prompts is None else await asyncio.to_thread(_silent, flow, prompts)
    return Proven(flow.title, proof.places, proof.states, len(PROPERTIES), violations, silent)


def _silent(flow: Flow, prompts: PromptStore) -> int:
    wanted = [(language, text) for language in flow.languages for text in phrases(flow, language)]
    return sum(prompts.find(language, [Part(text)]) is None for language, text in wanted)
