"""Everything that can happen while a call waits, one event of each kind that the engine can tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, assert_never

from ivr_flows import events, nodes
from ivr_flows.nodes import Flow, Node
from ivr_flows.proving.deciding import SECRET, TODAY
from ivr_flows.running.asking import MAX_REPEATS
from ivr_flows.turn import Json

# key: somebody chose · idle: nothing, or nothing of use · news: it came from elsewhere
Sort = Literal["key", "idle", "news"]
CARDS: dict[events.CardResult, str] = {
    "paid": "card paid",
    "failed": "card failed",
    "stopped": "card stopped",
    "unavailable": "card unavailable",
}
TRANSFERS: dict[events.TransferResult, str] = {
    "talked": "transfer: talked",
    "nobody_free": "transfer: nobody free",
    "closed": "transfer: closed",
    "left": "transfer: left",
    "failed": "transfer: failed",
}
RECALLS: dict[Literal["opted_out", "nothing_due", "stopped"], str] = {
    "opted_out": "recalled: opted out",
    "nothing_due": "recalled: nothing due",
    "stopped": "recalled: stopped",
}
_WRONG_SECRET = "000"
_SPOKEN_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, in words, and of which sort; `given`: what the state's data must hold for it."""

    event: events.Event
    words: str
    sort: Sort
    given: Mapping[str, Json] = field(default_factory=dict)


def beginnings() -> Iterator[Happening]:
    """How a call begins."""
    yield Happening(events.Answered("human"), "answered", "news")
    yield Happening(events.Answered("machine"), "a machine answers", "news")
    yield Happening(events.Answered("fax"), "a fax answers", "news")


def happenings(flow: Flow, node: Node, *, pressed: bool) -> Iterator[Happening]:
    """Everything that can happen while the call waits at this node."""
    match node:
        case nodes.Menu():
            yield from _keys(node.keys, node.repeat_key)
        case nodes.Choose():
            chosen = dict.fromkeys(("1", str(node.page), node.more_key))
            yield from (_press(key, "key") for key in chosen)
            yield from _keys(node.keys, node.repeat_key)
        case nodes.Verify():
            yield Happening(events.Pressed(SECRET), "the right figures", "key")
            yield Happening(events.Pressed(_WRONG_SECRET), "wrong figures", "idle")
            if node.refuse_key:
                yield _press(node.refuse_key, "key")
        case nodes.Collect():
            yield Happening(events.Pressed(keyed(node)), "keyed in", "key")
            yield from _keys(node.keys, "")
        case nodes.Record():
            yield Happening(events.RecordingEnded(_SPOKEN_SECONDS, "-"), "speaks", "key")
            yield Happening(events.RecordingEnded(0, ""), "says nothing", "idle")
        case nodes.Transfer():
            yield from _queue(node)
        case nodes.PayByCard():
            for result, words in CARDS.items():
                yield Happening(events.CardEnded(result, "-"), words, "key")
        case _:
            return
    yield Happening(events.Silent(), "silence", "idle")
    yield from _interruptions(pressed=pressed)


def keyed(node: nodes.Collect) -> str:
    """Figures that fit."""
    match node.what:
        case "digits":
            return "5" * max(node.min_digits, 1)
        case "date":
            ahead = TODAY.day + 1 if node.direction == "future" else TODAY.day
            return f"{ahead:02d}{TODAY.month:02d}" if node.direction == "future" else "1111"
        case "time":
            return f"{node.earliest:02d}30"
        case _:
            assert_never(node.what)


def _keys(keys: tuple[nodes.Key, ...], repeat_key: str) -> Iterator[Happening]:
    yield from (_press(key.key, "key") for key in keys)
    if repeat_key:
        yield _press(repeat_key, "key", repeats=0)
        yield _press(repeat_key, "idle", repeats=MAX_REPEATS)
    taken = {repeat_key, *(key.key for key in keys)}
    free = next((key for key in "#8765432190*" if key not in taken), "")
    words = f"{free} (means nothing here)" if free else "a key (means nothing here)"
    yield Happening(events.Pressed(free or "##"), words, "idle")


def _press(key: str, sort: Sort, **given: Json) -> Happening:
    words = f"{key} once too often" if sort == "idle" else key
    return Happening(events.Pressed(key), words, sort, given)


def _queue(node: nodes.Transfer) -> Iterator[Happening]:
    yield Happening(events.StillWaiting(1, 0), "waits in the queue", "news")
    yield Happening(events.StillWaiting(1, node.max_wait_seconds), "has waited too long", "idle")
    yield from (_press(key, "key") for key in dict.fromkeys((node.callback_key, *(one.key for one in node.keys))))
    for result, words in TRANSFERS.items():
        yield Happening(events.TransferEnded(result), words, "news")


def _interruptions(*, pressed: bool) -> Iterator[Happening]:
    yield Happening(events.HungUp(), "hangs up", "news")
    if not pressed:
        yield Happening(events.MachineHeard("machine"), "turns out to be a machine", "news")
        yield Happening(events.MachineHeard("fax"), "turns out to be a fax", "news")
    for reason, words in RECALLS.items():
        yield Happening(events.Recalled(reason), words, "news")
