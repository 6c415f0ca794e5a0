"""Values that several pages of the flows give to their templates."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from audio.packs.lengths import seconds
from audio.prompts import PromptStore
from console.flows.calls import ROLES, Played
from console.flows.leaving import in_words
from console.flows.people import examples, today
from console.flows.telling import PURPOSES
from console.guard import Visitor
from ivr_flows.engine import spoken_language
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import PROPERTIES
from ivr_flows.turn import Card, End, Keys, Record, Transfer, Turn

PROPERTY_WORDS = {code: words[0].upper() + words[1:] for code, words in PROPERTIES.items()}
ROLE_WORDS = {"person": "a person", "machine": "an answering machine", "silence": "somebody who stays silent"}
USE_WORDS = {
    "draft": "is being prepared",
    "checked": "is checked",
    "running": "is running",
    "paused": "is paused",
    "stopped": "has been stopped",
    "finished": "has finished",
}
OTHER_INPUTS: dict[str, tuple[tuple[str, str], ...]] = {
    "transfer": (
        ("talked", "An agent talked to them"),
        ("nobody_free", "Nobody became free"),
        ("closed", "No agent is at work"),
        ("wait 1 30", "30 seconds pass in the queue"),
    ),
    "record": (("rec 5", "Speak for five seconds"), ("rec 0", "Say nothing")),
    "card": (
        ("card paid", "The card is charged"),
        ("card failed", "The card is declined"),
        ("card stopped", "They press star"),
        ("card unavailable", "Cards cannot be taken now"),
    ),
}


def language_of(flow: Flow, wanted: str, visitor: Visitor) -> str:
    """The language to show the words in: the one asked for, else the viewer's, else the flow's first."""
    return spoken_language(flow, wanted or visitor.say.language)


def prompts_of(request: Request) -> PromptStore | None:
    """The rendered prompts of this process; None where everything is spoken by the carrier's voice."""
    store = getattr(request.app.state, "prompts", None)
    return store if isinstance(store, PromptStore) else None


def phone_values(
    request: Request, played: Played | None, *, flow: Flow, language: str, fault: str = ""
) -> dict[str, Any]:
    """What the phone shows. `sounds`: how many utterances can be heard; `spoken_ms`: how long they take at least."""
    turn = played.turn if played else None
    return {
        "played": played,
        "flow": flow,
        "purpose": PURPOSES.get(flow.name, ""),
        "language": language,
        "examples": examples(flow),
        "roles": [(role, ROLE_WORDS[role]) for role in ROLES],
        "today": today(),
        "wait": wait_values(turn) if turn else {},
        "sounds": len(turn.speech) if turn and prompts_of(request) else 0,
        "spoken_ms": round(1000 * sum(seconds(one.language, one.text) for one in turn.speech)) if turn else 0,
        "others": OTHER_INPUTS,
        "in_words": in_words,
        "phone_fault": fault,
    }


def wait_values(turn: Turn) -> dict[str, Any]:
    """What is waited for: its kind, how many keys, what ends them, how many seconds."""
    match turn.wait:
        case Keys(max_digits=most, finish_on=finish, timeout_seconds=longest):
            return {"kind": "keys", "most": most, "finish": finish, "seconds": longest}
        case Transfer(max_wait_seconds=longest):
            return {"kind": "transfer", "most": 1, "finish": "", "seconds": longest}
        case Record(max_seconds=longest):
            return {"kind": "record", "most": 0, "finish": "", "seconds": longest}
        case Card():
            return {"kind": "card", "most": 0, "finish": "", "seconds": 0}
        case End():
            return {"kind": "end", "most": 0, "finish": "", "seconds": 0}
