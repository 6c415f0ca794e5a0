"""Invented people and shorthand for calls in tests of flows."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from ivr_flows import engine, turn
from ivr_flows.events import Answered
from ivr_flows.nodes import Flow
from ivr_flows.player import read_event
from ivr_flows.turn import Caller, Level, Money, Turn, Value

TODAY = date(2026, 11, 23)

MARIA: dict[str, Value] = {
    "caller_name": "Horizonte Atendimento",
    "official_site": "horizonte.example",
    "official_number": "0800 555 0101",
    "callback_number": "0800 555 0102",
    "contact_person": "Ana Lima",
    "agents_open": True,
    "has_mobile": True,
    "first_name": "Maria",
    "full_name": "Maria Souza",
    "check_kind": "document_last3",
    "check_value": "123",
    "creditor_name": "Loja Aurora",
    "amount_total": Money(15050, "BRL"),
    "debt_count": 2,
    "due_date": date(2026, 10, 1),
    "contract": "A1234",
    "days_past_due": 53,
    "payment_kind": "pix",
    "payment_code": "00020126580014br.gov.bcb.pix",
}


def maria(language: str = "pt-BR", *, required_level: Level = "checked", **given: Value) -> Caller:
    """Maria as the host would describe her, with other values where given."""
    return Caller(language, TODAY, {**MARIA, **given}, required_level)


def call(flow: Flow, caller: Caller, *inputs: str, answered: Answered | None = None) -> list[Turn]:
    """All turns of a call that takes these inputs, written as in the terminal player."""
    turns = [engine.start(flow, caller, answered=answered)]
    for typed in inputs:
        turns.append(engine.resume(flow, turns[-1].state, read_event(typed)))
    return turns


def words(*turns: Turn) -> str:
    """Everything said in these turns."""
    return " ".join(speech.text for each in turns for speech in each.speech)


def effects(*turns: Turn) -> list[str]:
    """Everything left behind in these turns, in shorthand."""
    return [" ".join(str(word) for word in _short(effect) if word) for each in turns for effect in each.effects]


def _short(effect: turn.Effect) -> tuple[object, ...]:
    match effect:
        case turn.LevelReached(level):
            return ("level", level)
        case turn.Promised(amount, on):
            return ("promised", amount.minor, amount.currency, on)
        case turn.OptedOut(scope):
            return ("opted_out", scope)
        case turn.NotThisPerson(kind):
            return ("not_this_person", kind)
        case turn.CallbackAsked(minutes, by_agent):
            return ("callback", minutes, "by_agent" if by_agent else "")
        case turn.HoldAsked(kind, reason, on):
            return ("hold", kind, reason, on)
        case turn.MessageAsked(template, _, purpose):
            return ("message", template, purpose)
        case turn.VoicemailLeft():
            return ("voicemail_left",)
        case turn.Recorded(reference, seconds):
            return ("recorded", reference, seconds)
        case turn.Disposed(disposition):
            return ("disposed", disposition)
        case _:
            assert_never(effect)
