"""What the operator chose for a campaign: values with bounds, kept as JSON beside it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Plan(BaseModel):
    """Choices of one campaign. Seconds and minutes are business time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pacing: Literal["progressive", "press1"] = Field("press1", description="progressive: one call per idle agent")
    ratio: float = Field(3.0, ge=0.1, le=20, description="press1: lines per agent on duty")
    caller_ids: tuple[str, ...] = Field((), description="E.164; empty: TOQUE_CALLER_IDS")
    ring_seconds: int = Field(30, ge=15, le=120, description="how long it rings (never under 15 seconds)")
    detect: Literal["off", "quick", "beep", "first"] = Field(
        "off", description="machine detection: quick and beep while speaking already, first before the first word"
    )
    person_gap_minutes: int = Field(240, ge=0, description="least time between two attempts to one person")
    attempts_per_day: int = Field(3, ge=1, description="per person")
    attempts_per_week: int = Field(7, ge=1, description="per person")
    attempts_total: int = Field(12, ge=1, description="per person in this campaign")
    wrapup_seconds: int = Field(20, ge=0, le=600, description="an agent's time after a call")
    retry: str = Field("default", description="name of a retry policy")
