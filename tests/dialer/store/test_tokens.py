"""Tokens: found by what they are, never by what is kept of them, and not after they were revoked."""

from __future__ import annotations

from datetime import UTC, datetime

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
