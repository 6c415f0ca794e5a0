"""Acts on a number rather than a person: leave it alone, whoever answers there; and let it be called again.

Every one moves the version of everybody on record at the number, so that no intent decided before commits after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import suppressing
from dialer.operation import Operation
from dialer.recognising import ANONYMOUS
from dialer.rules.facts import Channel
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.store import interactions, messages, people, suppressions, tasks
from dialer.store.models import Attempt, Number, Person, Suppression
from dialer.store.suppressions import Bar
from ivr_flows.turn import OptedOut

Wish = Literal["call", "text"]
CHECK_WITHIN = timedelta(days=1)


async def bar_number(
    session: AsyncSession,
    tenant_id: int,
    bar: Bar,
    *,
    at: datetime,
    source: str,
    attempt_id: int | None = None,
    because: str = "",
) -> bool:
    """Put a bar on a number on record, once; whether it is new. `because` must name no person and no number."""
    assert bar.number, "a bar on a number names it"
    new = await suppressions.add_once(session, tenant_id, None, bar, since=at, attempt_id=attempt_id, source=source)
    for person in await suppressions.holders(session, tenant_id, bar.number, usable=False):
        await people.bump(session, person.id)
    if new:
        await interactions.add(
            session,
            tenant_id=tenant_id,
            attempt_id=attempt_id,
            at=at,
            kind=f"number_{bar.kind}",
            actor=source,
            detail={"automated_only": bar.automated_only, "channel": bar.channel, "because": because},
        )
    return new


async def allow_number(
    session: AsyncSession, tenant_id: int, e164: str, *, at: datetime, because: str, list_name: str | None = None
) -> int:
    """End the do-not-call entries of a number on one list (None: our own); how many there were.

    What people themselves have asked for stays, and so does what other lists say.
    """
    which = (
        Suppression.number == e164,
        Suppression.person_id.is_(None),
        Suppression.kind == "do_not_call",
        Suppression.list_name.is_not_distinct_from(list_name),
    )
    ended = await suppressions.end(session, tenant_id, *which, at=at)
    if ended:
        detail = {"because": because, "list": list_name}
        await interactions.add(
            session, tenant_id=tenant_id, at=at, kind="number_allowed", actor="operator", detail=detail
        )
    return ended


async def leave_alone(
    session: AsyncSession,
    tenant_id: int,
    e164: str,
    *,
    at: datetime,
    by: Wish,
    scope: str = "automated",
    attempt_id: int | None = None,
) -> list[int]:
    """Somebody at this number wants to be left alone: the number is, whoever owns it, and everybody on record there.

    By text it ends texts and automated calls, by voice the calls of `scope`. The ids of the people that it is for;
    `stop_calls` follows after the commit.
    """
    calls = Bar("opt_out", e164, "phone" if by == "text" else None, automated_only=scope == "automated")
    await bar_number(session, tenant_id, calls, at=at, source=by, attempt_id=attempt_id)
    if by == "text":
        await bar_number(session, tenant_id, Bar("opt_out", e164, "sms"), at=at, source=by)
    met = await suppressions.holders(session, tenant_id, e164)
    for person in met:
        await suppressing.opt_out(
            session, person, at=at, scope=scope, channel=calls.channel, attempt_id=attempt_id, source=by
        )
        if by == "text":
            await suppressing.suppress(session, person, "opt_out", at=at, channel="sms", source=by)
            await messages.withdraw(session, person.id, at=at, why="the person has opted out of texts")
    return [person.id for person in met]


async def opted_out_in_call(
    session: AsyncSession, op: Operation, attempt: Attempt, person: Person, asked: OptedOut, *, at: datetime
) -> None:
    """The opt-out of a call: of the person and of the telephone that rang, whoever else we may look for there; of a
    caller's number and all on record there; or of a keyed-in number.
    """
    if asked.number:
        await _spare_keyed(session, op, attempt, asked, at=at)
    elif attempt.direction == "in" and attempt.to_number != ANONYMOUS:
        await leave_alone(
            session, attempt.tenant_id, attempt.to_number, at=at, by="call", scope=asked.scope, attempt_id=attempt.id
        )
    else:
        await suppressing.opt_out(session, person, at=at, scope=asked.scope, attempt_id=attempt.id)
        await spare_telephone(session, attempt, scope=asked.scope, at=at)


async def spare_telephone(session: AsyncSession, attempt: Attempt, *, scope: str, at: datetime) -> None:
    """The telephone of this call is left alone, whoever else we may look for there."""
    number = await session.get_one(Number, attempt.number_id)
    shown = attempt.to_number != ANONYMOUS
    if shown and not (attempt.direction == "out" and number.extension):  # nobody speaks for all at a switchboard
        bar = Bar("opt_out", attempt.to_number, automated_only=scope == "automated")
        await bar_number(session, attempt.tenant_id, bar, at=at, source="call", attempt_id=attempt.id)


async def _spare_keyed(
    session: AsyncSession, op: Operation, attempt: Attempt, asked: OptedOut, *, at: datetime
) -> None:
    """A number that was keyed in is left alone, and nothing else: nobody has shown that it is theirs.

    Digits without a country mean a number on record, if there is one; else one of the caller's country. What is no
    number anywhere is kept as it was keyed, and somebody looks at it.
    """
    here = (await session.get_one(Number, attempt.number_id)).country
    meant = _readings(asked.number, (here, *op.packs.by_country))
    known = [one for one in meant if await suppressions.holders(session, attempt.tenant_id, one, usable=False)]
    for e164 in known or meant[:1] or [f"+{asked.number}"[:20]]:
        bar = Bar("opt_out", e164, automated_only=asked.scope == "automated")
        await bar_number(session, attempt.tenant_id, bar, at=at, source="call", attempt_id=attempt.id)
    if not meant:
        await tasks.add(
            session, tenant_id=attempt.tenant_id, person_id=attempt.person_id, kind="check_number",
            due_at=at + CHECK_WITHIN, now=at, attempt_id=attempt.id,
        )  # fmt: skip


def _readings(digits: str, countries: Iterable[str]) -> list[str]:
    """The numbers that these digits may be, in the order of the countries; then with the country in them."""
    found = [read(digits, country) for country in countries] + [read(f"+{digits.removeprefix('00')}", "US")]
    return list(dict.fromkeys(one.e164 for one in found if isinstance(one, PhoneNumber)))


async def text_again(session: AsyncSession, tenant_id: int, e164: str, *, at: datetime) -> bool:
    """START: texts again, if it was by text that they were ended (to us, or to the carrier alone); calls stay as they
    are. Whether it was.
    """
    sources = ("text", suppressing.CARRIER)
    by_text = (Suppression.kind == "opt_out", Suppression.channel == "sms", Suppression.source.in_(sources))
    ended = await suppressions.end(session, tenant_id, Suppression.number == e164, *by_text, at=at)
    for person in await suppressions.holders(session, tenant_id, e164):
        mine = (Suppression.person_id == person.id, Suppression.number.is_(None))
        if await suppressions.end(session, tenant_id, *mine, *by_text, at=at):
            ended += 1
            await _note_return(session, person, "sms", at)
    return ended > 0


async def stop_calls(op: Operation, person_ids: Iterable[int]) -> int:
    """After the commit: what rings to these people is cancelled, what talks ends politely. Calls changed."""
    return sum([await suppressing.stop_calls(op, one, "opted_out") for one in person_ids])


async def _note_return(session: AsyncSession, person: Person, channel: Channel, at: datetime) -> None:
    await people.bump(session, person.id)
    await interactions.add(
        session,
        tenant_id=person.tenant_id,
        person_id=person.id,
        at=at,
        kind="opted_in",
        actor="text",
        detail={"channel": channel},
    )
