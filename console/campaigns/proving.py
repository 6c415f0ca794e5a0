"""What the proof of a campaign's flow says, for the check report."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dialer.operation import Operation
from dialer.proving import proof_of
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import PROPERTIES


@dataclass(frozen=True, slots=True)
class Proven:
    """For which countries the flow was looked at, in how many states, and which properties fail, with an example."""

    flow: str
    places: tuple[str, ...]
    states: int
    properties: int
    violations: tuple[str, ...]


async def proven(op: Operation, flow: Flow) -> Proven:
    """The proof, from memory when this revision was proven before; else seconds of work beside the calls."""
    proof = await asyncio.to_thread(proof_of, flow, op.packs)
    violations = tuple(str(one) for one in proof.violations)
    return Proven(flow.title, proof.places, proof.states, len(PROPERTIES), violations)
