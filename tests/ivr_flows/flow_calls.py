"""Invented people and shorthand for calls in tests of flows."""

from __future__ import annotations

from datetime import date, time
from typing import assert_never

from ivr_flows import engine, turn
from ivr_flows.events import Answered
from ivr_flows.loading import parse
from ivr_flows.nodes import Flow
from ivr_flows.player import read_event
from ivr_flows.turn import DEBT_VALUES, Caller, Level, Money, Turn, Value

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
    "debt_count": 1,
}
OWED: dict[str, Value] = {
    "debt": "1",
    "creditor_name": "Loja Aurora",
    "amount": Money(15050, "BRL"),
    "original_amount": Money(12000, "BRL"),
    "interest": Money(2050, "BRL"),
    "fine": Money(1500, "BRL"),
    "discount": Money(500, "BRL"),
    "due_date": date(2026, 10, 1),
    "days_past_due": 53,
    "contract": "A1234",
    "pix": "00020126580014br.gov.bcb.pix",
    "boleto": "23793.38128 60007.827136 95000.063305 9 84660000015050",
    "link": "https://pay.horizonte.example/1",
}
SUMS = (15050, 9975, 4020, 25000, 8800, 6100)  # of up to six debts; the first is Maria's only one


def maria(
    language: str = "pt-BR",
    *,
    required_level: Level = "checked",
    debts: int = 1,
    now: time | None = time(10),
    **given: Value,
) -> Caller:
    """Maria as the host would describe her at ten o'clock, with so many debts, and other values where given."""
    owed = [{**OWED, **{name: value for name, value in given.items() if name in DEBT_VALUES}}]
    owed += [{**_another(n), "days_past_due": given.get("another_past_due", 23 - n)} for n in range(2, debts + 1)]
    sums = {"amount_total": Money(sum(SUMS[:debts]), "BRL"), "debt_count": debts} if debts > 1 else {}
    return Caller(language, TODAY, {**MARIA, **sums, **given}, required_level, tuple(owed[:debts]), now)


def _another(n: int) -> dict[str, Value]:
    return {
        "debt": str(n),
        "creditor_name": "Loja Aurora",
        "amount": Money(SUMS[n - 1], "BRL"),
        "due_date": date(2026, 11, n),
        "contract": f"B{n}",
        "instalment": f"{n}/12",
        "invoice": f"{n}{n}",
        "pix": f"00020126580014br.gov.bcb.pix.{n}",
    }


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


def flow_of(nodes: str, *, variables: str = "{}", exits: str = "hung_up: bye") -> Flow:
    """A flow in English out of a few nodes; `bye` ends it."""
    return parse(
        f"title: T\nlanguages: [en-US]\nstart: first\nvariables: {variables}\n"
        f"exits: {{silent: again, invalid: again, too_many: bye, {exits}}}\n"
        'prompts: {silent: {en-US: "Again."}, invalid: {en-US: "No."}}\n'
        f"nodes:\n{nodes}\n  bye: {{kind: hangup}}\n",
        "short.yaml",
    )
