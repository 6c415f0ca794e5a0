"""What a decision of the gate costs: one core, a typical history, two candidate zones, two debts.

Every call is allowed, so that every rule is looked at. The floor does with the same history what no gate can do
without: it finds the local day of the call in each zone and looks at every contact once.
"""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dialer.rules.facts import Contacted, Facts, Permitted, Proposed, Suppressed, Zone
from dialer.rules.gate import Allow, decide
from dialer.rules.packs import load_packs
from toque.bench.measuring import PASSES, Figure, Pass

DECISIONS = 20_000
PEOPLE = 200
CONTACTS = 15
TUESDAY = datetime(2026, 10, 6, 15, 0, tzinfo=UTC)
NUMBER = "+12125550123"


def measure(scale: float) -> Figure:
    """Microseconds of CPU for a decision; decisions a second beside it."""
    rounds = max(1, round(DECISIONS * scale / PEOPLE))
    people = [_person(n) for n in range(PEOPLE)]
    _ask(people, 1)
    passes = [Pass(floor=_floor(people, rounds), value=_ask(people, rounds)) for _ in range(PASSES)]
    a_second = round(1e6 / sorted(one.value for one in passes)[PASSES // 2])
    return Figure(
        tuple(passes),
        n=rounds * PEOPLE,
        unit="µs of CPU",
        floor_is="the local day in two zones, and one look at each of the 15 contacts",
        more={"decisions_a_second": a_second},
    )


def _person(n: int) -> tuple[Facts, Proposed]:
    history = tuple(
        Contacted(
            at=TUESDAY - timedelta(days=1.7 * step + 0.3, minutes=n),
            channel="sms" if step % 4 == 0 else "phone",
            direction="out",
            outcome="voicemail" if step % 3 == 0 else "no_answer",
            number=NUMBER,
            debts=(("a", "b")[step % 2],),
            campaign="c",
            mode="prerecorded",
        )
        for step in range(CONTACTS)
    )
    facts = Facts(
        history=history,
        zones=(Zone("America/New_York", "mobile"), Zone("America/Denver", "address")),
        regions=("US-NY", "US-CO"),
        permits=(Permitted("tcpa"),),
        suppressions=(Suppressed("opt_out", channel="sms"),),
    )
    at = TUESDAY + timedelta(seconds=n)
    return facts, Proposed(at, str(n), NUMBER, "US", debts=("a", "b"), campaign="c", line_type="mobile")


def _ask(people: list[tuple[Facts, Proposed]], rounds: int) -> float:
    packs = load_packs()
    gc.collect()
    taken, allowed = 0.0, 0
    for step in range(rounds):
        asked = _asked(people, step)
        begun = time.process_time()
        for facts, proposed in asked:
            allowed += isinstance(decide(facts, proposed, packs, proposed.at), Allow)
        taken += time.process_time() - begun
    if allowed != rounds * len(people):
        raise RuntimeError(f"only {allowed} of {rounds * len(people)} calls were allowed; all of them are lawful")
    return taken * 1e6 / allowed


def _floor(people: list[tuple[Facts, Proposed]], rounds: int) -> float:
    taken, seen = 0.0, 0
    for step in range(rounds):
        asked = _asked(people, step)
        begun = time.process_time()
        for facts, proposed in asked:
            for zone in facts.zones:
                proposed.at.astimezone(ZoneInfo(zone.name)).date()
            seen += sum(1 for one in facts.history if one.at <= proposed.at)
        taken += time.process_time() - begun
    return taken * 1e6 / (rounds * len(people))


def _asked(people: list[tuple[Facts, Proposed]], step: int) -> list[tuple[Facts, Proposed]]:
    """The same people at another instant: nothing of one decision is known to the next."""
    return [(facts, replace(one, at=one.at + timedelta(milliseconds=step))) for facts, one in people]
