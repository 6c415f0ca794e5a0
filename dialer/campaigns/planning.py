"""The dry run: for every contact whether and when it would be called, or the exact rule that blocks it.

The same gate is asked as at the intent, at the instants at which each block says that it lifts. Nothing is written.
A long list is divided among processes; the memory stays flat, and the order is that of the contacts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from dialer.campaigns import dividing
from dialer.campaigns.dividing import BATCH, Survey
from dialer.campaigns.foreseeing import Call, Forecast, foresee
from dialer.operation import Operation
from dialer.store import campaigns
from dialer.store.models import Campaign, Contact

__all__ = ["BATCH", "Call", "Forecast", "Totals", "forecasts", "foresee"]

WORTH_DIVIDING = 10_000  # contacts; a process is ready after about as long as it takes to foresee so many


@dataclass(slots=True)
class Totals:
    """Forecasts added up. `by_rule` counts contacts by what holds them back, `reasons` says one of each in words.

    `runs_out`: contacts for which fewer attempts are allowed until the end that was asked about than the campaign
    would make; `none_left` of them have not one. `last_try`: those with one attempt left at all.
    """

    contacts: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter)
    absent: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None
    last_try: int = 0
    runs_out: int = 0
    none_left: int = 0

    def add(self, one: Forecast) -> None:
        """Count one more."""
        self.contacts += 1
        self.calls[one.call] += 1
        if one.rule:
            self.by_rule[one.rule] += 1
            self.reasons.setdefault(one.rule, one.reason or "")
        self.missing.update(one.missing)
        self.absent.update(one.absent)
        self.languages[one.language] += 1
        self.last_try += one.left == 1
        if one.legal is not None and one.legal < one.left:
            self.runs_out += 1
            self.none_left += one.legal == 0
        if one.at is not None and (self.first_at is None or one.at < self.first_at):
            self.first_at = one.at

    @property
    def callable(self) -> int:
        """Contacts that would be called, now or later."""
        return self.calls["now"] + self.calls["later"]


async def forecasts(
    op: Operation,
    name: str,
    *,
    every_variable: bool = False,
    until: datetime | None = None,
    worth_dividing: int = WORTH_DIVIDING,
) -> AsyncIterator[Forecast]:
    """The forecast of every contact of a campaign (NotFound), read in batches.

    With `every_variable` it is also told what the flow would like to know of each person and the list does not say;
    with `until`, how many attempts are allowed before then.
    """
    survey = Survey(name, op.clock.now(), every_variable, until)
    batch, last, long = await dividing.batch(op, survey, after=0), 0, None
    while batch:
        last = batch[-1].contact
        for one in batch:
            yield one
        if long is None and (long := await _more_than(op, name, last, worth_dividing)):
            break
        batch = await dividing.batch(op, survey, after=last)
    if long:
        async for one in dividing.divided(op, survey, after=last):
            yield one


async def _more_than(op: Operation, name: str, last: int, few: int) -> bool:
    """Whether more than so many contacts come after this one."""
    async with op.database.survey() as session:
        tenant = await campaigns.tenant(session)
        campaign: Campaign = await campaigns.by_name(session, tenant.id, name)
        rest = select(Contact.id).where(Contact.campaign_id == campaign.id, Contact.id > last).limit(few + 1)
        return int(await session.scalar(select(func.count()).select_from(rest.subquery())) or 0) > few
