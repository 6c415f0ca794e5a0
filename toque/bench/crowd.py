"""Invented people for benches: each with a number, a debt and a contact in one running campaign."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.clock import real_ms
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import Attempt, Campaign, Contact, ContactList, Debt, Number, Person, Tenant

MONDAY_NOON = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 12:00 in São Paulo
DOCUMENT, LAST_DIGITS = "52998224725", "725"  # an invented document that passes its check digits
CALLER_ID = "+15005550006"


class NoonClock:
    """A Monday noon that does not pass: every call is lawful."""

    def now(self) -> datetime:
        """The instant."""
        return MONDAY_NOON

    async def sleep(self, seconds: float) -> None:
        """Not at all."""


async def insert_people(database: Database, count: int) -> int:
    """So many people due now; the campaign's id."""
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        creditor = await campaigns.creditor(session, tenant.id, "loja")
        source = ContactList(tenant_id=tenant.id, creditor_id=creditor.id, name="bench", created_at=MONDAY_NOON)
        session.add(source)
        await session.flush()
        campaign = Campaign(
            tenant_id=tenant.id, list_id=source.id, name="bench", flow="lembrete", status="running", plan={},
            created_at=MONDAY_NOON,
        )  # fmt: skip
        session.add(campaign)
        await session.flush()
        await _people(session, tenant, creditor.id, campaign.id, [database.keyring.seal(DOCUMENT)] * count)
        return campaign.id


async def insert_calls(database: Database, campaign_id: int, tokens: list[str]) -> None:
    """A placed attempt for each token, on the people of the campaign in their order."""
    async with database.write() as session:
        contacts = await _contacts(session, campaign_id)
        for n, (token, contact) in enumerate(zip(tokens, contacts, strict=True)):
            session.add(
                Attempt(
                    token=token, tenant_id=contact.tenant_id, campaign_id=campaign_id, contact_id=contact.id,
                    person_id=contact.person_id, number_id=contact.person_id, to_number=_number(n),
                    from_number=CALLER_ID, status="placed", flow="lembrete", debts=[], intent_at=MONDAY_NOON,
                    intent_real=real_ms(), sid=f"CA{n:032d}",
                )
            )  # fmt: skip


async def _people(
    session: AsyncSession, tenant: Tenant, creditor_id: int, campaign_id: int, documents: list[bytes]
) -> None:
    """One person for each sealed document. Ids are given in order, so that person n has number n."""
    for n, document in enumerate(documents):
        session.add(
            Person(
                tenant_id=tenant.id, key=f"bench:{n}", name=f"Pessoa {n}", language="pt-BR", country="BR",
                created_at=MONDAY_NOON, version=0, document=document,
            )
        )  # fmt: skip
    await session.flush()
    for n in range(len(documents)):
        person = {"tenant_id": tenant.id, "person_id": n + 1}
        session.add_all(
            [
                Number(e164=_number(n), country="BR", rank=0, line_type="mobile", status="usable", **person),
                Debt(
                    creditor_id=creditor_id, contract=f"C-{n}", amount_minor=12345, currency="BRL",
                    due_on=date(2026, 2, 10), status="open", **person,
                ),
                Contact(campaign_id=campaign_id, status="waiting", due_at=MONDAY_NOON, rank=n, tries=0, **person),
            ]
        )  # fmt: skip
        await session.flush()


async def _contacts(session: AsyncSession, campaign_id: int) -> list[Contact]:
    from sqlalchemy import select

    rows = await session.scalars(select(Contact).where(Contact.campaign_id == campaign_id).order_by(Contact.rank))
    return list(rows)


def _number(n: int) -> str:
    return f"+55119{90000000 + n}"
