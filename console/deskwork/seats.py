"""What the floor shows: agents with state, age and talk, why somebody should look, and one's own part in a talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from console.guard import Visitor
from dialer.attending import stepping
from dialer.operation import Operation
from dialer.rules import masking
from dialer.store import agents, floor, supervisions
from dialer.store.floor import Seated
from ivr_flows.errors import FlowError
from ivr_flows.scripts.loading import load

Steps = Mapping[int, list[dict[str, Any]]]

LONG_TALK, LONG_WRAP_UP, LONG_PAUSE = timedelta(minutes=10), timedelta(minutes=3), timedelta(minutes=30)
TOLD_FOR = timedelta(minutes=2)  # why one's own part in a talk ended
STATES = {
    "ready": "ready for calls", "reserved": "a call is coming", "in_call": "in a call", "wrapup": "in wrap-up",
    "paused": "paused", "connecting": "line being connected",
}  # fmt: skip
WHY_PAUSED = {
    "break": "short break", "meal": "meal", "training": "training", "meeting": "meeting",
    "technical": "technical problem", "missed a call": "missed a call", "asked for": "asked for",
    "by a supervisor": "by a supervisor",
}  # fmt: skip
MODES = {
    "listen": ("Listen", "You hear both. Nobody hears you."),
    "whisper": ("Whisper", "You hear both. Only the agent hears you."),
    "barge": ("Barge in", "You hear both, and both hear you: the caller hears one more person."),
}  # fmt: skip
MODE_NOW = {"listen": "listens", "whisper": "whispers", "barge": "speaks to both"}
WHY_ENDED = {
    "call_over": "The talk is over, and your line was hung up.",
    "hung_up": "Your line was hung up. The agent and the caller talk on.",
    "not_answered": "Your line was not answered. Check it, then try again.",
    "refused": "The carrier does not reach your line. Check how it is written.",
    "not_allowed": "You may not hear this talk (any more).",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One agent as the floor shows them. `lead`: seconds from card to voice; `need`: why somebody should look.

    `script`: number and title of the one that they follow, and how many steps they have come.
    """

    agent: Seated
    began: datetime
    age: float
    lead: float | None
    need: str
    script: tuple[str, str, int] | None = None


async def seen(op: Operation, visitor: Visitor) -> dict[str, Any]:
    """The floor as this visitor may see it now."""
    now = op.clock.now()
    async with op.database.read() as session:
        found = await floor.seated(session, visitor.tenant_id, visitor.creditors)
        steps = await floor.script_lines(session, visitor.tenant_id)
        queue = await agents.waiting(session, visitor.tenant_id)
        mine = await supervisions.of_user(session, visitor.user_id)
        last = mine or await supervisions.last_of_user(session, visitor.user_id, since=now - TOLD_FOR)
    lines = (replace(line_of(one, now), script=script_of(one, steps, visitor.say.language)) for one in found)
    shown = sorted(lines, key=lambda one: (not one.need, one.began, one.agent.name))
    return {
        "lines": shown, "states": STATES, "why_paused": WHY_PAUSED, "modes": MODES, "mode_now": MODE_NOW,
        "waiting": len(queue), "oldest": queue[0].asked_at if queue else None, "now": now,
        "needing": sum(bool(one.need) for one in shown), "mask": masking.number, "fault": "",
        "talking": sum(one.agent.status == "in_call" for one in shown),
        "mine": mine, "mine_with": next((one.name for one in found if mine and one.id == mine.agent_id), ""),
        "ended": "" if mine or last is None else WHY_ENDED.get(last.why or "", ""), "ticks": False,
    }  # fmt: skip


def script_of(agent: Seated, steps: Steps, language: str) -> tuple[str, str, int] | None:
    """Number and title of the script that an agent follows in a talk that may be seen, and which step it is."""
    at = stepping.replay(steps.get(agent.talk.attempt_id, [])) if agent.talk else None
    try:
        script = load(at.script) if at else None
    except FlowError:  # a script that is no more
        return None
    if at is None or script is None:
        return None
    title = {str(tag): words for tag, words in script.title.items()}
    return script.number, title.get(language) or next(iter(title.values()), ""), len(at.path)


def line_of(agent: Seated, now: datetime) -> Line:
    """An agent with the age of the state, the lead of the card, and why somebody should look."""
    began = agent.talks_since or agent.since
    both = agent.shown_at is not None and agent.talks_since is not None
    lead = (agent.talks_since - agent.shown_at).total_seconds() if both else None  # type: ignore[operator]
    return Line(agent, began, max(0.0, (now - began).total_seconds()), lead, _need(agent, now - began, now))


def _need(agent: Seated, age: timedelta, now: datetime) -> str:
    if agent.wants_somebody:
        return "Asks for a supervisor"
    if agent.status == "paused" and agent.until is not None and now > agent.until:
        return "Break is over"
    long = {"in_call": LONG_TALK, "wrapup": LONG_WRAP_UP, "paused": LONG_PAUSE}.get(agent.status)
    if long is None or age < long:
        return ""
    return {"in_call": "Long call", "wrapup": "Long wrap-up", "paused": "Long pause"}[agent.status]
