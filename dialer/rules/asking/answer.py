"""The gate's word about a question, as JSON values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dialer.rules.asking.question import Question
from dialer.rules.facts import Facts, Proposed
from dialer.rules.frequency import counts_by_debt
from dialer.rules.gate import Allow, Deny, decide
from dialer.rules.packs import Pack, Packs
from dialer.rules.statutes import CapRule

# How contacts are counted for the answer where no cap counts them per debt: it holds nothing back.
SEVEN_DAYS = CapRule(
    code="COUNTED",
    citation="none",
    confidence="HOUSE",
    effective_from=date.min,
    last_checked=date.min,
    limit=7,
    days=7,
)
NOTHING_AGAINST = "nothing stands against it"


@dataclass(frozen=True, slots=True)
class Answer:
    """What `toque gate check` says of one case; `counts` are contacts on record that count, before this one."""

    id: str | None
    decision: str
    until: str | None
    rule: str | None
    reason: str
    citation: str
    advisories: tuple[str, ...]
    counts: dict[str, int]
    pack: str | None
    ignored: tuple[str, ...]


def answer(question: Question, packs: Packs) -> Answer:
    """The gate's word, at the time for which the contact is proposed."""
    facts, proposed = question.facts, question.proposed
    word = decide(facts, proposed, packs, proposed.at)
    counts = _counts(facts, proposed, packs.find(proposed.country))
    denied = word if isinstance(word, Deny) else None
    return Answer(
        id=question.id,
        decision="block" if denied else "allow",
        until=denied.until.isoformat() if denied and denied.until else None,
        rule=denied.rule if denied else None,
        reason=denied.reason if denied else NOTHING_AGAINST,
        citation=denied.citation if denied else "",
        advisories=word.advisories if isinstance(word, Allow) else (),
        counts=counts,
        pack=word.pack or None,
        ignored=question.ignored,
    )


def _counts(facts: Facts, proposed: Proposed, pack: Pack | None) -> dict[str, int]:
    """By the country's cap per debt; where it has none, calls of seven days."""
    by_debt = [cap for cap in pack.caps if cap.per == "person_and_debt" and not cap.modes] if pack else []
    return counts_by_debt(facts, by_debt[0] if by_debt else SEVEN_DAYS, proposed, proposed.at)
