"""Consents of a person: given, and taken back, which holds at once whatever time the law would leave us."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import suppressing
from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.store import called_now, campaigns, consents, contacts, interactions, people
from dialer.store.consents import Agreed
from dialer.store.models import Attempt, Person

# Kind -> the names under which lists and people know it: taking it back takes back all of them.
KINDS: dict[str, tuple[str, ...]] = {
    "tcpa": ("tcpa", "calls"),
    "call_me": ("call_me",),
    "texts": ("texts",),
    "email": ("email",),
    "recording": ("recording",),
    "contact": ("contact",),
}
CALLS_BY_MACHINE = "tcpa"


async def give(op: Operation, key: str, agreed: Agreed, *, actor: str = "operator") -> bool:
    """Put a consent on record; whether it is news. BadInput for an unknown kind or a day to come, NotFound."""
    _must_be_known(agreed.kind)
    # the date may be a day ahead of UTC's where the person is
    if (agreed.given_on - op.clock.now().date()).days > 1:
        raise BadInput("A consent cannot have been given on a day to come: --given-on is the day on which it was")

    async def commit(session: AsyncSession) -> bool:
        person = await _person(session, key)
        if agreed.given_to is not None:
            await campaigns.known_creditor(session, person.tenant_id, agreed.given_to)
        new = await consents.give(session, person.tenant_id, person.id, agreed)
        if new:
            await people.bump(session, person.id)
            await contacts.look_again(session, person.id, at=op.clock.now())
            detail = {"kind": agreed.kind, "given_on": agreed.given_on.isoformat(), "given_to": agreed.given_to}
            await _note(session, op, person, "consent_given", actor, detail)
        return new

    return await op.database.committed(commit)


async def revoke(op: Operation, key: str, kind: str, *, actor: str = "operator") -> int:
    """The person takes a consent back, whoever has it; calls that were stopped. Refused when there is none."""
    _must_be_known(kind)

    async def commit(session: AsyncSession) -> list[int]:
        person = await _person(session, key)
        to_cancel = partial(
            called_now.ask_to_cancel, session, person.tenant_id, Attempt.person_id == person.id, automated_only=True
        )
        if kind == CALLS_BY_MACHINE:
            await to_cancel()
        ended = await consents.revoke(session, person.id, KINDS[kind], at=op.clock.now())
        if not ended:
            raise Refused(f'"{key}" has no consent "{kind}" on record that could be taken back: nothing was changed')
        await people.bump(session, person.id)
        await _note(session, op, person, "consent_revoked", actor, {"kind": kind})
        return await to_cancel() if kind == CALLS_BY_MACHINE else []

    called = await op.database.committed(commit)
    return sum([await suppressing.stop_calls(op, one, "opted_out") for one in called])


def _must_be_known(kind: str) -> None:
    if kind not in KINDS:
        raise BadInput(f'"{kind}" is no kind of consent: use one of {", ".join(KINDS)}')


async def _person(session: AsyncSession, key: str) -> Person:
    return await people.by_key(session, (await campaigns.tenant(session)).id, key)


async def _note(
    session: AsyncSession, op: Operation, person: Person, kind: str, actor: str, detail: Mapping[str, object]
) -> None:
    await interactions.add(
        session, tenant_id=person.tenant_id, person_id=person.id, at=op.clock.now(), kind=kind, actor=actor,
        detail=dict(detail),
    )  # fmt: skip
