"""Texts, versions and drafts of flows. Versions are only added; publishing is a compare-and-swap on their row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.bulk import is_sqlite
from dialer.store.models import Campaign, Contact, FlowDraft, FlowText, FlowVersion, Number


async def text_of(session: AsyncSession, tenant_id: int, name: str, revision: str) -> FlowText | None:
    """What that revision was read from."""
    kept = select(FlowText).where(
        FlowText.tenant_id == tenant_id, FlowText.name == name, FlowText.revision == revision
    )
    return await session.scalar(kept.execution_options(populate_existing=True))


async def is_kept(session: AsyncSession, tenant_id: int, name: str, revision: str) -> bool:
    """Whether the text of that revision is on record."""
    kept = select(FlowText.id).where(
        FlowText.tenant_id == tenant_id, FlowText.name == name, FlowText.revision == revision
    )
    return await session.scalar(kept) is not None


async def keep_text(
    session: AsyncSession, tenant_id: int, name: str, revision: str, *, texts: Mapping[str, str], at: datetime
) -> None:
    """Put the text of a revision on record, once. `texts`: "" its own, then each fragment under its name."""
    insert: Any = sqlite.insert if is_sqlite(session) else postgresql.insert
    values = {
        "tenant_id": tenant_id, "name": name, "revision": revision, "text": texts[""], "kept_at": at,
        "fragments": {fragment: text for fragment, text in texts.items() if fragment},
    }  # fmt: skip
    row = [FlowText.tenant_id, FlowText.name, FlowText.revision]
    await session.execute(insert(FlowText.__table__).values(values).on_conflict_do_nothing(index_elements=row))


async def versions(session: AsyncSession, tenant_id: int, name: str) -> Sequence[FlowVersion]:
    """All versions of an own flow, the newest first; empty when there is none of that name."""
    mine = select(FlowVersion).where(FlowVersion.tenant_id == tenant_id, FlowVersion.name == name)
    newest = mine.order_by(FlowVersion.number.desc()).execution_options(populate_existing=True)
    return (await session.scalars(newest)).all()


async def version(session: AsyncSession, tenant_id: int, name: str, number: int) -> FlowVersion | None:
    """One of them."""
    one = select(FlowVersion).where(
        FlowVersion.tenant_id == tenant_id, FlowVersion.name == name, FlowVersion.number == number
    )
    return await session.scalar(one.execution_options(populate_existing=True))


async def in_force(session: AsyncSession, tenant_id: int, name: str) -> FlowVersion | None:
    """The published version with the greatest number: what new calls say."""
    one = (
        select(FlowVersion)
        .where(FlowVersion.tenant_id == tenant_id, FlowVersion.name == name, FlowVersion.published_at.is_not(None))
        .order_by(FlowVersion.number.desc())
        .limit(1)
    )
    return await session.scalar(one.execution_options(populate_existing=True))


async def newest_of_all(session: AsyncSession, tenant_id: int) -> Sequence[FlowVersion]:
    """The newest version of each own flow of a company, by name."""
    last = (
        select(func.max(FlowVersion.id))
        .where(FlowVersion.tenant_id == tenant_id)
        .group_by(FlowVersion.name)
        .scalar_subquery()
    )
    rows = select(FlowVersion).where(FlowVersion.id.in_(last)).order_by(FlowVersion.name)
    return (await session.scalars(rows.execution_options(populate_existing=True))).all()


async def publish(
    session: AsyncSession, version_id: int, *, places: Sequence[str], proof: dict[str, Any], by: str, at: datetime
) -> bool:
    """Put a version in force with its proof; False when somebody has published it before."""
    moved = await session.execute(
        update(FlowVersion)
        .where(FlowVersion.id == version_id, FlowVersion.published_at.is_(None))
        .values(places=list(places), proof=proof, published_by=by, published_at=at)
        .returning(FlowVersion.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


async def put_proof(session: AsyncSession, version_id: int, proof: dict[str, Any]) -> None:
    """What another look at a version in force has found, in place of its proof."""
    await session.execute(
        update(FlowVersion)
        .where(FlowVersion.id == version_id, FlowVersion.published_at.is_not(None))
        .values(proof=proof)
        .execution_options(synchronize_session=False)
    )


async def draft(session: AsyncSession, user_id: int, name: str) -> FlowDraft | None:
    """What a user has typed about a flow and not saved."""
    mine = select(FlowDraft).where(FlowDraft.user_id == user_id, FlowDraft.name == name)
    return await session.scalar(mine.execution_options(populate_existing=True))


async def put_draft(session: AsyncSession, user_id: int, name: str, *, text: str, base: int, at: datetime) -> None:
    """What they have typed now, in the place of what stood there; of two requests at once the later one stays."""
    insert: Any = sqlite.insert if is_sqlite(session) else postgresql.insert
    typed = {"text": text, "base": base, "saved_at": at}
    row = [FlowDraft.user_id, FlowDraft.name]
    await session.execute(
        insert(FlowDraft.__table__)
        .values(user_id=user_id, name=name, **typed)
        .on_conflict_do_update(index_elements=row, set_=typed)
    )


async def drop_draft(session: AsyncSession, user_id: int, name: str) -> None:
    """It was saved, or thrown away."""
    await session.execute(
        delete(FlowDraft)
        .where(FlowDraft.user_id == user_id, FlowDraft.name == name)
        .execution_options(synchronize_session=False)
    )


async def countries_called(session: AsyncSession, tenant_id: int, name: str) -> set[str]:
    """Where the people are whom campaigns that have begun call with this flow (ISO 3166)."""
    rows = await session.scalars(
        select(Number.country)
        .join(Contact, Contact.person_id == Number.person_id)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .where(
            Campaign.tenant_id == tenant_id, Campaign.flow == name, Campaign.status.in_(("running", "paused")),
            Contact.status != "done", Number.status == "usable",
        )
        .distinct()
    )  # fmt: skip
    return set(rows.all())
