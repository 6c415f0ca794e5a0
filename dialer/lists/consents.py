"""Consents of a record: what for, when and how. A word that is neither yes nor no is left out: none is on record."""

from __future__ import annotations

from datetime import date

from dialer.lists.cellwise import Cells
from dialer.lists.row import Agreed
from dialer.lists.words import read_yes

# Field -> what was agreed to. A consent that names no channel is kept as such: rules decide what it is good for.
KINDS = {"consent": "contact", "consent_calls": "calls", "consent_texts": "texts", "consent_email": "email"}
LONGEST_HOW = 200


def read_consents(cells: Cells, given_on: date | None) -> tuple[Agreed, ...]:
    """Every consent that the record says was given; `given_on` is the day of all of them."""
    how = cells.short("consent_how", LONGEST_HOW) or None
    agreed: list[Agreed] = []
    for field, kind in KINDS.items():
        if not (text := cells.text(field)):
            continue
        answer = read_yes(text)
        if answer is None:
            cells.leave_out(field, "neither yes nor no; no consent is taken from it")
        elif answer:
            agreed.append(Agreed(kind, given_on, how))
    return tuple(agreed)
