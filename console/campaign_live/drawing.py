"""A look at a campaign as the parts of its page, in the viewer's language. Draws; looks at nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from console.campaign_live.band import pieces, shares
from console.campaigns.rules import Held, held_back
from console.campaigns.sentences import sentence_words, status_word
from console.frame import rendered
from console.guard import Visitor
from dialer.results.watching import CallNow, Figures, Live
from dialer.rules.packs import Packs
from dialer.store.live_calls import Trouble

HEARS = ("administrator", "manager", "supervisor")  # what is said of somebody's debt is not for everybody
PARTS = ("funnel", "calls", "lines", "agents", "drops", "waiting", "troubles")
STATES = {
    "placing": "Dialling",
    "ringing": "Ringing",
    "unknown": "No news of it yet",
    "speaking": "Hears us",
    "keys": "May press a key",
    "checking": "Being identified",
    "recording": "Leaves a message",
    "queueing": "Waits for an agent",
    "agent_coming": "Agent is being connected",
    "agent": "Talks with an agent",
    "ending": "Hears the goodbye",
    "stopping": "Is being ended",
}
AGENTS = {
    "ready": "Ready",
    "reserved": "Caller on the way",
    "in_call": "In a call",
    "wrapup": "Finishing a case",
    "paused": "On a break",
    "connecting": "Line is being made",
    "offline": "Away",
}
PEOPLE_STEPS = (("loaded", "Loaded"), ("eligible", "May be called"))
CALL_STEPS = (
    ("answered", "Answered"),
    ("human", "A person"),
    ("right_party", "The right one"),
    ("pressed", "Pressed a key"),
)
RESULTS = (("promised", "Promised"), ("payment_code", "Payment code"), ("transferred", "Met an agent"))


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel: `points` of its piece of the band, `share` of the first step (None: it is the first)."""

    label: str
    count: int
    share: float | None
    points: str
    unit: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A reason for waiting with its people. `rule` is None for those whose time has not come."""

    rule: Held | None
    people: int
    next: Any


def draw(visitor: Visitor, packs: Packs, live: Live) -> dict[str, str]:
    """Every part as HTML; the sentence, its tone and the state as words."""
    say, standing = visitor.say, live.verdict.standing
    shared: dict[str, Any] = {
        "live": live,
        "steps": steps(live.figures.funnel),
        "results": [(label, live.figures.funnel[name]) for name, label in RESULTS],
        "states": STATES,
        "agents": [
            (say(label), standing.agents[name]) for name, label in AGENTS.items() if standing.agents.get(name)
        ],
        "waits": _waits(visitor, packs, live.figures),
        "whole_company": visitor.creditors is None,
        "heard": lambda call: heard(visitor, call),
        "trouble": lambda one: trouble_words(visitor, one),
    }
    parts = {name: rendered(f"campaign_live/{name}.html", visitor, **shared) for name in PARTS}
    sentence = sentence_words(say, standing.sentence, live=live.lines)
    state = status_word(say, standing.status)
    return parts | {"sentence": sentence, "state": state, "tone": standing.sentence.tone}


def heard(visitor: Visitor, call: CallNow) -> str:
    """The last words of a call, if the viewer's role may read them."""
    if call.privacy == "debt" and visitor.role not in HEARS:
        return visitor.say("about the debt: not shown to your role")
    return call.words


def steps(funnel: dict[str, int]) -> list[Step]:
    """The funnel as one band: people first, then calls, each part as high as its share of its first step."""
    first = ("dialed", "Dialled") if funnel["dialed"] or not funnel["received"] else ("received", "Called us")
    return [*_band(funnel, PEOPLE_STEPS, "people"), *_band(funnel, (first, *CALL_STEPS), "calls")]


def _band(funnel: dict[str, int], named: tuple[tuple[str, str], ...], unit: str) -> list[Step]:
    counts = [funnel[name] for name, _ in named]
    drawn = zip(named, counts, shares(counts), pieces(counts), strict=True)
    return [Step(label, count, share, points, unit) for (_, label), count, share, points in drawn]


def _waits(visitor: Visitor, packs: Packs, figures: Figures) -> list[Wait]:
    by_rule = {one.rule: one.people for one in figures.waiting if one.rule}
    reasons = {one.rule: one.reason or "" for one in figures.waiting if one.rule}
    rules = {one.code: one for one in held_back(visitor.say, packs, by_rule, reasons)}
    return [Wait(rules[one.rule] if one.rule else None, one.people, one.next) for one in figures.waiting]


def trouble_words(visitor: Visitor, one: Trouble) -> str:
    """What went wrong, in plain words."""
    say = visitor.say
    if one.status == "unknown":
        return say("The carrier has not answered whether the call exists. Toque asks again by itself.")
    if one.status == "refused":
        return say("The carrier refused the call. Look up the code, and check the account and the number shown.")
    return say("The call could not be brought about: the number may not exist, or the network failed.")
