"""An invented operating company for the pictures: three creditors, the lists they sent, and who answers the phones.

Lists are loaded as a customer's are, rows that cannot be used among them. Nobody here exists.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from dialer import importing
from dialer.importing import Order
from dialer.operation import Operation
from dialer.store import campaigns
from dialer.store.models import ContactList, Load
from local_carrier.lines.people import People, read_person
from toque.demo.people import COLUMNS, Resident, residents

COMPANY = "Central Horizonte"
OUR_NUMBERS = (
    ("+12125550199", "New York, main line", 900),
    ("+12125550187", "New York, second line", 900),
    ("+33199000142", "Paris", 400),
)
CARDS, STORE, STORE_CLOSED, WATER = "Cards, February", "Store credit, March", "Store credit, February", "Eau, hiver"


@dataclass(frozen=True, slots=True)
class Sent:
    """A list as a creditor sent it: so many of the town's people of one country, from some place on."""

    name: str
    creditor: str
    creditor_name: str
    country: str
    first: int
    people: int
    spoilt: int
    days_ago: int


SENT = (
    Sent(CARDS, "aurora", "Banco Aurora", "BR", 0, 210, spoilt=5, days_ago=15),
    Sent(STORE_CLOSED, "veredas", "Lojas Veredas", "BR", 210, 120, spoilt=0, days_ago=19),
    Sent(STORE, "veredas", "Lojas Veredas", "BR", 330, 64, spoilt=2, days_ago=7),
    Sent(WATER, "baie", "Eaux de la Baie", "FR", 0, 76, spoilt=1, days_ago=0),
)
SPOILT = (
    {"phone": "+55 11 9999"}, {"amount": "to be confirmed"}, {"due_date": "31/02/2026"}, {"name": ""},
    {"amount": "-12.00"},
)  # fmt: skip


async def lists_loaded(op: Operation, home: Path) -> dict[str, list[Resident]]:
    """Load every list; who stands on each, by its name, in the order of the file."""
    everybody = residents(800, today=op.clock.now().date() - timedelta(days=2))
    found = {}
    for sent in SENT:
        fitting = [one for one in everybody if one.row["country"] == sent.country]
        people = fitting[sent.first : sent.first + sent.people]
        path = home / f"{sent.creditor}-{sent.first}.csv"
        _write(path, people, SPOILT[: sent.spoilt])
        order = Order(path, sent.creditor, sent.name, sent.country, creditor_name=sent.creditor_name)
        await importing.load(op, order)
        found[sent.name] = people
    async with op.database.write() as session:
        (await campaigns.tenant(session)).name = COMPANY
        for sent in SENT:
            at = op.clock.now() - timedelta(days=sent.days_ago, hours=4)
            mine = select(ContactList.id).where(ContactList.name == sent.name).scalar_subquery()
            await session.execute(update(Load).where(Load.list_id == mine).values(started_at=at, finished_at=at))
    return found


def at_home(people: People, those: Sequence[Resident], personas: Sequence[str], **overrides: object) -> None:
    """From now on these people are like that, in turn; they pick up after a few seconds."""
    for n, one in enumerate(those):
        seconds = {"answers_after": 3.0 + 5 * n % 23}
        changed = replace(one, persona=personas[n % len(personas)], overrides=seconds | overrides)
        people.add(read_person(changed.as_person()))


def _write(path: Path, people: Sequence[Resident], faults: Sequence[dict[str, str]]) -> None:
    unknown = [{"key": f"X{n}", "contract": f"X-{n}", "document": ""} for n in range(len(faults))]
    spoilt = [people[7 * n].row | unknown[n] | fault for n, fault in enumerate(faults)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows([*(one.row for one in people), *spoilt])
