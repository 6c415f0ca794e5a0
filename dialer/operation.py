"""What every act works with: one frozen bundle, put together by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dialer.addresses import Addresses
from dialer.batching.gathering import Gathering
from dialer.carrier.client import Carrier
from dialer.clock import Clock
from dialer.fanout import Fanout
from dialer.flows.memory import Flows
from dialer.law import Law
from dialer.limits import CpsWindow
from dialer.remembering import Calls
from dialer.rules.packs import Packs
from dialer.settings import Settings
from dialer.store.database import Database
from ivr_flows.nodes import Flow

ASKERS = 8  # who ask the window for a grant at once in a process; the others stand in line behind them


@dataclass(frozen=True, slots=True)
class Operation:
    """The database, the carrier, the clocks and the rules of one process.

    `flow` reads one of the library, or a file; own flows, and revisions of before, are asked of flows.pinning.
    `asking` is the line of those who wait for a grant of the window; `intents` and `answers` are calls about to be
    asked of the carrier, and what it said, gathered for one commit.
    """

    settings: Settings
    database: Database
    carrier: Carrier
    window: CpsWindow
    fanout: Fanout
    clock: Clock
    law: Law
    addresses: Addresses
    flow: Callable[[str], Flow]
    flows: Flows = field(default_factory=Flows)
    calls: Calls = field(default_factory=Calls)
    asking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ASKERS))
    intents: Gathering[Any, Any] = field(default_factory=Gathering)
    answers: Gathering[Any, bool] = field(default_factory=Gathering)

    @property
    def packs(self) -> Packs:
        """The rule packs in force at this moment: a changed file holds within a second."""
        return self.law.now()
