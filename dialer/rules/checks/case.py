"""One question to the gate with everything that the checks need to answer it. Values only; nothing here decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.rules.checks.ground import Ground, candidates, ground_of
from dialer.rules.facts import Contacted, Facts, PersonRole, Place, Proposed
from dialer.rules.packs import Pack, Packs
from dialer.rules.statutes import LineKind, Rule
from dialer.rules.verdict import HOUSE, Deny

# Whose contacts the frequency rules and the person's own bars are not about: 12 CFR 1006.14(b)(3)(iii).
ADVISERS: frozenset[PersonRole] = frozenset(
    {"consumer_attorney", "consumer_reporting_agency", "creditor", "creditor_attorney", "collector_attorney"}
)
LINE_KINDS: dict[str, LineKind] = {
    "mobile": "mobile",
    "mobile_or_landline": "mobile",
    "cell": "mobile",
    "wireless": "mobile",
    "landline": "landline",
    "residential_landline": "landline",
    "home_landline": "landline",
    "residential": "landline",
    "fixed": "landline",
    "fixed_line": "landline",
    "business": "business",
    "business_landline": "business",
    "work": "business",
    "workplace": "business",
}


@dataclass(frozen=True, slots=True)
class Case:
    """`at` is in UTC; `reply`: it answers the person; `ring` is how long it may ring from now on.

    `ground` is what holds where the person may be. Of the contacts on record up to `at`, `made` are those that we
    made and `came` those that came from the person.
    """

    facts: Facts
    proposed: Proposed
    pack: Pack
    ground: Ground
    at: datetime
    reply: bool
    ring: timedelta
    made: Sequence[Contacted]
    came: Sequence[Contacted]

    def deny(self, rule: Rule, reason: str, until: datetime | None = None) -> Deny:
        """A refusal by a rule of the pack."""
        return Deny(rule.code, reason, rule.citation, until, self.pack.id)

    def deny_by_house(self, code: str, reason: str, until: datetime | None = None) -> Deny:
        """A refusal by a rule of our own."""
        return Deny(code, reason, HOUSE, until, self.pack.id)

    def in_force(self, rule: Rule) -> bool:
        """Whether the rule holds on the day of the contact."""
        return self.pack.in_force(rule, self.ground.today)

    @property
    def zones(self) -> tuple[str, ...]:
        """The candidate zones that exist, each once."""
        return self.ground.zones

    @property
    def line(self) -> LineKind:
        """What kind of line it is."""
        return LINE_KINDS.get(self.proposed.line_type or "", "unknown")

    @property
    def place(self) -> Place | None:
        """Where the number rings, if that is known."""
        at_work = self.proposed.number in self.facts.work_numbers or self.line == "business"
        return self.proposed.place or ("work" if at_work else None)

    @property
    def with_adviser(self) -> bool:
        """Whether it goes to a lawyer, creditor or agency rather than to the person."""
        return self.proposed.person_role in ADVISERS


def case_of(facts: Facts, proposed: Proposed, packs: Packs, *, pack: Pack, at: datetime, reply: bool) -> Case:
    """The case of a question."""
    ground = ground_of(packs, proposed.country, candidates(facts), at.date())
    seconds = (proposed.ring_seconds or 0) + proposed.delay_seconds if proposed.channel == "phone" else 0
    made = [contact for contact in facts.history if contact.direction == "out" and contact.at <= at]
    came = [contact for contact in facts.history if contact.direction == "in" and contact.at <= at]
    return Case(facts, proposed, pack, ground, at, reply, timedelta(seconds=seconds), made, came)
