"""Agents come on record, and who they are to the console. Their lines and talks are other modules' work."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from sqlalchemy import select

from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.rules.phone_numbers import Rejected, read
from dialer.store import campaigns, interactions
from dialer.store.models import Agent


async def enrol(op: Operation, name: str, via: str, skills: Sequence[str]) -> Agent:
    """Put an agent on record, offline. BadInput says what is wrong; Refused when the name is taken."""
    way, able, name = way_of(via), skills_of(skills), name.strip()
    if not 1 <= len(name) <= 100:
        raise BadInput("An agent needs a name of 1 to 100 characters")
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        taken = await session.scalar(select(Agent.id).where(Agent.tenant_id == tenant.id, Agent.name == name))
        if taken is not None:
            raise Refused(f'There is an agent "{name}" already: choose another name')
        agent = Agent(
            tenant_id=tenant.id, name=name, via=way, skills=able, status="offline", since=op.clock.now(),
            leg_token=secrets.token_urlsafe(12),
        )  # fmt: skip
        session.add(agent)
        await session.flush()
        await interactions.add(
            session, tenant_id=tenant.id, at=op.clock.now(), kind="agent_added", actor="operator",
            detail={"agent": agent.id, "skills": able},
        )  # fmt: skip
        return agent


def way_of(via: str) -> str:
    """The address as the carrier will be given it: a number in E.164, a SIP address, a client's name."""
    kind, _, address = via.partition(":")
    match kind:
        case "tel" if address.startswith("+"):
            number = read(address, "ZZ")
            if isinstance(number, Rejected):
                raise BadInput(f"{via}: {number.reason}")
            return f"tel:{number.e164}"
        case "sip" | "sips" if re.fullmatch(r"[^\s@;?]+@[\w.-]+(:\d+)?(;[\w=.;-]+)?", address):
            return via
        case "client" if re.fullmatch(r"\w{1,120}", address, re.ASCII):
            return via
        case _:
            raise BadInput(f"{via}: write tel:+5511…, sip:user@host, or client:name (letters, digits and _ only)")


def skills_of(given: Sequence[str]) -> list[str]:
    """Words that say what an agent can do; several may stand in one text, between commas."""
    skills = [one.strip() for text in given for one in text.split(",") if one.strip()]
    if wrong := [one for one in skills if not re.fullmatch(r"[\w-]{1,50}", one)]:
        raise BadInput(f"{wrong[0]}: a skill is one word of letters, digits, _ and -")
    return list(dict.fromkeys(skills))
