"""Many intents in one transaction of the driver: what was looked at is held and compared, then all is written.

Plain SQL, once for both databases where they agree. Nothing here decides, and nobody is waited for while somebody
is held: whom another transaction holds is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from dialer.store.columns import milliseconds
from dialer.store.database import Database
from dialer.store.driving.driver import Bare
from dialer.store.meters import Counted
from dialer.store.models import LIVE_STATUSES, Contact
from dialer.store.people import OPEN_DEBT
from dialer.store.records import Record

Print = tuple[Any, ...]  # what a contact and its person's record are known by; equal: nothing was written since


@dataclass(frozen=True, slots=True)
class Written:
    """An intent to be written: columns of its attempt (instants in ms, lists as lists), and the gate's yes."""

    token: str
    attempt: Mapping[str, Any]
    said: Mapping[str, Any]
    actor: str


def print_of(contact: Contact, record: Record) -> Print:
    """The print of what was read."""
    wished = None if contact.wished_at is None else milliseconds(contact.wished_at)
    return (contact.status, contact.claim_owner, contact.tries, contact.number_id, wished, *record.state)


_PRINT = f"""SELECT c.id, c.status, c.claim_owner, c.tries, c.number_id, c.wished_at, p.version,
(SELECT CAST(coalesce(sum(a.version + 1), 0) AS bigint) FROM attempt a
 WHERE a.person_id = p.id AND a.status <> 'denied'),
(SELECT count(*) FROM message m WHERE m.person_id = p.id
 AND m.status IN ('sending', 'sent', 'delivered', 'unknown', 'received')),
(SELECT CAST(coalesce(sum(d.step + 1), 0) AS bigint) FROM debt d
 WHERE d.person_id = p.id AND d.status IN {OPEN_DEBT!r}),
(SELECT count(*) FROM number n WHERE n.person_id = p.id AND n.status = 'usable')
FROM contact c JOIN person p ON p.id = c.person_id WHERE c.id """
_AMONG_SQLITE, _AMONG_POSTGRES = "IN (SELECT value FROM json_each($1))", "= ANY($1::bigint[])"


async def hold(bare: Bare, database: Database, contact_ids: Sequence[int]) -> dict[int, Print]:
    """The prints of these contacts as committed now, by id, held with their people until the transaction ends."""
    if database.is_sqlite:  # which has one writer at a time: this one
        rows = await bare.rows(_PRINT + _AMONG_SQLITE, orjson.dumps(contact_ids).decode())
    else:
        locked = _PRINT + _AMONG_POSTGRES + " FOR NO KEY UPDATE OF p, c SKIP LOCKED"
        rows = await bare.rows(locked, list(contact_ids))
    return {row[0]: tuple(row)[1:] for row in rows}


async def hold_campaign(bare: Bare, database: Database, campaign_id: int) -> tuple[str, dict[str, Any], str, str]:
    """Status, plan, flow and skill of a campaign, held against a change until the transaction ends."""
    lock = "" if database.is_sqlite else " FOR SHARE"
    rows = await bare.rows(f"SELECT status, plan, flow, skill FROM campaign WHERE id = $1{lock}", campaign_id)
    status, plan, flow, skill = rows[0]
    return status, orjson.loads(plan), flow, skill


async def flow_in_force(bare: Bare, tenant_id: int, name: str) -> tuple[str, list[str], dict[str, Any]] | None:
    """Revision, places and proof of the version of an own flow that new calls follow."""
    rows = await bare.rows(
        "SELECT revision, places, proof FROM flow_version WHERE tenant_id = $1 AND name = $2"
        " AND published_at IS NOT NULL ORDER BY number DESC LIMIT 1",
        tenant_id,
        name,
    )
    if not rows:
        return None
    revision, places, proof = rows[0]
    return revision, orjson.loads(places or "[]"), orjson.loads(proof or "{}")


async def count(bare: Bare, tenant_id: int, day: date, calls: Mapping[Counted, int]) -> None:
    """Add calls to the meters of a day, always in the same order: their rows keep all others out, as `meters.add`."""
    values = [one for whose, number in sorted(calls.items()) for one in (whose.scope, whose.of, number)]
    await bare.rows(_counting(len(calls)), tenant_id, day.isoformat(), *values)


@lru_cache(maxsize=64)
def _counting(rows: int) -> str:
    each = ", ".join(f"($1, ${n}, ${n + 1}, 'calls', $2, ${n + 2})" for n in range(3, 3 + 3 * rows, 3))
    return (
        f'INSERT INTO meter (tenant_id, scope, "of", name, day, count) VALUES {each} ON CONFLICT (tenant_id, scope,'
        ' "of", name, day) DO UPDATE SET count = meter.count + excluded.count'
    )


async def sums(
    bare: Bare, tenant_id: int, whose: Collection[Counted], since: Collection[date]
) -> dict[tuple[Counted, str, date], int]:
    """What was counted from each of these days on, as `meters.sums`."""
    begun = sorted(set(since))
    names = [one for each in sorted(whose) for one in (each.scope, each.of)]
    rows = await bare.rows(_summing(len(whose), len(begun)), tenant_id, *(day.isoformat() for day in begun), *names)
    return {
        (Counted(scope, of), name, day): int(number)
        for scope, of, name, *numbers in map(tuple, rows)
        for day, number in zip(begun, numbers, strict=True)
    }


@lru_cache(maxsize=64)
def _summing(whose: int, days: int) -> str:
    each = ", ".join(f"sum(CASE WHEN day >= ${n} THEN count ELSE 0 END)" for n in range(2, 2 + days))
    first = 2 + days
    mine = " OR ".join(f'scope = ${n} AND "of" = ${n + 1}' for n in range(first, first + 2 * whose, 2))
    return (
        f'SELECT scope, "of", name, {each} FROM meter WHERE tenant_id = $1 AND day >= $2 AND ({mine})'
        ' GROUP BY scope, "of", name'
    )


async def under_way(bare: Bare, tenant_id: int, campaign_id: int) -> int:
    """Calls out of a campaign that are not over and may ask for an agent; none where there are no agents."""
    rows = await bare.rows(
        f"SELECT count(*) FROM attempt WHERE campaign_id = $1 AND status IN {LIVE_STATUSES!r} AND direction = 'out'"
        " AND EXISTS (SELECT 1 FROM agent WHERE tenant_id = $2)",
        campaign_id,
        tenant_id,
    )
    return int(rows[0][0])


_USED = "CASE WHEN used_on = $3 THEN used ELSE 0 END + $4"


async def use(bare: Bare, tenant_id: int, shown: tuple[str, str], today: date, calls: int) -> bool:
    """Count intents of today that show a number, as `caller_ids.use`; False when its day has no room for them.

    `shown`: the number, and its status as it was chosen, which must still be so.
    """
    e164, status = shown
    counted = await bare.rows(
        f"UPDATE caller_id SET used = {_USED}, used_on = $3 WHERE tenant_id = $1 AND e164 = $2"
        f" AND (daily_cap IS NULL OR {_USED} <= daily_cap) AND status = $5 RETURNING id",
        tenant_id, e164, today.isoformat(), calls, status,
    )  # fmt: skip
    if counted:
        return True
    return not await bare.rows("SELECT id FROM caller_id WHERE tenant_id = $1 AND e164 = $2", tenant_id, e164)


async def take_step(bare: Bare, database: Database, debt_ids: Sequence[int], step: int) -> None:
    """These debts have come to a step of the ladder; none is taken back behind one that it has taken."""
    among = _AMONG_SQLITE if database.is_sqlite else _AMONG_POSTGRES
    ids = orjson.dumps(debt_ids).decode() if database.is_sqlite else list(debt_ids)
    await bare.rows(f"UPDATE debt SET step = $2 WHERE step < $2 AND id {among}", ids, step)


# What every attempt begins with and has no value of its own: the same as the model's.
_FRESH = {"status": "'placing'", "waits": "'answer'", "level": "'none'", "key_pressed": "false", "recorded": "false"}
_COLUMNS = {
    "token": "text", "tenant_id": "bigint", "campaign_id": "bigint", "contact_id": "bigint", "person_id": "bigint",
    "number_id": "bigint", "to_number": "text", "from_number": "text", "flow": "text", "flow_revision": "text",
    "mode": "text", "debts": "json", "counted_debts": "json", "intent_at": "bigint", "intent_real": "bigint",
    "pack": "text",
}  # fmt: skip
_NAMES = ", ".join((*_COLUMNS, *_FRESH))
_CALLED = "status = 'calling', tries = tries + 1, blocked_rule = NULL, blocked_reason = NULL"
_WRITE_POSTGRES = f"""WITH given AS (SELECT * FROM json_to_recordset($1::json) AS g(
{", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())}, said json, actor text)),
made AS (INSERT INTO attempt ({_NAMES}) SELECT {", ".join((*_COLUMNS, *_FRESH.values()))} FROM given
 RETURNING id, token),
moved AS (UPDATE person SET version = version + 1 FROM given WHERE person.id = given.person_id),
taken AS (UPDATE contact SET {_CALLED}, number_id = given.number_id FROM given WHERE contact.id = given.contact_id),
noted AS (INSERT INTO interaction (tenant_id, person_id, attempt_id, at, kind, actor, detail)
 SELECT tenant_id, person_id, made.id, intent_at, 'call_allowed', actor, said FROM given JOIN made USING (token))
SELECT token, id FROM made"""
_INSERT_SQLITE = (
    f"INSERT INTO attempt ({_NAMES}) VALUES ({', '.join(f'${n}' for n in range(1, len(_COLUMNS) + 1))},"
    f" {', '.join(_FRESH.values())}) RETURNING id"
)


async def write(bare: Bare, database: Database, intents: Sequence[Written]) -> dict[str, int]:
    """Write intents whose contacts and people are held: attempt, the gate's yes, contact, person. Ids by token.

    No two may be of one person.
    """
    if database.is_sqlite:
        return {one.token: await _write_on_sqlite(bare, one) for one in intents}
    rows = [{**one.attempt, "said": one.said, "actor": one.actor} for one in intents]
    return {row[0]: row[1] for row in await bare.rows(_WRITE_POSTGRES, orjson.dumps(rows).decode())}


async def _write_on_sqlite(bare: Bare, one: Written) -> int:
    values = (one.attempt[name] for name in _COLUMNS)
    texts = (orjson.dumps(value).decode() if isinstance(value, list) else value for value in values)
    attempt_id = int((await bare.rows(_INSERT_SQLITE, *texts))[0][0])
    person, contact = one.attempt["person_id"], one.attempt["contact_id"]
    await bare.rows("UPDATE person SET version = version + 1 WHERE id = $1", person)
    await bare.rows(f"UPDATE contact SET {_CALLED}, number_id = $2 WHERE id = $1", contact, one.attempt["number_id"])
    await bare.rows(
        "INSERT INTO interaction (tenant_id, person_id, attempt_id, at, kind, actor, detail)"
        " VALUES ($1, $2, $3, $4, 'call_allowed', $5, $6)",
        one.attempt["tenant_id"], person, attempt_id, one.attempt["intent_at"], one.actor,
        orjson.dumps(one.said).decode(),
    )  # fmt: skip
    return attempt_id


@dataclass(frozen=True, slots=True)
class Named:
    """The carrier's yes to an attempt: its id there."""

    attempt_id: int
    sid: str


_PLACED = "SET status = 'placed', version = version + 1, placed_at = $1, heard_at = $1"
_STILL = "status = 'placing' AND sid IS NULL AND cancel_asked IS NULL AND closed_at IS NULL"
_NAME_POSTGRES = f"""UPDATE attempt {_PLACED}, sid = given.sid
FROM unnest($2::bigint[], $3::text[]) AS given(id, sid) WHERE attempt.id = given.id AND attempt.{
    _STILL.replace(" AND ", " AND attempt.")
} RETURNING attempt.id"""
_NAME_SQLITE = f"UPDATE attempt {_PLACED}, sid = $3 WHERE id = $2 AND {_STILL} RETURNING id"


async def name(bare: Bare, database: Database, answers: Sequence[Named], *, at: int) -> set[int]:
    """The carrier has taken these calls (`at` in ms); those attempts of which nothing was heard or asked before.

    The others are not changed: what is known of them must be merged.
    """
    if database.is_sqlite:
        return {one.attempt_id for one in answers if await bare.rows(_NAME_SQLITE, at, one.attempt_id, one.sid)}
    ids, sids = [one.attempt_id for one in answers], [one.sid for one in answers]
    return {row[0] for row in await bare.rows(_NAME_POSTGRES, at, ids, sids)}
