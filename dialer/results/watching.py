"""A campaign as it goes on now: its funnel, its calls, agents, limits, what people wait for. Looks only.

Values, no words: who shows them finds the words. Nothing is kept between two looks but what `Before` carries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import metering
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.results import counting
from dialer.results.group import Calls, Only
from dialer.results.standing import Standing, standing
from dialer.rules.masking import number as masked
from dialer.rules.meters import DropLimit, Reading
from dialer.speaking import load_answer
from dialer.store import live_calls, reports
from dialer.store.live_calls import InFlight, Trouble, Waiting
from dialer.store.models import Campaign

MOST_CALLS = 100
MOST_REASONS = 8
MOST_TROUBLES = 5
TROUBLES_AMONG = 500
STEPS = (
    "dialed",
    "received",
    "answered",
    "human",
    "right_party",
    "pressed",
    "promised",
    "payment_code",
    "transferred",
)
CPS_SECONDS = 10
WORDS_SHOWN = 160
SETTLED_MARGIN = 2000  # calls; what agents note afterwards concerns the newest


@dataclass(frozen=True, slots=True)
class CallNow:
    """A call under way. `state` is one of STATES, `since` when it began or was answered; the number is masked.

    `words` are the last that were said, `privacy` the class of what they disclose (public, identity, debt).
    """

    id: int
    person_id: int
    number: str
    direction: str
    state: str
    since: datetime
    answered: bool
    words: str
    privacy: str
    agent: str | None


STATES = (
    "placing", "ringing", "unknown", "ending", "speaking", "checking", "keys", "queueing", "agent_coming", "agent",
    "recording", "stopping",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DropsNow:
    """A limit on people who asked for an agent and met none in time: `drops` of `answers`, `most` of them may.

    `days` is its window, `code` and `citation` are the rule's.
    """

    country: str
    days: int
    share: float
    drops: int
    answers: int
    most: int
    code: str
    citation: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What is added up: people and calls by step, reasons for waiting.

    `legal_drop`: the share of all who are due to an agent and met none in time, from 0 to 1; None: nobody was.
    """

    funnel: dict[str, int]
    legal_drop: float | None
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the campaign stands, with the reason, and its drops against the limits of the law."""

    standing: Standing
    drops: tuple[DropsNow, ...]


@dataclass(frozen=True, slots=True)
class Live:
    """What the live screen shows. `lines` of the campaign, `all_lines` of the company; caps of the account.

    `cps`: calls begun a second over the last ten. `now` is business time.
    """

    figures: Figures
    verdict: Verdict
    calls: tuple[CallNow, ...]
    lines: int
    talking: int
    all_lines: int
    most_lines: int
    cps: float
    most_cps: float
    troubles: tuple[Trouble, ...]
    now: datetime = field(compare=False)


@dataclass(slots=True)
class Before:
    """What a look leaves to the next: sums of calls that are over, and words that were unsealed already."""

    settled: list[Calls] = field(default_factory=list)
    upto: int = 0
    said: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)


async def live(
    session: AsyncSession, op: Operation, campaign: Campaign, told: tuple[Figures, Verdict], before: Before
) -> Live:
    """The campaign now, with what was added up and judged."""
    by_status = await live_calls.how_many(session, campaign.id)
    now = op.clock.now()
    began = real_ms() - CPS_SECONDS * 1000
    most = int(op.settings.calls_per_second * CPS_SECONDS) + 1
    return Live(
        figures=told[0],
        verdict=told[1],
        calls=await _calls(session, op, campaign, before),
        lines=sum(by_status.values()),
        talking=by_status.get("live", 0),
        all_lines=await live_calls.lines_in_use(session, campaign.tenant_id),
        most_lines=op.settings.lines,
        cps=await live_calls.begun_since(session, campaign.id, began, most=most) / CPS_SECONDS,
        most_cps=op.settings.calls_per_second,
        troubles=tuple(await live_calls.troubles(session, campaign.id, among=TROUBLES_AMONG, most=MOST_TROUBLES)),
        now=now,
    )


async def figures(session: AsyncSession, op: Operation, campaign: Campaign, before: Before) -> Figures:
    """What is added up. Calls that `before` has summed are not summed again."""
    contacts = await reports.contacts_by_rule(session, [campaign.id])
    newest = await reports.call_groups(session, [campaign.id], Only(after=before.upto))
    wishes = [wish async for wish in reports.wishes(session, [campaign.id])]
    funnel = counting.contact_funnel(contacts) | counting.call_funnel([*before.settled, *newest])
    return Figures(
        funnel={name: funnel[name] for name in ("loaded", "eligible", "blocked", *STEPS, "abandoned")},
        legal_drop=counting.wait_rates(wishes, op.clock.now())["legal_drop"],
        waiting=tuple(await live_calls.waiting(session, campaign.id, most=MOST_REASONS)),
    )


async def verdict(session: AsyncSession, op: Operation, campaign: Campaign) -> Verdict:
    """How the campaign stands before the law and its own means."""
    readings = (await metering.readings(session, op, [campaign])).get(campaign.id, {})
    drops = (_drops(one) for found in readings.values() for one in found if isinstance(one.limit, DropLimit))
    return Verdict(await standing(session, op, campaign), tuple(drops))


async def settle(session: AsyncSession, campaign_id: int, before: Before) -> int:
    """Sum the calls that are over anew, so that later looks add up the newest only; up to which id."""
    before.upto = await live_calls.all_settled_upto(session, campaign_id, margin=SETTLED_MARGIN)
    before.settled = await reports.call_groups(session, [campaign_id], Only(upto=before.upto)) if before.upto else []
    return before.upto


def state_of(call: InFlight) -> str:
    """One of STATES, for a call under way."""
    if call.cancel is not None and call.cancel != "changed":
        return "stopping"
    if call.status != "live":
        return {"placed": "placing"}.get(call.status, call.status)
    if call.wish is not None:
        return {"waiting": "queueing", "reserved": "agent_coming"}.get(call.wish, "agent")
    by_wait = {"secret": "checking", "keys": "keys", "transfer": "queueing", "record": "recording", "end": "ending"}
    return by_wait.get(call.waits, "speaking")


async def _calls(session: AsyncSession, op: Operation, campaign: Campaign, before: Before) -> tuple[CallNow, ...]:
    found = await live_calls.in_flight(session, campaign.id, most=MOST_CALLS)
    turns = [(call.id, call.turn) for call in found if call.turn >= 0]
    fresh = await live_calls.last_answers(session, [one for one in turns if one not in before.said])
    said = {one: before.said[one] for one in turns if one in before.said}
    said |= {(one, n): _said(op, fresh[one]) for one, n in turns if one in fresh}
    before.said = said  # of calls that are over nothing is kept
    return tuple(_call(call, *said.get((call.id, call.turn), ("", "public"))) for call in found)


def _said(op: Operation, sealed: bytes) -> tuple[str, str]:
    """The last words of an answer, and the highest class of what all of it discloses."""
    speech = load_answer(op.database.keyring.unseal(sealed)).speech
    words = " ".join(one.text for one in speech)
    classes = {one.privacy for one in speech}
    cut = words if len(words) <= WORDS_SHOWN else "…" + words[-WORDS_SHOWN:].partition(" ")[2]
    return cut, "debt" if "debt" in classes else "identity" if "identity" in classes else "public"


def _call(call: InFlight, words: str, privacy: str) -> CallNow:
    return CallNow(
        id=call.id,
        person_id=call.person_id,
        number=masked(call.number),
        direction=call.direction,
        state=state_of(call),
        since=call.answered or call.began,
        answered=call.answered is not None,
        words=words,
        privacy=privacy,
        agent=call.agent,
    )


def _drops(reading: Reading) -> DropsNow:
    limit, counts = reading.limit, reading.counts
    assert isinstance(limit, DropLimit)
    return DropsNow(
        country=limit.country,
        days=limit.days,
        share=limit.share,
        drops=counts.legal_drops,
        answers=counts.live_answers,
        most=limit.most(counts.live_answers),
        code=limit.rule.code,
        citation=limit.rule.citation,
    )
