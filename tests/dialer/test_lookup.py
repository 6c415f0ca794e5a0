"""Who serves one creditor sees its people, and of them nothing of another; the same on both databases."""

from __future__ import annotations

from sqlalchemy import select

from dialer import finding, retelling
from dialer.results import health
from dialer.retelling import Call, Deed, Line
from dialer.store import audits, campaigns, interactions, lookup
from dialer.store.audits import Wanted
from dialer.store.database import Database
from dialer.store.models import Person
from tests.console.folk import folk
from tests.dialer.records import CALLER_ID, NOON, accepts, operation_on


async def test_a_creditor_bounds_what_is_found_told_and_audited(database: Database) -> None:
    op = operation_on(database, accepts)
    made = await folk(op)
    async with database.write() as session:
        tenant = (await campaigns.tenant(session)).id
        for person, detail in ((made.marina, {}), (None, {"campaign": "aurora first"}), (None, {"list": "other"}),
                               (None, {"creditor": "banco"}), (made.caio, {"creditor": "aurora"})):  # fmt: skip
            await interactions.add(
                session, tenant_id=tenant, person_id=person, at=NOON, kind="noted", actor="user 1", detail=detail
            )
    names, everybody = {}, select(Person).order_by(Person.id)
    for creditors in (None, ["aurora"], ["banco"], []):
        async with database.read() as session:
            people = [one.id for one in await session.scalars(everybody.where(lookup.seen(tenant, creditors)))]
            seen = await audits.lines(session, tenant, creditors, Wanted(kind="noted"), at_most=10)
            names[tuple(creditors or ("all",) if creditors is None else creditors)] = (people, len(seen))
    assert names == {
        ("all",): ([made.marina, made.otto, made.caio], 5),
        ("aurora",): ([made.marina, made.caio], 3),
        ("banco",): ([made.otto, made.caio], 2),
        (): ([], 0),
    }
    assert [one.id for one in await finding.people_like(op, "Caio", creditors=["banco"])] == [made.caio]
    async with database.read() as session:
        marina = await lookup.person(session, tenant, None, made.marina)
        told = await retelling.story(session, op, marina, ["aurora"])
        assert [type(one) for one in told if not isinstance(one, Deed)] == [Line, Line, Call]
        assert sum(isinstance(one, Deed) for one in told) == 3
        assert await retelling.story(session, op, marina, ["banco"]) == [
            one for one in told if isinstance(one, Line) and one.kind == "noted"
        ]
    assert [one.shown.number for one in await health.healths(op)] == [CALLER_ID]
