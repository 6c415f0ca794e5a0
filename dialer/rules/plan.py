"""What the operator chose for a campaign: values with bounds, kept as JSON beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from dialer.rules.facts import CampaignBar, Limits
from dialer.rules.hours import read_hours
from dialer.rules.ranking import Ordering, ordering_named
from dialer.rules.retry import RetryPolicy, policy_named


class Plan(BaseModel):
    """Choices of one campaign. Seconds and minutes are business time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pacing: Literal["preview", "progressive", "press1"] = Field(
        "press1", description="progressive: one call per idle agent; preview: an agent looks first, and calls by hand"
    )
    ratio: float = Field(3.0, ge=0.1, le=20, description="press1: lines per agent on duty")
    weight: int = Field(1, ge=1, le=100, description="share of calls and agents beside other running campaigns")
    caller_ids: tuple[str, ...] = Field((), description="E.164; empty: all that toque caller-id list shows")
    hours: str = Field("", description='only at these local hours, like "mon-fri 09:00-18:00"; the law narrows them')
    ring_seconds: int = Field(30, ge=15, le=120, description="how long it rings (never under 15 seconds)")
    detect: Literal["off", "quick", "beep", "first"] = Field(
        "off", description="machine detection: quick and beep while speaking already, first before the first word"
    )
    voicemail: Literal["off", "once"] = Field(
        "once", description="a message on a machine: never, or once per person (needs detect)"
    )
    message_only: bool = Field(False, description="leave the message and ask nothing; the keys 9 and 0 work")
    retry: str = Field("default", description="name of a retry policy")
    order: str = Field("balanced", description="whom to call first")
    only: Literal["all", "broken_promise"] = Field("all", description="broken_promise: only people who broke one")
    person_gap_minutes: int | None = Field(
        None, ge=0, description="least time between two attempts to one person; none: as the retry policy says"
    )
    attempts_per_day: int = Field(3, ge=1, description="per person")
    attempts_per_week: int = Field(7, ge=1, description="per person")
    attempts_total: int = Field(12, ge=1, description="per person in this campaign")
    wrapup_seconds: int = Field(20, ge=0, le=600, description="an agent's time after a call")

    @field_validator("retry")
    @classmethod
    def _policy_exists(cls, name: str) -> str:
        policy_named(name)
        return name

    @field_validator("order")
    @classmethod
    def _ordering_exists(cls, name: str) -> str:
        ordering_named(name)
        return name

    @field_validator("hours")
    @classmethod
    def _hours_are_read(cls, text: str) -> str:
        if text.strip():
            read_hours(text.strip())
        return text.strip()

    @property
    def policy(self) -> RetryPolicy:
        """The retry policy."""
        return policy_named(self.retry)

    @property
    def ordering(self) -> Ordering:
        """The ordering."""
        return ordering_named(self.order)

    @property
    def person_gap(self) -> timedelta:
        """The least time between two attempts to one person."""
        given = self.person_gap_minutes
        return timedelta(minutes=self.policy.person_gap_minutes if given is None else given)

    def limits(self, bars: tuple[CampaignBar, ...] = ()) -> Limits:
        """The choices as the gate asks for them."""
        return Limits(
            person_gap=self.person_gap,
            attempts_per_day=self.attempts_per_day,
            attempts_per_week=self.attempts_per_week,
            attempts_total=self.attempts_total,
            hours=read_hours(self.hours) if self.hours else None,
            bars=bars,
        )
