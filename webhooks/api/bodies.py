"""The bodies of the API, as OpenAPI describes them. Fields that are not listed here never leave the server."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """Read from the values of the dialer by attribute."""

    model_config = ConfigDict(from_attributes=True)


class CampaignBody(Body):
    """A campaign at a glance."""

    name: str
    status: Literal["draft", "checked", "running", "paused", "stopped", "finished", "answering", "by_hand"]
    flow: str
    list_name: str | None = None
    skill: str = Field("", description="only agents with this skill; empty: all")
    plan: dict[str, Any] = Field({}, description="every choice of the operator")
    checked_at: datetime | None = None
    contacts: dict[str, int] = Field(description="how many contacts are waiting, claimed, calling, done")
    live: int = Field(description="calls under way")
    next_due: datetime | None = Field(description="when the next contact is due")
    sentence: str = Field(description="how it stands, in one sentence: what the pages say")
    waiting_for: str | None = Field(description="why nothing moves, in words; null when calls are being made")


class CampaignOrder(Body):
    """A campaign to be made."""

    name: str = Field(min_length=1, max_length=100)
    list_name: str
    flow: str
    skill: str = Field("", max_length=50)
    plan: dict[str, Any] = Field({}, description="fields of the plan; what is left out is as usual")


class CloneOrder(Body):
    """What a copy is called, and whose list it calls (none: the same)."""

    name: str = Field(min_length=1, max_length=100)
    list_name: str | None = None


class EditOrder(Body):
    """What changes; what is left out stays."""

    plan: dict[str, Any] = {}
    flow: str | None = None
    skill: str | None = Field(None, max_length=50)


class FindingBody(Body):
    """One thing that is missing, and what to do about it."""

    code: str
    words: str
    stops: bool = Field(description="whether the campaign cannot begin because of it")


class CheckedBody(Body):
    """What a check has found; counts are of contacts."""

    campaign: str
    status: str
    clean: bool
    findings: list[FindingBody]
    contacts: int
    now: int
    later: int
    held: int
    never: int
    first_at: datetime | None
    by_rule: dict[str, int]
    reasons: dict[str, str] = Field(description="one reason in words for each of these rules")
    held_for: dict[str, int] = Field(description="rows held, by the variable that they lack")
    branches: dict[str, int] = Field(description="rows for which the flow does without a variable")
    ladder: dict[str, int]


class CallBody(Body):
    """One call of a report; the number is masked, keys of identity checks are dots."""

    attempt: int | str
    to_masked: str
    status: str
    answered_by: str | None = None
    turns: int = 0
    keys: Any = None
    disposition: str | None = None


class ReportBody(Body):
    """What came of a campaign."""

    campaign: str
    funnel: dict[str, int]
    rates: dict[str, float | None] = Field(description="asr, acd_seconds, legal_drop, queue_hangup, wait_p90_seconds")
    cost: dict[str, Any]
    blocked_by_rule: dict[str, int]
    seconds: float = Field(description="from the start of the campaign to its end, or to now")
    messages: dict[str, int] = Field(description="texts by what came of them: sent, delivered, failed …")
    money: dict[str, Any] = Field(description="promised, kept, paid: by currency; returned: paid by cost")
    by: dict[str, Any] = Field(description="the same figures by disposition, channel, script, caller_id, list")
    heat_map: dict[str, Any] = Field(description="cells of weekday and hour in the debtor's time")
    calls: list[CallBody]


class AgentBody(Body):
    """An agent: state, since when, why."""

    name: str
    status: Literal["offline", "connecting", "ready", "reserved", "in_call", "wrapup", "paused"]
    since: datetime
    until: datetime | None = Field(description="when wrap-up ends by itself")
    pause_reason: str | None
    skills: list[str]


class PersonCard(Body):
    """Who is on the line."""

    name: str
    language: str
    city: str | None
    region: str | None


class DebtBody(Body):
    """One debt; `amount_minor` counts cents (or whatever the currency's smallest unit is)."""

    creditor: str
    contract: str
    amount_minor: int
    currency: str
    due_on: date
    status: str


class HeardBody(Body):
    """One turn of the call: what happened, and what was said in answer."""

    turn: int
    at: datetime
    event: dict[str, Any] = Field(description="its type and values; keys of identity checks are dots")
    nodes: list[str]
    words: str


class PromiseBody(Body):
    """A promise to pay."""

    amount_minor: int
    currency: str
    due_on: date
    status: str


class PacketContent(Body):
    """Everything the agent needs before the first hello."""

    person: PersonCard
    level: str = Field(description="how sure it is who speaks")
    flow: str
    debts: list[DebtBody]
    heard: list[HeardBody]
    promises: list[PromiseBody]
    called_at: datetime


class PacketBody(Body):
    """The packet of an agent's present caller."""

    id: int
    attempt: int
    reservation: str = Field(description="reserved (the caller is coming), connected, or ended (during wrap-up)")
    waited_seconds: int = Field(description="from asking for an agent to hearing one, or to now")
    created_at: datetime
    shown_at: datetime | None = Field(description="when the agent's screen showed it")
    body: PacketContent


class OptOutOrder(Body):
    """What the person wishes."""

    scope: Literal["automated", "all"] = Field("all", description="no automated calls, or no calls at all")


class OptOutBody(Body):
    """An opt-out that is on record."""

    person: int
    scope: Literal["automated", "all"]
    calls_stopped: int = Field(description="calls that were ringing or talking and were ended")


class DeskLink(Body):
    """A link to the desk that works once."""

    url: str
    expires_at: datetime
