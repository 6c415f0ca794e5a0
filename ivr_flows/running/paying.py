"""A card payment: what is charged is what was said, and the figures of the card are for the carrier alone."""

from __future__ import annotations

from typing import cast

from ivr_flows.errors import FlowFailed
from ivr_flows.events import CardEnded, Silent
from ivr_flows.nodes import PayByCard
from ivr_flows.running import owing
from ivr_flows.running.run import Run
from ivr_flows.templating import Prompt
from ivr_flows.turn import Card, CardFigure, CardPrompt, Money, PaidByCard, Speech

FIGURES: tuple[CardFigure, ...] = ("number", "expiry", "postal_code", "code")
ASKS_POSTAL_CODE = frozenset({"USD", "CAD"})  # where the issuers check the address of the card


def begin(run: Run, node: PayByCard) -> str | Card:
    """Say what will be charged and wait for the card; leave by `unavailable` where no card can be taken."""
    run.guard("debt")
    if not run.value("card_open") or _amount(run, node) is None:
        return run.leave(node, "unavailable")
    run.say(node.prompt, node.privacy)
    return wait_for_card(run, node)


def wait_for_card(run: Run, node: PayByCard) -> Card:
    """What the carrier is asked to do."""
    amount = _amount(run, node)
    if amount is None:
        raise FlowFailed(f"{run.flow.name}: {node.name} waits for a card without an amount; check {node.amount}.")
    return Card(
        amount=amount,
        language=run.language,
        prompts=tuple(_prompts(run, node)),
        debts=owing.meant(run),
        tries=max(1, min(3, node.tries)),
        timeout_seconds=node.timeout_seconds,
        postal_code=amount.currency in ASKS_POSTAL_CODE,
    )


def ended(run: Run, node: PayByCard, event: CardEnded | Silent) -> str:
    """The way on. A wait that ends without any word of the carrier was no payment."""
    if isinstance(event, Silent):
        return run.leave(node, "unavailable")
    if event.result != "paid":
        return run.leave(node, event.result)
    amount = cast(Money, _amount(run, node))
    run.effects.append(PaidByCard(amount, event.confirmation, owing.meant(run)))
    run.reach("paid_by_card")
    return node.next


def _amount(run: Run, node: PayByCard) -> Money | None:
    value = run.value(node.amount)
    return value if isinstance(value, Money) and value.minor > 0 else None


def _prompts(run: Run, node: PayByCard) -> list[CardPrompt]:
    found = []
    again = _spoken(run, node.prompts.get("again"))
    for figure in FIGURES:
        speech = _spoken(run, node.prompts.get(figure))
        if speech is not None:
            found.append(CardPrompt(figure, speech))
        if speech is not None and again is not None:
            both = Speech(speech.language, (*again.parts, *speech.parts), speech.privacy)
            found.append(CardPrompt(figure, both, again=True))
    if (processing := _spoken(run, node.prompts.get("processing"))) is not None:
        found.append(CardPrompt("processing", processing))
    return found


def _spoken(run: Run, prompt: Prompt | None) -> Speech | None:
    return run.spoken(prompt, "public") if prompt is not None else None
