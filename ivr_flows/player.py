"""A call in the terminal: what is said, waited for and left behind; at the end the inputs, to paste as a transcript.

The only module here that talks to somebody, through the two functions it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

from ivr_flows import engine
from ivr_flows.errors import FlowFailed, InputRefused
from ivr_flows.events import (
    CardEnded,
    Event,
    HungUp,
    MachineHeard,
    Pressed,
    Recalled,
    RecordingEnded,
    Silent,
    StillWaiting,
    TransferEnded,
    TransferResult,
)
from ivr_flows.nodes import Flow
from ivr_flows.turn import Caller, Card, End, Keys, Language, Money, Record, Transfer, Turn, Value

HELP = (
    "Keys: press them. Empty: silence. h: hang up. machine, fax: a late verdict. recall opted_out|nothing_due|"
    "stopped. In a queue: wait POSITION SECONDS; talked, nobody_free, closed, left, failed. Recording: rec SECONDS. "
    "Card: card paid|failed|stopped|unavailable."
)
_SAMPLE: dict[str, Value] = {
    "caller_name": "Horizonte Atendimento",
    "official_site": "horizonte.example",
    "official_number": "0800 555 0101",
    "callback_number": "0800 555 0102",
    "contact_person": "Ana Lima",
    "first_name": "Maria",
    "full_name": "Maria Souza",
    "check_kind": "document_last3",
    "creditor_name": "Loja Aurora",
    "contract": "A1234",
    "payment_kind": "pix",
    "payment_code": "00020126580014br.gov.bcb.pix",
    "pix": "00020126580014br.gov.bcb.pix",
    "boleto": "23793.38128 60007.827136 95000.063305 9 84660000015050",
    "instalment": "1/12",
}
_LEFT_OUT = frozenset({"country"})  # without it the language decides on the disclosures
_OFF = frozenset({"message_only", "number_withheld"})  # flags that would cut the call short
_DEBTS = 2
_RESULTS: tuple[TransferResult, ...] = ("talked", "nobody_free", "closed", "left", "failed")


def play(
    flow: Flow, caller: Caller, input_fn: Callable[[str], str] = input, output_fn: Callable[[str], None] = print
) -> list[str]:
    """Play one call until it ends; returns the inputs. Ends with FlowFailed if the flow fails."""
    inputs: list[str] = []
    output_fn(HELP)
    if check := caller.values.get("check_value"):
        output_fn(f"Who is called is invented, and passes the identity check with {check}.")
    turn = engine.start(flow, caller)
    _show(turn, output_fn)
    while not isinstance(turn.wait, End):
        typed = input_fn("> ").strip()
        try:
            turn = engine.resume(flow, turn.state, read_event(typed))
        except (InputRefused, ValueError) as refusal:
            output_fn(f"  {refusal}")
            continue
        except FlowFailed as failure:
            output_fn(f"  failed: {failure}")
            raise
        inputs.append(typed or "silence")
        _show(turn, output_fn)
    output_fn(f"inputs: [{', '.join(_quoted(each) for each in inputs)}]")
    return inputs


def sample_caller(flow: Flow, language: Language, today: date) -> Caller:
    """An invented person with every variable that the flow declares and two debts; the check is 123.

    It is ten o'clock. In a flow whose step is before the due date nothing is late yet.
    """
    late = flow.ladder is None or flow.ladder.to_day is None or flow.ladder.to_day > 0
    due = today - timedelta(days=30) if late else today + timedelta(days=3)
    currency = {"en-US": "USD", "fr-FR": "EUR"}.get(language, "BRL")
    by_type: dict[str, Value] = {
        "text": "Exemplo",
        "secret": "123",
        "flag": True,
        "count": _DEBTS,
        "money": Money(15050, currency),
        "date": due,
    }
    values = {name: _SAMPLE.get(name, by_type[each.type]) for name, each in flow.variables.items()}
    values |= {name: False for name in _OFF & values.keys()}
    owed = tuple(_sample_debt(n, due, (today - due).days, currency) for n in range(_DEBTS))
    if "amount_total" in values:
        values["amount_total"] = Money(_DEBTS * 15050, currency)
    known = {name: value for name, value in values.items() if name not in _LEFT_OUT}
    return Caller(language, today, known, debts=owed, now=time(10))


def _sample_debt(n: int, due: date, days: int, currency: str) -> dict[str, Value]:
    return {
        "debt": str(n + 1),
        "creditor_name": _SAMPLE["creditor_name"],
        "amount": Money(15050, currency),
        "original_amount": Money(14000, currency),
        "interest": Money(1050, currency),
        "due_date": due + timedelta(days=n),
        "days_past_due": days - n,
        "contract": f"A123{n + 4}",
        "instalment": f"{n + 1}/12",
        "pix": _SAMPLE["pix"],
        "boleto": _SAMPLE["boleto"],
    }


def read_event(typed: str) -> Event:
    """The event that a typed word stands for, as in transcripts; ValueError for a word that is none."""
    match typed.split():
        case [] | ["silence"]:
            return Silent()
        case ["h"] | ["hangup"]:
            return HungUp()
        case ["machine"]:
            return MachineHeard("machine")
        case ["fax"]:
            return MachineHeard("fax")
        case ["recall", "opted_out" | "nothing_due" | "stopped" as reason]:
            return Recalled(reason)
        case ["wait", position, seconds] if position.isdigit() and seconds.isdigit():
            return StillWaiting(int(position), int(seconds))
        case ["rec", seconds] if seconds.isdigit():
            return RecordingEnded(int(seconds), "recording")
        case ["card", "paid"]:
            return CardEnded("paid", "CONFIRMATION")
        case ["card", "failed" | "stopped" | "unavailable" as outcome]:
            return CardEnded(outcome)
        case [word]:
            for result in _RESULTS:
                if word == result:
                    return TransferEnded(result)
            if set(word) <= set("0123456789*#"):
                return Pressed(word)
    raise ValueError(f"{typed!r} means nothing here. {HELP}")


def _quoted(word: str) -> str:
    return f'"{word}"'


def _show(turn: Turn, output_fn: Callable[[str], None]) -> None:
    for effect in turn.effects:
        output_fn(f"  * {effect}")
    for speech in turn.speech:
        output_fn(f"  « {speech.text} »")
    output_fn(f"  [{' > '.join(turn.path) or 'same place'}] {_waiting(turn)}")


def _waiting(turn: Turn) -> str:
    match turn.wait:
        case Keys(max_digits=most, secret=secret):
            return f"waits for {most} key{'s' if most > 1 else ''}{' (masked)' if secret else ''}"
        case Transfer(skill=skill, max_wait_seconds=longest):
            return f"waits for an agent ({skill}), up to {longest} s"
        case Record(max_seconds=longest):
            return f"records up to {longest} s"
        case Card(amount=amount):
            return f"takes a card for {amount.minor} minor units of {amount.currency}"
        case End(reason=reason):
            return f"ends ({reason})"
