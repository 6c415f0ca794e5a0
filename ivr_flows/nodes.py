"""What a flow is made of: a frozen tagged union of nodes, each with its exits by name. Values; no behaviour.

An exit leads to a node, or is "again": ask once more until the tries are used up. A node's own exits come
first, then the flow's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ivr_flows.conditions import Condition
from ivr_flows.templating import Prompt
from ivr_flows.turn import Language, Privacy
from ivr_flows.variables import Variable

AGAIN = "again"
Exits = Mapping[str, str]
DayWord = Literal["today", "tomorrow", "payday"]
Times = Literal["mornings", "afternoons", "evenings", "weekends"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What every node has: its name, its words (if any), what they give away, and where it leads."""

    name: str
    line: int = 0
    prompt: Prompt | None = None
    privacy: Privacy = "public"
    next: str = ""
    exits: Exits = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Spoken):
    """What every question has: tries, the time for a key, and other words for asking again."""

    tries: int = 3
    timeout_seconds: int = 5
    retry: Mapping[str, Prompt] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Spoken):
    """Speak and go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One choice of a menu: where it leads, what it sets, when it exists, how it is offered (maybe not at all)."""

    key: str
    to: str
    when: Condition | None = None
    say: Prompt | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu(Asking):
    """One key of several. Exits: silent, invalid, too_many."""

    keys: tuple[Key, ...]
    repeat_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Asking):
    """One debt of several, a page at a time on the keys 1, 2, 3…; after it, what is said and kept is about that one.

    `each` offers one, with its values and `choice` (its key); `more` offers the next page on `more_key`. `keys`
    are there besides. Exits: silent, invalid, too_many, none (there is nothing to choose from).
    """

    each: Prompt
    more: Prompt
    keys: tuple[Key, ...]
    page: int = 4
    more_key: str = "8"
    repeat_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify(Asking):
    """A keypad check of identity, by the kind that the list has; passed, the level is "checked".

    Exits: silent, invalid, refused, too_many, unavailable.
    """

    prompts: Mapping[str, Prompt]
    refuse_key: str = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect(Asking):
    """Digits, a date or a time of day by keypad, into a variable. Exits: silent, invalid, too_many.

    `keys` lead on when one of them is all that was keyed in, and it is no value: 9 stops the calls
    here, too. A time lies between `earliest` and `latest` (hours) and is kept as minutes from the midnight that began
    the day of the call: 1440 and more is tomorrow.
    """

    what: Literal["digits", "date", "time"]
    into: str
    min_digits: int = 1
    max_digits: int = 4
    direction: Literal["past", "future"] = "future"
    horizon_days: int = 35
    earliest: int = 8
    latest: int = 20
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way of a branch."""

    when: Condition
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(Spoken):
    """The first case that holds, else `next`."""

    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Spoken):
    """A text message to the known mobile. Exits: no_mobile."""

    template: str
    text: Prompt
    purpose: Literal["payment_code", "confirmation", "information"] = "information"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Spoken):
    """A payment code by text message, worded by the kind of code. Exits: no_mobile, no_code.

    With `way`, the code of that kind and no other; without, the best there is.
    """

    texts: Mapping[str, Prompt]
    way: Literal["", "pix", "boleto", "link"] = ""
    method: Literal["code"] = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayByCard(Spoken):
    """A card keyed in to the carrier, charged with the money variable `amount`, which its own prompt must say.

    `prompts` by what is asked (number, expiry, postal_code, code), `processing`, and `again` before a figure that is
    asked for once more. `next` when it was charged. Exits: failed, stopped, unavailable.
    """

    amount: str
    prompts: Mapping[str, Prompt]
    tries: int = 2
    timeout_seconds: int = 8
    method: Literal["card"] = "card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Spoken):
    """Keep a confirmed promise: a money variable on a date variable. Exits: too_late (outside the horizon)."""

    amount: str
    on: str
    horizon_days: int = 35


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Spoken):
    """Collection rests: said to be paid, or disputed; `detail` and `on` name variables set on the way."""

    reason: Literal["already_paid", "dispute"]
    detail: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Asking):
    """A spoken message of the person. Exits: silent (nothing was recorded), too_many."""

    max_seconds: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Spoken):
    """Hand over to an agent. Exits: talked, nobody_free, closed, left, failed, callback.

    `keys`, of one figure each, lead out of the queue besides the `callback_key`.
    """

    skill: str
    max_wait_seconds: int = 180
    callback_key: str = "1"
    waiting: Prompt | None = None
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback(Spoken):
    """Call again: in so many minutes, at the time in the variable `at`, or when an agent is free (None of both)."""

    minutes: int | None = None
    at: str = ""
    by_agent: bool = False
    disposition: str = "callback_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut(Spoken):
    """Never call again: this person, or the number that was keyed into the variable `number`."""

    scope: Literal["automated", "all"] = "automated"
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Designate(Spoken):
    """The person names a time as inconvenient: no contact then, from now on."""

    times: Times


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPerson(Spoken):
    """The number does not reach the debtor."""

    reason: Literal["wrong_number", "deceased"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail(Spoken):
    """Public words for a machine, after the beep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Spoken):
    """Set variables, raise the level to "claimed", speak of all debts again, or note an outcome, without a word."""

    values: Mapping[str, str] = field(default_factory=dict)
    debts: Literal["", "all"] = ""
    level: Literal["claimed"] | None = None
    disposition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup(Spoken):
    """The end, with the outcome if nothing stronger was reached."""

    disposition: str = "completed"


Node = (
    Say
    | Menu
    | Choose
    | Verify
    | Collect
    | Branch
    | Message
    | Pay
    | PayByCard
    | Promise
    | Hold
    | Record
    | Transfer
    | Callback
    | OptOut
    | Designate
    | WrongPerson
    | Voicemail
    | Set
    | Hangup
)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Where a flow stands on the collection ladder: its step (1 is the first), and for which days past due it is.

    `from_day` below 0 is before the due date; `to_day` None: without end.
    """

    step: int
    from_day: int
    to_day: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow as loaded. `revision` is a hash of everything it was read from; a call is pinned to it.

    `ladder` None: it has no place on the ladder and fits any debt. `inbound`: it answers calls of people to us.
    `exits` and `prompts` hold for every node that has none of its own. `source` names the file, `texts` is what was
    read: "" its own text, then each fragment under its name.
    """

    name: str
    title: str
    languages: tuple[Language, ...]
    revision: str
    variables: Mapping[str, Variable]
    nodes: Mapping[str, Node]
    start: str
    exits: Exits = field(default_factory=dict)
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    source: str = ""
    ladder: Ladder | None = None
    inbound: bool = False
    texts: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def exit_of(self, node: Spoken, name: str) -> str | None:
        """Where the node leaves by this exit: its own, else the flow's, else None."""
        return node.exits.get(name) or self.exits.get(name)
