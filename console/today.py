"""The first page: is everything healthy and lawful? Running campaigns, agents, and what needs a person."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from console.campaigns.finding import campaigns_seen
from console.campaigns.listing import Row, rows
from console.catalogues import Texts
from console.frame import page, part, rendered
from console.guard import EVERYBODY, LOOKS, Guard, Visitor
from console.pages import HEADERS
from dialer.operation import Operation
from dialer.results.needs import Need, Scope, agents_now, answers_by_hour, needs
from dialer.rules.phone_numbers import mask

HOURS = 12
AGENT_WORDS = {
    "ready": "ready", "in_call": "in a call", "reserved": "about to take a call", "wrapup": "finishing up",
    "paused": "paused", "connecting": "connecting", "offline": "away",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spark:
    """Answers of the last hours: bars (x, height of 0 to 24 units), the hour that runs last, and that in words."""

    bars: tuple[tuple[int, int], ...]
    words: str


def today_routes(op: Operation, guard: Guard) -> APIRouter:
    """`/` and the part of it that renews itself."""
    router = APIRouter(include_in_schema=False)
    everybody, looks = Depends(guard.lets(*EVERYBODY)), Depends(guard.lets(*LOOKS))

    @router.get("/")
    async def today(request: Request, visitor: Visitor = everybody) -> Response:
        """The page; an agent's place is the desk."""
        if not visitor.looks:
            return RedirectResponse("/desk", 303, headers=HEADERS)
        values = await _now(op, visitor)
        return page(request, "today/page.html", visitor, seen=_digest(visitor, values), **values)

    @router.get("/today")
    async def renewed(seen: str = "", visitor: Visitor = looks) -> Response:
        """The living part; nothing when it is as the browser has `seen` it, so that nothing flickers."""
        values = await _now(op, visitor)
        digest = _digest(visitor, values)
        if digest == seen:
            return Response(status_code=204, headers=HEADERS)
        return part("today/now.html", visitor, seen=digest, **values)

    return router


async def _now(op: Operation, visitor: Visitor) -> dict[str, Any]:
    now = op.clock.now()
    async with op.database.read() as session:
        found = await campaigns_seen(session, visitor, "running", "paused")
        shown = sorted(
            await rows(session, op, visitor.say, found), key=lambda row: (row.status != "running", -row.id)
        )
        answers = await answers_by_hour(session, [one.id for one in found], now, HOURS)
        wanted = await needs(session, op, Scope(visitor.tenant_id, visitor.creditors))
        staff = await agents_now(session, visitor.tenant_id)
        any_at_all = bool(found) or bool(await campaigns_seen(session, visitor))
    return {
        "rows": shown, "any": any_at_all,
        "sparks": {one: spark(visitor.say, counts) for one, counts in answers.items()},
        "needs": wanted, "need_words": [need_words(visitor.say, one) for one in wanted],
        "agents": [(AGENT_WORDS[one], staff[one]) for one in AGENT_WORDS if staff.get(one)], "now": now,
        "headline": headline(visitor.say, shown, wanted),
    }  # fmt: skip


def headline(say: Texts, shown: Sequence[Row], wanted: Sequence[Need]) -> str:
    """The sentence on top: what needs a person first, else how much goes on."""
    running = [one for one in shown if one.status == "running"]
    urgent = sum(one.urgent for one in wanted) + sum(one.tone == "danger" for one in running)
    if urgent:
        many = "{count} things need a person now before calls go on as they should."
        return say.n("{count} thing needs a person now before calls go on as they should.", many, urgent)
    if not running:
        return say("No campaign is running.")
    left = sum(one.left for one in running)
    words = say.n("{count} campaign is running", "{count} campaigns are running", len(running))
    people = say.n("{count} person is left", "{count} people are left", left)
    if any(one.tone == "warn" for one in running):
        return say("{running}, {people}; some of it does not move.", running=words, people=people)
    return say("{running}, {people}; all is as it should be.", running=words, people=people)


def need_words(say: Texts, need: Need) -> tuple[str, str, str]:
    """(what it is, what to do about it, where) of something that needs a person; `where` may be empty."""
    count = need.count
    match need.kind:
        case "no_account":
            todo = "Set TOQUE_TWILIO_ACCOUNT_SID and TOQUE_TWILIO_AUTH_TOKEN and start again."
            return say("No account at a carrier: nothing can be dialled."), say(todo), "/settings"
        case "law_broken":
            return say("A file of the law cannot be read."), say.told(need.words), "/rules"
        case "halted":
            return say("Calls of {name} are refused: it is paused.", name=need.name), say.told(need.words), _at(need)
        case "flow_broken":
            return say("The flow of {name} cannot be read.", name=need.name), say.told(need.words), _at(need)
        case "tasks":
            words = say.n("{count} task is due.", "{count} tasks are due.", count)
            return words, say("Payments to check, disputes to answer, calls to return: see the desk."), "/desk"
        case "unknown_calls":
            many = "It is not known what became of {count} calls."
            since = say("The oldest began on {time}; the carrier is asked again by itself.", time=_time(say, need))
            return say.n("It is not known what became of {count} call.", many, count), since, ""
        case "failed_messages":
            many = "{count} messages did not arrive in the last day."
            todo = say("Look whether the numbers are right, and whether the carrier lets our texts through.")
            return say.n("{count} message did not arrive in the last day.", many, count), todo, ""
        case "number_falls":
            words = say("{number} is answered less than before.", number=mask(need.name))
            return words, say("Look into it (a label? the carrier?); do not just show another."), "/numbers"


def spark(say: Texts, counts: Sequence[int]) -> Spark:
    """Bars for answers by hour, the highest of them 24 units."""
    most = max(counts, default=0)
    bars = tuple((n * 8, round(24 * count / most) if most else 0) for n, count in enumerate(counts))
    words = say.n("{count} answer in the last 12 hours", "{count} answers in the last 12 hours", sum(counts))
    last = say("{count} of them in this hour", count=say.number(counts[-1] if counts else 0))
    return Spark(bars, f"{words}, {last}")


def _digest(visitor: Visitor, values: dict[str, Any]) -> str:
    steady = values | {"now": None}
    return hashlib.sha256(rendered("today/now.html", visitor, seen="", **steady).encode()).hexdigest()[:16]


def _at(need: Need) -> str:
    return f"/campaigns/{need.campaign}"


def _time(say: Texts, need: Need) -> str:
    return say.time(need.since) if need.since else "?"
