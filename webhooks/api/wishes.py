"""What people, their lawyers and employers have told us to heed, over REST: bars, inconvenient times, consents.

People are named by the key of the list. Only who manages may write; every line of the record names the token.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field

from dialer.heeding import cases, consenting, designating
from dialer.heeding.cases import Order
from dialer.operation import Operation
from dialer.store.consents import Agreed
from dialer.store.designations import Inconvenient
from webhooks.api.access import Access, Gatekeeper, must_manage
from webhooks.api.bodies import Body
from webhooks.api.problems import ProblemRoute

Minute = Annotated[int, Field(ge=0, le=1440, description="of the local day")]
BarKind = Literal["lawyer", "deceased", "insolvency", "cease", "dispute", "withdrawn", "do_not_call", "opt_out"]


class BarOrder(Body):
    """What stops contact with the person."""

    kind: BarKind
    creditor: str | None = Field(None, description="only what is about this creditor's debts")
    until: AwareDatetime | None = Field(None, description="when it ends; null: it holds for good")
    because: str = Field("", max_length=200, description="why, for the record; it names nobody")


class BarBody(Body):
    """A bar that is on record."""

    kind: str
    new: bool = Field(description="false: it was on record already")
    calls_stopped: int


class EndedBody(Body):
    """How many entries of the record were ended."""

    ended: int


class DesignationOrder(Body):
    """When or where the person is not to be contacted."""

    days: list[Annotated[int, Field(ge=0, le=6)]] = Field([], description="0 is Monday; none: every day")
    from_minute: Minute | None = None
    to_minute: Minute | None = Field(None, description="to before it; past midnight when it is earlier")
    until: date | None = Field(None, description="the last day on which it holds")
    place: Literal["home", "work"] | None = None
    origin: Literal["agent", "text", "creditor", "letter", "employer"] = "agent"


class DesignationBody(Body):
    """A designation that is on record."""

    new: bool
    calls_stopped: int


class ConsentOrder(Body):
    """What the person agreed to."""

    kind: Literal["tcpa", "call_me", "texts", "email", "recording", "contact"]
    given_on: date
    how: str | None = Field(None, max_length=200)
    creditor: str | None = Field(None, description="to whom it was given; null: to us")
    number: str | None = Field(None, pattern=r"^\+[1-9]\d{6,14}$", description="null: for all numbers")


class RevokeOrder(Body):
    """Which consent the person takes back."""

    kind: Literal["tcpa", "call_me", "texts", "email", "recording", "contact"]


class ConsentBody(Body):
    """Whether that is news."""

    new: bool


class RevokedBody(Body):
    """Calls that were ended because of it."""

    calls_stopped: int


def wish_routes(op: Operation, gatekeeper: Gatekeeper) -> APIRouter:
    """Everything of that kind under /people."""
    router = APIRouter(prefix="/people", tags=["people"], route_class=ProblemRoute)
    known = Depends(gatekeeper.known)

    @router.post("/{key:path}/bars", response_model=BarBody)
    async def bar(key: str, order: BarOrder, access: Access = known) -> Any:
        """Stop contact: on record first, then what rings is cancelled and what talks ends politely."""
        return await cases.bar(op, key, _order(access, order.kind, order.creditor, order.until, order.because))

    @router.post("/{key:path}/bars/end", response_model=EndedBody)
    async def unbar(key: str, order: BarOrder, access: Access = known) -> Any:
        """End such bars; what else holds the person back holds on. `until` means nothing here."""
        return EndedBody(
            ended=await cases.unbar(op, key, _order(access, order.kind, order.creditor, None, order.because))
        )

    @router.post("/{key:path}/designations", response_model=DesignationBody)
    async def designate(key: str, order: DesignationOrder, access: Access = known) -> Any:
        """Keep a time or a place that the person named as inconvenient."""
        named = Inconvenient(tuple(order.days), order.from_minute, order.to_minute, order.until, order.place)
        return await designating.designate(op, key, named, origin=order.origin, actor=_actor(access))

    @router.post("/{key:path}/designations/end", response_model=EndedBody)
    async def take_back(key: str, access: Access = known) -> Any:
        """The person has taken all of them back."""
        return EndedBody(ended=await designating.take_back(op, key, actor=_actor(access)))

    @router.post("/{key:path}/consents", response_model=ConsentBody)
    async def consent(key: str, order: ConsentOrder, access: Access = known) -> Any:
        """Keep a consent of the person."""
        agreed = Agreed(order.kind, order.given_on, order.how, order.creditor, order.number)
        return ConsentBody(new=await consenting.give(op, key, agreed, actor=_actor(access)))

    @router.post("/{key:path}/consents/revoke", response_model=RevokedBody)
    async def revoke(key: str, order: RevokeOrder, access: Access = known) -> Any:
        """The person takes a consent back: it ends at once, in calls under way too."""
        return RevokedBody(calls_stopped=await consenting.revoke(op, key, order.kind, actor=_actor(access)))

    return router


def _order(access: Access, kind: BarKind, creditor: str | None, until: datetime | None, because: str) -> Order:
    return Order(kind, creditor, until, because, _actor(access))


def _actor(access: Access) -> str:
    """Who says so, for the record; refuses who may not."""
    must_manage(access)
    return f"api:{access.name}"[:50]
