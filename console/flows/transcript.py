"""A played call as a transcript test: what was pressed, what was heard last, where it ended, what it left behind."""

from __future__ import annotations

from typing import Any, assert_never

import yaml

from console.flows.calls import Played
from ivr_flows import turn
from ivr_flows.turn import Effect


def transcript(played: Played) -> str:
    """YAML to be put beside the other transcripts; it says what this very call must do from now on."""
    case: dict[str, Any] = {"name": f"{played.example.words}: {', '.join(played.inputs) or 'the greeting'}"}
    if played.example.given:
        case["given"] = dict(played.example.given)
    if played.role == "machine":
        case["answered"] = "machine"
    case |= {"inputs": list(played.inputs), "ends_at": played.turn.state.node}
    words = " ".join(speech.text for speech in played.turn.speech)
    case["says"] = {played.language: words}
    if not words:
        case["silent"] = True
    case["effects"] = [in_short(effect) for effect in played.effects]
    document = {"flow": played.flow.name, "cases": [case]}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=1000)


def in_short(effect: Effect) -> str:
    """An effect in the shorthand of the transcripts: "promised 15050 BRL 2026-11-27"."""
    return " ".join(str(word) for word in _words(effect) if word)


def _words(effect: Effect) -> tuple[object, ...]:
    match effect:
        case turn.LevelReached(level):
            return ("level", level)
        case turn.Promised(amount, on, debts):
            return ("promised", amount.minor, amount.currency, on, *debts)
        case turn.OptedOut(scope, number):
            return ("opted_out", scope, number)
        case turn.Designated(days, from_minute, to_minute):
            return ("designated", ",".join(map(str, days)), f"{from_minute}-{to_minute}")
        case turn.NotThisPerson(kind):
            return ("not_this_person", kind)
        case turn.CallbackAsked(minutes, by_agent, at):
            return ("callback", minutes, "by_agent" if by_agent else "", at and f"{at:%H:%M}")
        case turn.HoldAsked(kind, reason, on, debts):
            return ("hold", kind, reason, on, *debts)
        case turn.MessageAsked(template, _, purpose):
            return ("message", template, purpose)
        case turn.VoicemailLeft():
            return ("voicemail_left",)
        case turn.Recorded(reference, seconds):
            return ("recorded", reference, seconds)
        case turn.PaidByCard(amount, confirmation, debts):
            return ("paid_by_card", amount.minor, amount.currency, confirmation, *debts)
        case turn.Disposed(disposition):
            return ("disposed", disposition)
        case _:
            assert_never(effect)
