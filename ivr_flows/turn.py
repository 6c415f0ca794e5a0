"""One turn of a call: what is said, what is waited for, what must be committed first, and the state to keep.

Values only. `State` is small JSON: the host stores it (sealed: it holds what the person is to be asked) and
hands it back with the next event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal

Language = str  # BCP 47: "pt-BR", "en-US", "fr-FR"
Level = Literal["none", "claimed", "checked", "confirmed"]
CardFigure = Literal["number", "expiry", "postal_code", "code", "processing"]
PartKind = Literal["phrase", "name", "amount", "date", "number", "digits"]
Privacy = Literal["public", "identity", "debt"]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

LEVELS: tuple[Level, ...] = ("none", "claimed", "checked", "confirmed")
RANKS: dict[str, int] = {level: rank for rank, level in enumerate(LEVELS)}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of an ISO 4217 currency: Money(12345, "BRL") is R$ 123,45."""

    minor: int
    currency: str


Value = None | bool | int | str | date | Money


# What is known of one debt: its id, then what may be said of it (absent parts are None). Money but for the dates,
# the counts and the texts; a discount is a positive amount. `payment_kind` and `payment_code` are the best way to
# pay that is valid today, `pix`, `boleto` and `link` the code of each kind.
DEBT_VALUES = (
    "debt", "creditor_name", "amount", "original_amount", "interest", "fine", "fees", "discount",
    "due_date", "days_past_due", "contract", "invoice", "instalment", "payment_kind", "payment_code",
    "pix", "boleto", "link",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caller:
    """What the host knows at the start of a call.

    `values` are the variables that flows declare (a missing one is None). `language` is the person's;
    `today` the date at the person's place; `required_level` the identity level the rule pack asks for
    before anything of class debt is said. `debts` are what is owed, oldest first, each a set of values by the
    names of `DEBT_VALUES`. `now` is the time of day at the person's place when the call begins (None: not known,
    and no time is agreed in this call).
    """

    language: Language
    today: date
    values: dict[str, Value]
    required_level: Level = "checked"
    debts: tuple[dict[str, Value], ...] = ()
    now: time | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A run of spoken words. Everything but "phrase" varies from person to person."""

    text: str
    kind: PartKind = "phrase"


@dataclass(frozen=True, slots=True)
class Speech:
    """One utterance, already in words, in one language. `privacy` is the highest class that it discloses."""

    language: Language
    parts: tuple[Part, ...]
    privacy: Privacy = "public"

    @property
    def text(self) -> str:
        """The words as one line."""
        return " ".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Keys:
    """Wait for keys. The speech of the turn may be interrupted by the first key. `secret` keys are masked at rest."""

    max_digits: int = 1
    finish_on: str = ""
    timeout_seconds: int = 5
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """Wait for an agent with this skill. One key may leave the queue for a call-back."""

    skill: str
    max_wait_seconds: int
    callback_key: str = "1"


@dataclass(frozen=True, slots=True)
class Record:
    """Wait for a spoken message, ended by silence, `#` or the limit."""

    max_seconds: int


@dataclass(frozen=True, slots=True)
class CardPrompt:
    """What is said when a figure of the card is asked for; `again`: after one that was missing or wrong."""

    asks: CardFigure
    speech: Speech
    again: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """Wait for the carrier to take a card for this amount. Its figures are keyed in to the carrier alone.

    `debts` as in `Promised`; `postal_code`: the card's postal code is asked for, too.
    """

    amount: Money
    language: Language
    prompts: tuple[CardPrompt, ...]
    debts: tuple[str, ...] = ()
    tries: int = 2
    timeout_seconds: int = 8
    postal_code: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more is waited for: hang up after the speech."""

    reason: str = "done"


Wait = Keys | Transfer | Record | Card | End


@dataclass(frozen=True, slots=True)
class LevelReached:
    """The person's identity level rose."""

    level: Level


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise to pay was read back and confirmed; for these debts (none named: for all that were spoken of)."""

    amount: Money
    on: date
    debts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptedOut:
    """No more automated calls to this person, or to the `number` as it was keyed in (its digits, mostly without a
    country code); committed before it is confirmed."""

    scope: Literal["automated", "all"] = "automated"
    number: str = ""


@dataclass(frozen=True, slots=True)
class Designated:
    """The person named a time as inconvenient; committed before it is confirmed.

    `days` are weekdays (0 = Monday; none: every day), the minutes those of the local day: from, to before (None: the
    beginning, the end of the day).
    """

    days: tuple[int, ...] = ()
    from_minute: int | None = None
    to_minute: int | None = None


@dataclass(frozen=True, slots=True)
class NotThisPerson:
    """The number does not reach the debtor: a stranger's number, or the debtor has died."""

    kind: Literal["wrong_number", "deceased"]


@dataclass(frozen=True, slots=True)
class CallbackAsked:
    """Somebody asked to be called again: in so many minutes, or whenever an agent is free (None).

    `at` is the very time of day that was asked for, at the person's place; `minutes` then counts from the
    beginning of the call.
    """

    minutes: int | None
    by_agent: bool = False
    at: time | None = None


@dataclass(frozen=True, slots=True)
class HoldAsked:
    """The debtor says it is paid, or disagrees: collection of the debt rests until people have looked.

    `reason` is how it was paid, or why not owed; `debts` as in `Promised`.
    """

    kind: Literal["already_paid", "dispute"]
    reason: str = ""
    on: date | None = None
    debts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageAsked:
    """Send this message template to the person's known mobile (never to a keyed-in number).

    Asked for twice in a call, a template is sent once; that of one debt of several ends in ":" and its id.
    """

    template: str
    text: str
    purpose: Literal["payment_code", "confirmation", "information"] = "information"


@dataclass(frozen=True, slots=True)
class VoicemailLeft:
    """A message was played to a machine after the beep."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A spoken message of the person was kept by the carrier under this reference."""

    reference: str
    seconds: int


@dataclass(frozen=True, slots=True)
class PaidByCard:
    """The carrier has charged a card in the call; `confirmation` is its processor's reference, `debts` as above."""

    amount: Money
    confirmation: str
    debts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disposed:
    """The flow coded the outcome of the attempt (a disposition of `dialer.rules.disposition`)."""

    disposition: str


Effect = (
    LevelReached
    | Promised
    | OptedOut
    | Designated
    | NotThisPerson
    | CallbackAsked
    | HoldAsked
    | MessageAsked
    | VoicemailLeft
    | Recorded
    | PaidByCard
    | Disposed
)


@dataclass(frozen=True, slots=True)
class State:
    """Where a call stands in its flow; plain JSON in `data`, pinned to the flow's revision."""

    flow: str
    revision: str
    node: str
    data: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """The engine's answer. Commit `state` and `effects`, then speak `speech`, then wait for `wait`.

    `path` names the nodes entered in this turn, in order (for the packet, the drawing and the player).
    """

    state: State
    speech: tuple[Speech, ...]
    wait: Wait
    effects: tuple[Effect, ...] = ()
    path: tuple[str, ...] = ()
