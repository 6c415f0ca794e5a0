"""What a flow is told about the person at the start of a call: the values of its declared variables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.store import agents, people
from dialer.store.models import Creditor, Debt, Number, Person, Tenant
from ivr_flows.turn import Caller, Money, Value

MOBILE = ("mobile", "mobile_or_landline")


async def caller(
    session: AsyncSession, op: Operation, person: Person, number: Number, *, skill: str, from_number: str
) -> Caller:
    """A person as flows know a caller, for a call to this number that shows `from_number`."""
    tenant = await session.get_one(Tenant, person.tenant_id)
    owed = await people.debts(session, person.id)
    known = await people.numbers(session, person.id)
    today = today_at(op, number)
    values: dict[str, Value] = {
        **_office(op, tenant, from_number),
        "agents_open": await agents.on_duty(session, person.tenant_id, skill, person.language) > 0,
        "has_mobile": person.kind != "caller" and mobile_of(known) is not None,
        "country": number.country,
        "first_name": person.name.split()[0] if person.name.split() else person.name,
        "full_name": person.name,
        **_check(op, person),
        **(await _debts(session, owed, today)),
        "days_past_due": max((today - debt.due_on).days for debt in owed) if owed else None,
    }
    return Caller(
        language=person.language, today=today, values=values, required_level=op.packs.required_level(number.country)
    )


def mobile_of(known: Sequence[Number]) -> Number | None:
    """The person's best known mobile, where text messages may go."""
    return next((number for number in known if number.line_type in MOBILE and not number.extension), None)


def today_at(op: Operation, number: Number) -> date:
    """The date at the place that a number tells of."""
    return op.clock.now().astimezone(ZoneInfo(_zone(number))).date()


def _zone(number: Number) -> str:
    parsed = read(number.e164, number.country)
    return parsed.zones[0].name if isinstance(parsed, PhoneNumber) and parsed.zones else "UTC"


def _office(op: Operation, tenant: Tenant, from_number: str) -> dict[str, Value]:
    settings = op.settings
    official = settings.official_number or from_number
    return {
        "caller_name": settings.caller_name or tenant.name,
        "official_site": settings.official_site or None,
        "official_number": official or None,
        "contact_person": settings.contact_person or None,
        "callback_number": from_number or official or None,
    }


def _check(op: Operation, person: Person) -> dict[str, Value]:
    """The keypad check: the best thing on file that only the person should know."""
    if person.document:
        digits = "".join(one for one in op.database.keyring.unseal(person.document) if one.isdigit())
        return {"check_kind": "document_last3", "check_value": digits[-3:]}
    if person.birth_year:
        return {"check_kind": "birth_year", "check_value": str(person.birth_year)}
    digits = "".join(one for one in person.postal_code or "" if one.isdigit())
    if len(digits) >= 5:  # the United States say five of their nine, Brazil says all eight
        return {"check_kind": "postal_code", "check_value": digits[:5] if person.country == "US" else digits}
    return {"check_kind": None, "check_value": None}


async def _debts(session: AsyncSession, owed: Sequence[Debt], today: date) -> dict[str, Value]:
    """Several debts: the total, the count, and the oldest as the one that is named."""
    if not owed:
        return dict.fromkeys(
            ("creditor_name", "amount_total", "debt_count", "due_date", "contract", "payment_kind", "payment_code")
        )
    first = owed[0]
    same = [debt for debt in owed if debt.currency == first.currency and debt.creditor_id == first.creditor_id]
    way = next((way for debt in same for way in payable(debt, today)), None)
    return {
        "creditor_name": (await session.get_one(Creditor, first.creditor_id)).name,
        "amount_total": Money(sum(debt.amount_minor for debt in same), first.currency),
        "debt_count": len(same),
        "due_date": first.due_on,
        "contract": first.contract,
        "payment_kind": way["kind"] if way else None,
        "payment_code": way["code"] if way else None,
    }


def payable(debt: Debt, today: date) -> list[dict[str, Any]]:
    """The debt's ways to pay that may be given out today; an expired code never is."""

    def valid(way: dict[str, Any]) -> bool:
        return not way["expires_on"] or date.fromisoformat(way["expires_on"]) >= today

    return [way for way in debt.ways_to_pay if valid(way)]
