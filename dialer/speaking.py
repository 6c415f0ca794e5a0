"""Turns of a call as JSON: what was said and is waited for, kept so that a repeated request gets the same answer."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, assert_never

import orjson

from dialer.store.turns import MASK
from ivr_flows.events import Event
from ivr_flows.turn import Card, CardPrompt, End, Keys, Money, Part, Record, Speech, State, Transfer, Wait


@dataclass(frozen=True, slots=True)
class Answer:
    """What the webhook speaks: `next_turn` is the number that the next event will carry.

    `room` is set when an agent's conference takes over after the speech; `queued` while none is free.
    """

    speech: tuple[Speech, ...]
    wait: Wait
    next_turn: int
    room: str | None = None
    queued: bool = False

    @property
    def words(self) -> str:
        """Everything that is said, as one line."""
        return " ".join(speech.text for speech in self.speech)


_FIELDS = {kind: tuple(one.name for one in fields(kind)) for kind in (Keys, Transfer, Record, Card, End)}

APOLOGIES = {
    "pt-BR": "Desculpe, não podemos continuar agora. Até logo.",
    "en-US": "Sorry, we cannot go on right now. Goodbye.",
    "fr-FR": "Désolé, nous ne pouvons pas continuer maintenant. Au revoir.",
}


def apology(language: str = "pt-BR") -> Speech:
    """What is said when something failed inside: sorry, and goodbye (in English where we have no words)."""
    chosen = language if language in APOLOGIES else "en-US"
    return Speech(chosen, (Part(APOLOGIES[chosen]),))


def dump_answer(answer: Answer) -> str:
    """An answer as JSON text."""
    wait = {"type": type(answer.wait).__name__} | {
        one: getattr(answer.wait, one) for one in _FIELDS[type(answer.wait)]
    }
    speech = [_dump_speech(one) for one in answer.speech]
    body = {"speech": speech, "wait": wait, "next_turn": answer.next_turn, "room": answer.room}
    return orjson.dumps(body | {"queued": answer.queued}).decode()


def _dump_speech(speech: Speech) -> dict[str, Any]:
    """By hand: of classes with slots orjson looks up the fields anew for each of them, which takes twice the time."""
    parts = [{"text": part.text, "kind": part.kind} for part in speech.parts]
    return {"language": speech.language, "parts": parts, "privacy": speech.privacy}


def load_answer(text: str) -> Answer:
    """The answer again."""
    body = orjson.loads(text)
    return Answer(
        speech=tuple(_load_speech(item) for item in body["speech"]),
        wait=_load_wait(body["wait"]),
        next_turn=body["next_turn"],
        room=body["room"],
        queued=body["queued"],
    )


def _load_speech(body: dict[str, Any]) -> Speech:
    return Speech(body["language"], tuple(Part(**part) for part in body["parts"]), body["privacy"])


def _load_wait(body: dict[str, Any]) -> Wait:
    kind = body.pop("type")
    if kind == Card.__name__:
        prompts = tuple(CardPrompt(**one | {"speech": _load_speech(one["speech"])}) for one in body["prompts"])
        return Card(**body | {"amount": Money(**body["amount"]), "prompts": prompts, "debts": tuple(body["debts"])})
    for wait in (Keys, Transfer, Record, End):
        if wait.__name__ == kind:
            return wait(**body)
    raise ValueError(f"a stored answer waits for {kind}, which this version does not know")


def dump_state(state: State) -> str:
    """A flow state as JSON text."""
    return orjson.dumps(state).decode()


def load_state(text: str) -> State:
    """The state again."""
    return State(**orjson.loads(text))


def as_record(event: Event, *, secret: bool) -> dict[str, Any]:
    """The event as kept for good: keys of an identity check become dots."""
    record: dict[str, Any] = {"type": type(event).__name__}
    for name in event.__dataclass_fields__:
        record[name] = getattr(event, name)
    if secret and "digits" in record:
        record["digits"] = MASK * len(record["digits"])
    return record


def name_of(wait: Wait) -> str:
    """What an attempt waits for, as it stands in its row."""
    match wait:
        case Keys(secret=True):
            return "secret"
        case Keys():
            return "keys"
        case Transfer():
            return "transfer"
        case Record():
            return "record"
        case Card():
            return "card"
        case End():
            return "end"


def waits_for_secret(wait: Wait) -> bool:
    """Whether the keys to come must be masked at rest."""
    match wait:
        case Keys(secret=secret):
            return secret
        case Card():
            return True
        case Transfer() | Record() | End():
            return False
        case _:
            assert_never(wait)
