"""Agents: states, the packet of the present caller, its acknowledgement, a link to the desk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends
from sqlalchemy import select

from dialer import heralding, staffing
from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.store import agents, packets, tokens
from dialer.store.models import Agent
from webhooks.api.access import Access, Gatekeeper, must_be, must_read
from webhooks.api.bodies import AgentBody, DeskLink, PacketBody
from webhooks.api.packets import present
from webhooks.api.problems import ProblemRoute


def agent_routes(op: Operation, gatekeeper: Gatekeeper) -> APIRouter:
    """Everything under /agents and /packets."""
    router = APIRouter(tags=["agents"], route_class=ProblemRoute)
    known = Depends(gatekeeper.known)

    @router.get("/agents", response_model=list[AgentBody])
    async def everybody(access: Access = known) -> Any:
        """All agents, by name."""
        must_read(access)
        async with op.database.read() as session:
            return (await session.scalars(_agents_of(access.tenant_id))).all()

    @router.post("/agents/{name}/ready", response_model=AgentBody)
    async def ready(name: str, access: Access = known) -> Any:
        """The agent wants calls; their own line is rung first if it does not stand yet."""
        must_be(access, name)
        return await staffing.ready(op, name)

    @router.post("/agents/{name}/pause", response_model=AgentBody)
    async def pause(name: str, access: Access = known) -> Any:
        """No more calls for now; a call under way goes on."""
        must_be(access, name)
        return await staffing.pause(op, name)

    @router.post("/agents/{name}/done", response_model=AgentBody)
    async def done(name: str, access: Access = known) -> Any:
        """Wrap-up is over: the next caller may come. Refused outside wrap-up."""
        must_be(access, name)
        return await staffing.done(op, name)

    @router.get("/agents/{name}/packet", response_model=PacketBody)
    async def packet(name: str, access: Access = known) -> Any:
        """Who is on the line (or coming, or just gone during wrap-up), and everything known; 404 without a caller."""
        must_be(access, name, or_reader=True)
        async with op.database.read() as session:
            found = await present(session, op, await agents.by_name(session, access.tenant_id, name))
        if found is None:
            raise NotFound(f'"{name}" has no caller. Ask again when the state is reserved or in_call')
        return found

    @router.post("/packets/{packet_id}/shown", status_code=204)
    async def shown(packet_id: int, access: Access = known) -> None:
        """The agent's screen shows the packet; the first time counts."""
        async with op.database.read() as session:
            owner = await packets.agent_of(session, packet_id, access.tenant_id)
        must_be(access, owner or "")
        if owner is None:
            raise NotFound(f"There is no packet {packet_id}. Take its id from GET /agents/NAME/packet")
        await heralding.stands(op, packet_id)

    @router.post("/agents/{name}/desk-link", response_model=DeskLink, status_code=201)
    async def desk_link(name: str, access: Access = known) -> Any:
        """A link that signs the agent in to the desk, once, within ten minutes."""
        must_be(access, name)
        now = datetime.now(UTC)
        async with op.database.write() as session:
            agent = await agents.by_name(session, access.tenant_id, name)
            ticket = await tokens.desk_ticket(session, access.tenant_id, agent.name, now)
        return DeskLink(url=op.addresses.desk(ticket), expires_at=now + tokens.TICKET_AGE)

    return router


def _agents_of(tenant_id: int) -> Any:
    return select(Agent).where(Agent.tenant_id == tenant_id).order_by(Agent.name)
