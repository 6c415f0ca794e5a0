"""Reads the carrier's ledger and the database, nothing else, and says what does not fit together."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from dialer.store.database import Database
from dialer.store.models import LIVE_STATUSES, Attempt, Contact

Legs = list[dict[str, Any]]
TOKEN = re.compile(r"/voice/([\w-]{8,})/")


async def faults(database: Database, ledger: Legs) -> list[str]:
    """What is wrong, in words; empty when nothing is doubled, lost or told differently by the two sides."""
    async with database.read() as session:
        attempts = (await session.scalars(select(Attempt))).all()
        contacts = (await session.scalars(select(Contact))).all()
    legs = [leg for leg in ledger if leg["direction"] == "outbound-api"]
    return [
        *_doubled(legs),
        *_overlapping(legs, attempts),
        *_unfinished(attempts, contacts),
        *_told_differently(legs, attempts),
    ]


def _doubled(legs: Legs) -> Iterable[str]:
    """One attempt is one call: its token is in the callbacks of one leg only."""
    told: dict[str, set[str]] = defaultdict(set)
    for leg in legs:
        for entry in leg["entries"]:
            for token in TOKEN.findall(entry["words"]):
                told[token].add(leg["sid"])
    return [f"attempt {token} was called {len(sids)} times: {sids}" for token, sids in told.items() if len(sids) > 1]


def _overlapping(legs: Legs, attempts: Iterable[Attempt]) -> Iterable[str]:
    """No two live calls to one number, nor to one person."""
    person_of = {attempt.sid: attempt.person_id for attempt in attempts}
    for name, key in (("number", lambda leg: leg["to"]), ("person", lambda leg: person_of.get(leg["sid"]))):
        together = defaultdict(list)
        for leg in legs:
            together[key(leg)].append((_at(leg["created_at"]), _at(leg["ended_at"]), leg["sid"]))
        for calls in together.values():
            for sooner, later in itertools.pairwise(sorted(calls)):
                if later[0] < sooner[1]:
                    yield f"one {name} on two live calls: {sooner[2]} and {later[2]}"


def _unfinished(attempts: Iterable[Attempt], contacts: Iterable[Contact]) -> Iterable[str]:
    for attempt in attempts:
        if attempt.status in LIVE_STATUSES or not attempt.carrier_status or not attempt.disposition:
            yield f"attempt {attempt.id} is {attempt.status} {attempt.carrier_status} {attempt.disposition}"
    tried = {attempt.contact_id for attempt in attempts}
    for contact in contacts:
        if contact.status not in ("done", "waiting"):
            yield f"contact {contact.id} was forgotten as {contact.status}"
        elif contact.status == "waiting" and contact.id not in tried and contact.blocked_rule is None:
            yield f"contact {contact.id} was never tried and nobody said why"


def _told_differently(legs: Legs, attempts: Iterable[Attempt]) -> Iterable[str]:
    ours = {attempt.sid: attempt for attempt in attempts if attempt.sid}
    for leg in legs:
        attempt = ours.pop(leg["sid"], None)
        if attempt is None:
            yield f"the carrier made {leg['sid']} ({leg['status']}) and nobody here knows it"
        elif (attempt.carrier_status, attempt.to_number) != (leg["status"], leg["to"]):
            yield f"attempt {attempt.id} is {attempt.carrier_status} here and {leg['status']} at the carrier"
    yield from (f"attempt {attempt.id} names {sid}, which the carrier never made" for sid, attempt in ours.items())
    made = Counter(leg["to"] for leg in legs)
    meant = Counter(attempt.to_number for attempt in attempts)
    yield from (
        f"a number was called {made[to]} times for {meant[to]} attempts" for to in made if made[to] > meant[to]
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
