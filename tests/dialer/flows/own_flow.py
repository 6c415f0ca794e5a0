"""An own flow for tests: the message of the library under another name, with words that change."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from audio.packs.lengths import seconds
from dialer import proving
from dialer.flows import publishing, saving
from dialer.flows.saving import Written
from dialer.operation import Operation
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import FlowVersion
from ivr_flows.loading import load
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import Proof, prove
from ivr_flows.proving.requirements import Requirements

NAME = "own/natal"
FIRST = load("recado").texts[""]
SAID = "Gostaríamos de falar com o titular deste telefone."
THREAT = "Pague hoje ou o senhor será preso."


def saying(words: str) -> str:
    """The text of the flow with other words in the middle of its greeting."""
    assert SAID in FIRST
    return FIRST.replace(SAID, words)


def prove_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proofs are made in this process: starting another one takes a second."""

    async def here(flow: Flow, asked: Sequence[Requirements]) -> Proof:
        return prove(flow, asked, seconds=seconds)

    monkeypatch.setattr(proving, "_in_another_process", here)


async def company(database: Database) -> int:
    """The id of the only company."""
    async with database.write() as session:
        return (await campaigns.tenant(session)).id


async def saved(op: Operation, text: str, *, base: int = 0, name: str = NAME) -> FlowVersion:
    return await saving.save(op, name, Written(text, "because", base))


async def published(op: Operation, text: str, *, base: int = 0, name: str = NAME) -> FlowVersion:
    row = await saved(op, text, base=base, name=name)
    await publishing.publish(op, name, row.number)
    return row
