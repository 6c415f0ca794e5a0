"""Calls by hand, and the question why: an agent looks, calls, skips and codes; a reader asks what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from dialer import calling, concluding, explaining
from dialer.calling import Order
from dialer.errors import Refused
from dialer.operation import Operation
from dialer.rules.gate import Deny
from webhooks.api.access import Access, Gatekeeper, must_be, must_read
from webhooks.api.bodies import Body
from webhooks.api.problems import ProblemRoute


class CallOrder(Body):
    """Whom to call."""

    key: str = Field(description="the person's key")
    number: str | None = Field(None, description="which of the person's numbers (E.164); null: the best one")
    campaign: str | None = Field(None, description="as one try of this running campaign; null: outside of any")


class CaseBody(Body):
    """A case before the call, with the gate's word of this moment. The number is masked."""

    person: int
    key: str
    campaign: str
    number: str | None
    debts: int
    allowed: bool
    rule: str | None
    reason: str | None
    citation: str | None
    until: datetime | None
    pack: str


class CalledBody(Body):
    """The carrier was asked for this attempt."""

    attempt: int


class SkipOrder(Body):
    """Whom to leave for later, and why; no names and no numbers."""

    key: str
    campaign: str
    why: str = Field("later", max_length=100)


class OutcomeOrder(Body):
    """What came of the agent's call."""

    outcome: Literal["talked", "machine", "voicemail", "absent", "wrong_number", "nobody"]


class OutcomeBody(Body):
    """How the call is coded now."""

    disposition: str


class StandingBody(Body):
    """The person in one campaign, and the gate's word of now. `next_at` null: no end of the block is known."""

    campaign: str
    status: str
    contact: str
    allowed: bool
    rule: str | None
    reason: str | None
    citation: str | None
    link: str | None
    pack: str
    next_at: datetime | None
    holds: str | None = Field(description="the block of which no end is known, in words")
    due_at: datetime | None


class HappenedBody(Body):
    """One row of the record; of a decision its rule, reason, citation, link, pack and end."""

    at: datetime
    what: str
    by: str
    campaign: str | None
    rule: str | None
    reason: str | None
    citation: str | None
    link: str | None
    until: str | None
    pack: str | None
    also: tuple[str, ...]
    advisories: tuple[str, ...]
    attempt: int | None
    number: str | None
    mode: str | None
    outcome: str | None


class WhyBody(Body):
    """Why a person was called or not, and from when they may be. Names and numbers are masked."""

    person: int
    key: str
    name: str
    zone: str | None
    now: datetime
    standings: list[StandingBody]
    happened: list[HappenedBody]
    earlier: int = Field(description="rows of the record before the first one shown")


def by_hand_routes(op: Operation, gatekeeper: Gatekeeper) -> APIRouter:
    """What an agent does by hand, under /agents, and /people/KEY/why."""
    router = APIRouter(tags=["by hand"], route_class=ProblemRoute)
    known = Depends(gatekeeper.known)

    @router.get("/agents/{name}/case", response_model=CaseBody)
    async def case(
        name: str, key: str = "", campaign: str | None = None, number: str | None = None, access: Access = known
    ) -> Any:
        """A look before a call; without a key, at who is next in the campaign. Nobody is called."""
        must_be(access, name)
        chosen = key or await calling.next_in(op, campaign or "")
        return _case(await calling.look(op, Order(name, chosen, number, campaign)))

    @router.post("/agents/{name}/call", response_model=CalledBody, status_code=201)
    async def call(name: str, order: CallOrder, access: Access = known) -> Any:
        """Call somebody for an agent who is ready; 409 with the rule's code when the gate says no."""
        must_be(access, name)
        said = await calling.call(op, Order(name, order.key, order.number, order.campaign))
        if isinstance(said, Deny):
            raise Refused(calling.refusal(said))
        return said

    @router.post("/agents/{name}/skip", status_code=204)
    async def skip(name: str, order: SkipOrder, access: Access = known) -> None:
        """Leave somebody of a campaign for later."""
        must_be(access, name)
        await calling.skip(op, Order(name, order.key, campaign=order.campaign), why=order.why)

    @router.post("/agents/{name}/outcome", response_model=OutcomeBody)
    async def outcome(name: str, order: OutcomeOrder, access: Access = known) -> Any:
        """What came of the agent's call by hand; hangs up if it is still under way."""
        must_be(access, name)
        return OutcomeBody(disposition=await concluding.conclude(op, name, order.outcome))

    @router.get("/people/{key:path}/why", response_model=WhyBody)
    async def why(key: str, campaign: str | None = None, access: Access = known) -> Any:
        """Why the person of this key was called, or not, and when they may be called next."""
        must_read(access)
        return await explaining.why(op, key, campaign=campaign)

    return router


def _case(seen: calling.Seen) -> CaseBody:
    denial = seen.decision if isinstance(seen.decision, Deny) else None
    return CaseBody(
        person=seen.person,
        key=seen.key,
        campaign=seen.campaign,
        number=seen.number,
        debts=seen.debts,
        allowed=denial is None,
        rule=denial.rule if denial else None,
        reason=denial.reason if denial else None,
        citation=denial.citation if denial else None,
        until=denial.until if denial else None,
        pack=seen.decision.pack,
    )
