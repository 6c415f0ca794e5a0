"""The history and the consents of a question: whose they are, and which debts they count for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dialer.rules.asking import words
from dialer.rules.asking.fields import Fields
from dialer.rules.facts import Consented, Contacted, Permitted

NAMED = frozenset({"voicemail_named_debts"})  # counts for every debt that it names: 12 CFR 1006.14(b)(4)


@dataclass(frozen=True, slots=True)
class Key:
    """Whose record it is: calls of others, and to others, are not on it. `groups`: a debt -> what it is part of."""

    person: str | None
    collector: str | None
    groups: dict[str, str]

    def is_ours(self, person: str | None, collector: str | None) -> bool:
        """Whether an entry is of this person with this collector, as far as either says."""
        return _same(person, self.person) and _same(collector, self.collector)

    def grouped(self, debts: tuple[str, ...]) -> tuple[str, ...]:
        """The debts as they count, each once."""
        return tuple(dict.fromkeys(self.groups.get(debt, debt) for debt in debts))


def contacts(said: Fields, key: Key) -> Iterator[Contacted]:
    """The history of this person with this collector."""
    for entry in said.objects("history"):
        contact = _contact(entry, key)
        if key.is_ours(entry.text("person"), entry.text("collector")):
            yield contact


def consents(said: Fields, key: Key, at: datetime) -> Iterator[Consented]:
    """Requests to be called that were made to this collector itself and have not been used up."""
    for entry in said.objects("consents"):
        entry.known("how", "source", "text", "number")
        kind, given_to = words.consent_kind(entry.text("kind")), entry.text("given_to")
        given, over = entry.instant("ts"), _over(entry, at)
        revoked = _revoked(entry)
        ours = key.is_ours(entry.text("person"), given_to)
        debts, days = key.grouped(entry.texts("debts")), entry.texts("valid_on")
        if kind != "call_me" or given is None or not ours or over:
            continue
        valid_on = tuple(entry.read_day(day, "valid_on") for day in days)
        yield Consented(given, debts, valid_on, revoked=revoked is not None and revoked <= at)


def permits(said: Fields, key: Key) -> Iterator[Permitted]:
    """Lasting consents, to whomever they were given: a number given to the creditor will do."""
    for entry in said.objects("consents"):
        kind = words.consent_kind(entry.text("kind"))
        entry.known("how", "source", "text", "given_to", "debts", "valid_on", "expired_by")
        given, revoked, number = entry.instant("ts"), _revoked(entry), entry.text("number")
        if kind != "call_me" and _same(entry.text("person"), key.person):
            yield Permitted(kind, given, number, revoked)


def _contact(entry: Fields, key: Key) -> Contacted:
    outcome = words.outcome(entry.text("outcome"), entry.where("outcome"))
    medium = words.channel(entry.text("channel"), entry.where("channel"))
    listed, talked = entry.take("counted_debts"), entry.take("conversation_debts")
    intended, counted = entry.texts("intended_debts"), entry.texts("counted_debts")
    about = entry.texts("conversation_debts")
    if listed is None:
        counted = intended or about
    elif outcome in NAMED:
        counted = (*counted, *intended)
    at = entry.instant("ts")
    made = entry.text("mode")
    return Contacted(
        at=at if at is not None else entry.read_instant(None, "ts"),
        channel=medium,
        direction="in" if entry.text("direction") == "in" else "out",
        outcome=outcome,
        number=entry.text("number"),
        debts=key.grouped(counted),
        conversation_debts=None if talked is None else key.grouped(about),
        mode=words.mode(made, medium, entry.where("mode")) if made else None,
        connected=entry.flag("connected") is not False,
        counts=bool(counted) or listed is None,
    )


def _revoked(entry: Fields) -> datetime | None:
    """When it was taken back; a bare "true" means from the beginning."""
    value = entry.take("revoked")
    if value is None or value is False:
        return None
    return datetime.min.replace(tzinfo=UTC) if value is True else entry.read_instant(value, "revoked")


def _over(entry: Fields, at: datetime) -> bool:
    """Whether the question says that the consent ended before."""
    said = entry.text("expired_by")
    if said is None:
        return False
    days = [word for word in said.split() if word[:4].isdigit()]
    return not days or entry.read_day(days[0], "expired_by") <= at.date()


def _same(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
