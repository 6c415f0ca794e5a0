"""Rows of the record as the gate's facts: what was read of a person, in the words of the rules. Asks no database.

Whatever a row leaves open is told in the way that bars more: a call without debts counts for every debt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row

from dialer.rules.disposition import Disposition, contact_outcome
from dialer.rules.facts import (
    Consented,
    Contacted,
    Designated,
    Facts,
    Mode,
    Noticed,
    Permitted,
    Place,
    Suppressed,
    Zone,
)
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.rules.places import regions_of_postal_code, zones_of_address
from dialer.store.models import LIVE_STATUSES, Consent, Debt, Designation, Number, Person

FOR_EACH_DEBT = frozenset({"conversation", "voicemail_named_debts"})  # others count for the debts that were chosen
CALL_ME = "call_me"  # the kind of a consent by which a person asked to be called
PERMITS = {"calls": "tcpa"}  # lists say "calls" where the rules know the consent by the name of its law
EMPLOYER = "employer"  # the origin of a designation by which the employer allows no calls at work
ASKED_FOR = timedelta(days=6)  # within it, seven calendar days from the wish have not passed in any zone


@dataclass(frozen=True, slots=True)
class Known:
    """What was read of one person: numbers, open debts, calls, texts, bars, consents, designations."""

    numbers: Sequence[Number] = ()
    debts: Sequence[Debt] = ()
    calls: Sequence[Row[Any]] = ()
    texts: tuple[Contacted, ...] = ()
    bars: tuple[Suppressed, ...] = ()
    consents: Sequence[Consent] = ()
    designations: Sequence[Designation] = ()


def facts_of(person: Person, known: Known, *, debts_due: bool | None = None) -> Facts:
    """The record of one person for the gate. `debts_due` None: whether a debt is open."""
    places = [
        parsed for number in known.numbers if isinstance(parsed := read(number.e164, number.country), PhoneNumber)
    ]
    address: tuple[str, ...] = (f"{person.country}-{person.region}",) if person.region else ()
    address += regions_of_postal_code(person.country, person.postal_code or "")
    wishes = (*map(_wish, filter(_is_wish, known.calls)), *map(_asked, filter(_is_asked, known.consents)))
    calls = filter(None, map(_contacted, known.calls))
    return Facts(
        history=(*_without_those_asked_for(tuple(calls), wishes), *known.texts),
        suppressions=known.bars,
        zones=tuple(dict.fromkeys(zone for place in places for zone in place.zones)) + _address_zones(person),
        regions=tuple(dict.fromkeys(address + tuple(region for place in places for region in place.regions))),
        live_attempt=any(row.status in LIVE_STATUSES for row in known.calls),
        debts_due=bool(known.debts) if debts_due is None else debts_due,
        consents=wishes,
        permits=tuple(_permitted(row) for row in known.consents if row.kind != CALL_ME),
        designations=tuple(_designated(row) for row in known.designations),
        notices=tuple(Noticed(debt.notice_on, str(debt.id)) for debt in known.debts if debt.notice_on is not None),
        cities=(person.city,) if person.city else (),
        work_numbers=frozenset(number.e164 for number in known.numbers if number.place == "work"),
        employer_prohibits=any(row.origin == EMPLOYER for row in known.designations),
    )


def _contacted(row: Row[Any]) -> Contacted | None:
    """A finished or pending attempt as history. One that the carrier refused reached nobody and does not count."""
    outcome = contact_outcome(Disposition(row.disposition), row.level) if row.disposition else "no_answer"
    if outcome is None or row.carrier_status == "refused":
        return None
    chosen = row.debts if row.counted_debts is None or outcome in FOR_EACH_DEBT else row.counted_debts
    return Contacted(
        at=row.intent_at,
        channel="phone",
        direction=row.direction,
        outcome=outcome,
        number=row.to_number,
        debts=tuple(chosen),
        campaign=str(row.campaign_id),
        mode=cast(Mode, row.mode) if row.direction == "out" else None,
    )


def _without_those_asked_for(calls: tuple[Contacted, ...], wishes: Iterable[Consented]) -> Iterable[Contacted]:
    """Calls that the person had asked for do not count, up to the next conversation (12 CFR 1006.14(b)(3)(i))."""
    talks = [call.at for call in calls if call.outcome == "conversation"]
    held = [(wish, min((at for at in talks if at > wish.at), default=None)) for wish in wishes if not wish.revoked]
    for call in calls:
        asked = (
            call.direction == "out"
            and call.outcome != "conversation"
            and any(
                wish.at < call.at <= wish.at + ASKED_FOR
                and (ended is None or call.at < ended)
                and (not wish.debts or (call.debts and set(call.debts) <= set(wish.debts)))
                for wish, ended in held
            )
        )
        yield replace(call, counts=False) if asked else call


def _is_wish(row: Row[Any]) -> bool:
    """A call that ended with the wish to be called again, of somebody who had said to be the debtor."""
    return row.callback_at is not None and row.level != "none"


def _wish(row: Row[Any]) -> Consented:
    return Consented(at=row.intent_at, debts=tuple(row.debts))


def _is_asked(row: Consent) -> bool:
    return row.kind == CALL_ME and row.given_on is not None


def _asked(row: Consent) -> Consented:
    assert row.given_on is not None, "a wish without a day is none"
    day = row.given_on
    return Consented(at=datetime(day.year, day.month, day.day, tzinfo=UTC), revoked=row.revoked_at is not None)


def _permitted(row: Consent) -> Permitted:
    day = row.given_on
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
    return Permitted(PERMITS.get(row.kind, row.kind), at, row.number, row.revoked_at)


def _designated(row: Designation) -> Designated:
    return Designated(
        days=tuple(row.days),
        from_minute=row.from_minute,
        to_minute=row.to_minute,
        until=row.until,
        place=cast("Place | None", row.place),
    )


def _address_zones(person: Person) -> tuple[Zone, ...]:
    """Zones of the address; one more candidate beside those of the numbers, never a replacement."""
    return zones_of_address(person.country, person.region, person.postal_code)
