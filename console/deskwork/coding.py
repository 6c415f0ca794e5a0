"""How the creditor of a call codes an outcome, for the agent's eyes. Reads; keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.lists.codes_file import Codes, codes_of
from dialer.store.models import Attempt, Campaign, ContactList, Creditor, Debt


@dataclass(frozen=True, slots=True)
class Coding:
    """The creditor's name and table; without a table our own words are shown."""

    creditor: str
    codes: Codes | None

    def of(self, outcome: str) -> str:
        """Code and words of the creditor for our outcome; empty when it has none for it."""
        code = self.codes.of(outcome) if self.codes else None
        said = self.codes.said.get(outcome, "") if self.codes else ""
        return " ".join(one for one in (code, said) if one)


async def coding(session: AsyncSession, attempt_id: int) -> Coding | None:
    """Of the creditor that the call is about: that of its debts, else of its list; None when there is none."""
    attempt = await session.get_one(Attempt, attempt_id)
    found = None
    if attempt.debts:
        of_debts = select(Creditor).join(Debt, Debt.creditor_id == Creditor.id)
        found = await session.scalar(of_debts.where(Debt.id == int(attempt.debts[0])))
    if found is None:
        of_list = select(Creditor).join(ContactList, ContactList.creditor_id == Creditor.id)
        found = await session.scalar(
            of_list.join(Campaign, Campaign.list_id == ContactList.id).where(Campaign.id == attempt.campaign_id)
        )
    return None if found is None else Coding(found.name, codes_of(found.codes))
