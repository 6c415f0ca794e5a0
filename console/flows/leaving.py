"""What a real call would have left behind, in the viewer's words: one sentence for each effect of the engine."""

from __future__ import annotations

from typing import assert_never

from console.catalogues import Texts
from ivr_flows import turn
from ivr_flows.turn import Effect

LEVELS = {
    "none": "Nobody has said who they are.",
    "claimed": "They say that they are the person.",
    "checked": "They have passed the check.",
    "confirmed": "An agent has confirmed who they are.",
}


def in_words(effect: Effect, say: Texts) -> str:
    """One effect as a sentence."""
    match effect:
        case turn.LevelReached(level):
            return say(LEVELS[level])
        case turn.Promised(amount, on):
            return say("A promise of {amount} on {day}.", amount=_money(amount, say), day=say.day(on))
        case turn.OptedOut(number=number):
            return (
                say("No more automated calls, to the number keyed in.") if number else say("No more automated calls.")
            )
        case turn.Designated():
            return say("A time that is kept free of calls.")
        case turn.NotThisPerson(kind):
            return say("The person has died.") if kind == "deceased" else say("The number is not this person's.")
        case turn.CallbackAsked(by_agent=by_agent):
            return say("A call-back by an agent.") if by_agent else say("A call-back.")
        case turn.HoldAsked(kind):
            return (
                say("A dispute; collection rests.")
                if kind == "dispute"
                else say("Said to be paid; collection rests.")
            )
        case turn.MessageAsked(text=text):
            return say("A text message: “{words}”", words=text)
        case turn.VoicemailLeft():
            return say("A message on the machine.")
        case turn.Recorded(seconds=seconds):
            return say("A recorded message of {seconds} s.", seconds=seconds)
        case turn.PaidByCard(amount):
            return say("{amount} paid by card.", amount=_money(amount, say))
        case turn.Disposed(disposition):
            return say("Outcome of the call: {outcome}", outcome=disposition.replace("_", " "))
        case _:
            assert_never(effect)


def _money(amount: turn.Money, say: Texts) -> str:
    return say.money(amount.minor, amount.currency)
