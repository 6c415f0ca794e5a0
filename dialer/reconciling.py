"""Acts that heal: intents without an answer, calls without news, claims of workers that are gone.

Nothing here dials. A call that the carrier does not know after the grace counts as made for every cap, and
the contact becomes due again only as an ordinary retry.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import structlog
from sqlalchemy import ColumnElement, exists, or_, select

from dialer import closing, suppressing
from dialer.carrier.client import Gone, Seen
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.rules.lifecycle import (
    FINAL_OF,
    CarrierStatus,
    CarrierWord,
    Created,
    Detected,
    GivenUp,
    News,
    NoAnswerHeard,
)
from dialer.store import attempts, contacts
from dialer.store.models import Attempt

log = structlog.get_logger("toque.reconciling")

SILENT_AFTER = timedelta(seconds=90)  # no news of a call that should ring or talk: ask the carrier
CLOCKS_APART = timedelta(seconds=60)  # between our clock and the carrier's; calls known to be others' are left out
MACHINE_WORDS = {"machine_start": "machine", "fax": "fax", "human": "human"}


async def heal(op: Operation) -> int:
    """Recover claims and settle what is overdue; how many attempts were looked at."""
    async with op.database.write() as session:
        await contacts.recover(session, now_real=real_ms())
    looked = 0
    async with op.database.read() as session:
        silent = await attempts.silent(session, silence(op))
    for attempt in silent:
        looked += 1
        await (_find(op, attempt) if attempt.sid is None else ask_carrier(op, attempt))
    return looked


def due(op: Operation) -> ColumnElement[bool]:
    """Whether there is something to heal."""
    return or_(exists().where(contacts.abandoned(real_ms())), exists().where(attempts.overdue(silence(op))))


def silence(op: Operation, *, longer: timedelta = timedelta()) -> attempts.Silence:
    """Unanswered creates after the grace (wall clock), calls without news (business time); or `longer` than that."""
    unanswered = real_ms() - int((op.settings.unknown_grace + longer.total_seconds()) * 1000)
    abandoned = unanswered - int(op.carrier.longest_create * 1000)
    return attempts.Silence(unanswered, abandoned, unheard=op.clock.now() - SILENT_AFTER - longer)


async def _find(op: Operation, attempt: Attempt) -> None:
    """Look for the call of an intent among the carrier's calls; give up only when the carrier shows none."""
    since = attempt.intent_at - CLOCKS_APART
    calls = await op.carrier.find_calls(to=attempt.to_number, from_=attempt.from_number or "", since=since)
    if calls is None:
        return  # no answer: look again at the next beat
    async with op.database.write() as session:
        taken = await attempts.sids_known(session, [call.sid for call in calls])
        attempt = await attempts.fresh(session, attempt.id)
        if attempt.sid is not None or attempt.status not in ("placing", "unknown"):
            return
        ours = next((call for call in sorted(calls, key=lambda one: one.created_at) if call.sid not in taken), None)
        if attempt.status == "placing":
            attempt = await closing.hear_in(session, op, attempt, NoAnswerHeard())
        for news in _news_of(ours):
            attempt = await closing.hear_in(session, op, attempt, news, seconds=ours.seconds if ours else None)
        log.info("unknown_settled", attempt=attempt.id, found=ours is not None, status=attempt.status)
    await suppressing.take_back(op, attempt)


async def ask_carrier(op: Operation, attempt: Attempt) -> Attempt:
    """Ask the carrier for a call of which nothing was heard, because callbacks get lost; the attempt afterwards."""
    seen = await op.carrier.fetch_call(cast(str, attempt.sid))
    async with op.database.write() as session:
        attempt = await attempts.fresh(session, attempt.id)
        if isinstance(seen, Gone):  # else its number would be on a live attempt for ever
            log.warning("call_gone", attempt=attempt.id, todo="see whether TOQUE_TWILIO_API_ROOT has changed")
            attempt = await closing.hear_in(session, op, attempt, CarrierStatus("failed", sid=seen.sid))
        elif seen is not None:
            for news in _news_of(seen):
                attempt = await closing.hear_in(session, op, attempt, news, seconds=seen.seconds)
    return attempt


def _news_of(seen: Seen | None) -> list[News]:
    """What a call in the carrier's own list proves."""
    if seen is None:
        return [GivenUp()]
    news: list[News] = [Created(seen.sid)]
    word = cast(CarrierWord, seen.status)
    if seen.answered_by:
        by = "machine" if seen.answered_by.startswith("machine") else MACHINE_WORDS.get(seen.answered_by)
        if by and word in ("in-progress", "completed"):
            news.append(Detected(by))  # type: ignore[arg-type]
    if word in FINAL_OF or word in ("queued", "ringing", "in-progress"):
        news.append(CarrierStatus(word, sid=seen.sid))
    return news


async def unknown_count(op: Operation) -> int:
    """How many attempts wait for an answer that never came."""
    async with op.database.read() as session:
        return len((await session.scalars(select(Attempt.id).where(Attempt.status == "unknown"))).all())
