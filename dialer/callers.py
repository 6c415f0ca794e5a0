"""What a flow is told about the person at the start of a call: the values of its declared variables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.rules.facts import Suppressed
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.store import agents, people, records
from dialer.store.models import Creditor, Debt, Number, Person, Promise, Tenant
from ivr_flows.turn import DEBT_VALUES, Caller, Money, Value

MOBILE = ("mobile", "mobile_or_landline")


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom a flow wants to know, for a call to this number that shows `from_number`."""

    person: Person
    number: Number
    from_number: str


@dataclass(frozen=True, slots=True)
class AtHand:
    """What whoever asks about one person has read already: debts still to be collected (oldest first), the names of
    their creditors by id, and whether the latest promise was broken. An agent is there: it is they who ask.
    """

    tenant: Tenant
    debts: Sequence[Debt]
    creditors: Mapping[int, str]
    broken: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of several people at once, all of one tenant. By person, but for the last two."""

    tenant: Tenant
    debts: Mapping[int, Sequence[Debt]]
    numbers: Mapping[int, Sequence[Number]]
    bars: Mapping[int, Sequence[Suppressed]]
    broken: Collection[int]
    creditors: Mapping[int, str]
    open_in: Mapping[str, bool]


async def caller(
    session: AsyncSession,
    op: Operation,
    person: Person,
    number: Number,
    *,
    skill: str,
    from_number: str,
    debts: Collection[str] | None = None,
    also: Mapping[str, Value] | None = None,
    at_hand: AtHand | None = None,
) -> Caller:
    """A person as flows know a caller, for a call to this number that shows `from_number`.

    `debts` are the ids that the call may be about (None: all that are open); `also` are what only this call knows.
    """
    known = await _read(session, [person], skill) if at_hand is None else await _rest(session, person, at_hand)
    return _caller(op, known, Asked(person, number, from_number), debts, also or {})


async def callers(session: AsyncSession, op: Operation, asked: Sequence[Asked], *, skill: str) -> list[Caller]:
    """These people (all of one tenant) as flows know them, in their order, with all their open debts.

    As many questions to the database for five hundred people as for one.
    """
    if not asked:
        return []
    known = await _read(session, [one.person for one in asked], skill)
    return [_caller(op, known, one, None, {}) for one in asked]


async def _read(session: AsyncSession, persons: Sequence[Person], skill: str) -> _Known:
    ids = [person.id for person in persons]
    tenant = await session.get_one(Tenant, persons[0].tenant_id)
    numbers = await records.numbers_of(session, ids)
    debts = await records.debts_of(session, ids)
    owed_to = {debt.creditor_id for mine in debts.values() for debt in mine}
    named = await session.execute(_NAMED, {"creditors": list(owed_to)})
    spoken = sorted({person.language for person in persons})
    return _Known(
        tenant=tenant,
        debts=debts,
        numbers=numbers,
        bars=await people.bars_of(session, tenant.id, {one: numbers.get(one, ()) for one in ids}),
        broken=await _broken_promises(session, ids),
        creditors={row.id: row.name for row in named},
        open_in={one: await agents.on_duty(session, tenant.id, skill, one) > 0 for one in spoken},
    )


async def _rest(session: AsyncSession, person: Person, at_hand: AtHand) -> _Known:
    """What is not at hand."""
    numbers = await records.numbers_of(session, [person.id])
    return _Known(
        tenant=at_hand.tenant,
        debts={person.id: at_hand.debts},
        numbers=numbers,
        bars=await people.bars_of(session, at_hand.tenant.id, {person.id: numbers.get(person.id, ())}),
        broken={person.id} if at_hand.broken else (),
        creditors=at_hand.creditors,
        open_in={person.language: True},
    )


def _caller(
    op: Operation, known: _Known, asked: Asked, debts: Collection[str] | None, also: Mapping[str, Value]
) -> Caller:
    person, number = asked.person, asked.number
    owed = [one for one in known.debts.get(person.id, ()) if debts is None or str(one.id) in debts]
    here = _now_at(op, number)
    told = _each(known, owed, here.date())
    mobile = _texted_at(person, known.numbers.get(person.id, ()), known.bars[person.id], op.clock.now())
    values: dict[str, Value] = {
        **_office(op, known.tenant, asked.from_number),
        "agents_open": known.open_in[person.language],
        "has_mobile": mobile is not None,
        "country": number.country,
        "first_name": person.name.split()[0] if person.name.split() else person.name,
        "full_name": person.name,
        **check(op, person),
        **_debts(owed, told),
        "broken_promise": person.id in known.broken,
        **also,
    }
    return Caller(
        language=person.language,
        today=here.date(),
        values=values,
        required_level=op.packs.required_level(number.country),
        debts=told,
        now=here.time(),
    )


def mobile_of(known: Sequence[Number]) -> Number | None:
    """The person's best known mobile, where text messages may go."""
    return next((number for number in known if number.line_type in MOBILE and not number.extension), None)


async def texted_at(session: AsyncSession, op: Operation, person: Person, known: Sequence[Number]) -> Number | None:
    """The mobile to which a text that is asked for may go: of the list, and not one that texts were ended for.

    Never the number of somebody who merely called us, nor one to which the carrier would refuse the text.
    """
    bars = (await people.bars_of(session, person.tenant_id, {person.id: known}))[person.id]
    return _texted_at(person, known, bars, op.clock.now())


def _texted_at(person: Person, known: Sequence[Number], bars: Sequence[Suppressed], now: datetime) -> Number | None:
    ended = {bar.number for bar in bars if bar.kind == "opt_out" and bar.channel == "sms" and bar.holds(now)}
    if person.kind == "caller" or None in ended:
        return None
    return mobile_of([number for number in known if number.e164 not in ended])


def today_at(op: Operation, number: Number) -> date:
    """The date at the place that a number tells of."""
    return _now_at(op, number).date()


def _now_at(op: Operation, number: Number) -> datetime:
    return op.clock.now().astimezone(zone_of(number))


def zone_of(number: Number) -> ZoneInfo:
    """The time zone in which today and the hours that are agreed with this number are meant."""
    parsed = read(number.e164, number.country)
    return ZoneInfo(parsed.zones[0].name if isinstance(parsed, PhoneNumber) and parsed.zones else "UTC")


def _office(op: Operation, tenant: Tenant, from_number: str) -> dict[str, Value]:
    settings = op.settings
    official = settings.official_number or from_number
    return {
        "caller_name": settings.caller_name or tenant.name,
        "official_site": settings.official_site or None,
        "official_number": official or None,
        "contact_person": settings.contact_person or None,
        "card_open": bool(settings.pay_connector),
        "callback_number": from_number or official or None,
    }


def check(op: Operation, person: Person) -> dict[str, Value]:
    """What is asked to be sure of the person, by keypad or agent: the best on file that only they should know."""
    if person.document:
        digits = "".join(one for one in op.database.keyring.unseal(person.document) if one.isdigit())
        return {"check_kind": "document_last3", "check_value": digits[-3:]}
    if person.birth_year:
        return {"check_kind": "birth_year", "check_value": str(person.birth_year)}
    digits = "".join(one for one in person.postal_code or "" if one.isdigit())
    if len(digits) >= 5:  # the United States say five of their nine, Brazil says all eight
        return {"check_kind": "postal_code", "check_value": digits[:5] if person.country == "US" else digits}
    return {"check_kind": None, "check_value": None}


_NAMED = select(Creditor.id, Creditor.name).where(Creditor.id.in_(bindparam("creditors", expanding=True)))
_LATEST = (
    select(func.max(Promise.id))
    .where(Promise.person_id.in_(bindparam("people", expanding=True)))
    .group_by(Promise.person_id)
    .scalar_subquery()
)
_BROKEN = select(Promise.person_id).where(Promise.id.in_(_LATEST), Promise.status == "broken")


async def _broken_promises(session: AsyncSession, person_ids: Sequence[int]) -> set[int]:
    """Those whose latest promise was not kept."""
    return set(await session.scalars(_BROKEN, {"people": list(person_ids)}))


def _together(owed: Sequence[Debt]) -> list[Debt]:
    """The debts that one call can add up: of the creditor and in the currency of the oldest."""
    first = owed[0]
    return [debt for debt in owed if debt.currency == first.currency and debt.creditor_id == first.creditor_id]


def _debts(owed: Sequence[Debt], told: Sequence[dict[str, Value]]) -> dict[str, Value]:
    """Several debts: the total, the count, and the oldest as the one that is named."""
    if not owed:
        return dict.fromkeys(("amount_total", "debt_count", *DEBT_VALUES))
    same = _together(owed)
    return {name: value for name, value in told[0].items() if name != "debt"} | {
        "amount_total": Money(sum(debt.amount_minor for debt in same), same[0].currency),
        "debt_count": len(same),
    }


def _each(known: _Known, owed: Sequence[Debt], today: date) -> tuple[dict[str, Value], ...]:
    """Every debt that the call is about, by the names of DEBT_VALUES."""
    if not owed:
        return ()
    creditor = known.creditors[owed[0].creditor_id]
    return tuple({**_told(debt, today), "creditor_name": creditor} for debt in _together(owed))


def _told(debt: Debt, today: date) -> dict[str, Value]:
    """What may be said of a debt. A code that has expired is not among it."""
    ways = payable(debt, today)
    codes = {str(way["kind"]): str(way["code"]) for way in reversed(ways)}  # of two of a kind the better one
    return {
        "debt": str(debt.id),
        "amount": Money(debt.amount_minor, debt.currency),
        "due_date": debt.due_on,
        "days_past_due": (today - debt.due_on).days,
        "contract": debt.contract,
        "invoice": debt.invoice,
        "instalment": debt.instalment or None,
        "payment_kind": str(ways[0]["kind"]) if ways else None,
        "payment_code": str(ways[0]["code"]) if ways else None,
        **{kind: codes.get(kind) for kind in ("pix", "boleto", "link")},
        **_items(debt),
    }


def _items(debt: Debt) -> dict[str, Value]:
    """What the amount is made of; several items of a kind are added, and a discount is a positive amount."""
    sums: dict[str, int] = {}
    for item in debt.items:
        sums[item["kind"]] = sums.get(item["kind"], 0) + abs(int(item["minor"]))
    original = debt.original_minor if debt.original_minor is not None else sums.get("principal")
    named = {
        "original_amount": original,
        **{kind: sums.get(kind) for kind in ("interest", "fine", "fees", "discount")},
    }
    return {name: Money(minor, debt.currency) if minor else None for name, minor in named.items()}


def payable(debt: Debt, today: date) -> list[dict[str, Any]]:
    """The debt's ways to pay that may be given out today; an expired code never is."""

    def valid(way: dict[str, Any]) -> bool:
        return not way["expires_on"] or date.fromisoformat(way["expires_on"]) >= today

    return [way for way in debt.ways_to_pay if valid(way)]
