"""One debt of several: a page of them on the keys 1, 2, 3…, the next page, and the other keys of the node."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from ivr_flows.nodes import Choose
from ivr_flows.running import owing
from ivr_flows.running.run import Run
from ivr_flows.templating import Scope
from ivr_flows.turn import DEBT_VALUES
from ivr_flows.variables import from_json


def say(run: Run, node: Choose) -> None:
    """Offer the page's debts, the next page if there is one, and the keys besides."""
    run.say(node.prompt, node.privacy)
    for key, index in _page(run, node):
        run.say(node.each, node.privacy, scope=_scope(run, index, key))
    if _has_more(run, node):
        run.say(node.more, node.privacy)


def picked(run: Run, node: Choose, digits: str) -> int | None:
    """The place of the debt that this key stands for on the page, or None."""
    return next((index for key, index in _page(run, node) if str(key) == digits), None)


def turns_page(run: Run, node: Choose, digits: str) -> bool:
    """Whether the key asks for the next page; then it is turned (after the last comes the first)."""
    if digits != node.more_key or not _has_more(run, node):
        return False
    pages = -(-len(owing.debts(run)) // node.page)
    run.data["page"] = (_page_number(run) + 1) % pages
    return True


def _page(run: Run, node: Choose) -> list[tuple[int, int]]:
    """(key, place among the debts) of the page's debts."""
    first = _page_number(run) * node.page
    last = min(first + node.page, len(owing.debts(run)))
    return [(place - first + 1, place) for place in range(first, last)]


def _page_number(run: Run) -> int:
    return cast(int, run.data.get("page") or 0)


def _has_more(run: Run, node: Choose) -> bool:
    return len(owing.debts(run)) > node.page


def _scope(run: Run, index: int, key: int) -> Scope:
    """What the offer of one debt may say: its own values, and the key that it lies on."""
    whole = run.scope()
    own = {name: from_json(value) for name, value in owing.debts(run)[index].items()}
    nothing = {name: None for name in DEBT_VALUES if name in run.flow.variables}
    return replace(whole, values={**whole.values, **nothing, **own, "choice": key})
