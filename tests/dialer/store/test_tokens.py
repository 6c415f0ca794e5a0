"""Tokens: found by what they are, never by what is kept of them, and not after they were revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from dialer.store import campaigns, tokens
from dialer.store.database import Database
from dialer.store.models import AccessToken

NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def test_a_token_is_found_and_its_hash_is_no_token(database: Database) -> None:
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        token = await tokens.create(session, tenant.id, "Rui", "agent", NOW)
    async with database.read() as session:
        found = await tokens.find(session, token)
        assert found is not None
        assert (found.name, found.role, found.created_at) == ("Rui", "agent", NOW)
        assert await tokens.find(session, found.hash) is None
        assert await tokens.find(session, "") is None


async def test_no_two_tokens_are_alike(database: Database) -> None:
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        made = [await tokens.create(session, tenant.id, "x", "auditor", NOW) for _ in range(20)]
    assert len(set(made)) == 20


async def test_a_revoked_token_is_not_found(database: Database) -> None:
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        token = await tokens.create(session, tenant.id, "x", "auditor", NOW)
        (await session.scalars(select(AccessToken))).one().revoked_at = NOW
    async with database.read() as session:
        assert await tokens.find(session, token) is None


async def test_an_ended_token_is_not_found_whatever_the_business_clock_says(database: Database) -> None:
    real = datetime.now(UTC)
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        over = await tokens.desk_ticket(session, tenant.id, "Rui", real - tokens.TICKET_AGE - timedelta(seconds=1))
        valid = await tokens.desk_ticket(session, tenant.id, "Rui", real)
    async with database.read() as session:
        assert await tokens.find(session, over) is None
        assert await tokens.find(session, valid) is not None


async def test_a_sign_in_ends_that_agents_earlier_one_only(database: Database) -> None:
    real = datetime.now(UTC)
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        signed_in = []
        for name in ("Rui", "Ana", "Rui"):
            ticket = await tokens.desk_ticket(session, tenant.id, name, real)
            signed_in.append(await tokens.redeem(session, ticket, real))
        assert [await tokens.find(session, one or "") is not None for one in signed_in] == [False, True, True]
