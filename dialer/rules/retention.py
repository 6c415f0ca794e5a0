"""How long data is kept: read from retention.yaml, and asked with a date. Pure; nothing here erases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

Confidence = Literal["H", "M", "L", "MEM", "HOUSE"]


class Term(BaseModel):
    """How many years what tells who somebody is may be kept after the last activity, by which law and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    years: int = Field(ge=1, le=30)
    law: str
    confidence: Confidence
    why: str


class Screens(BaseModel):
    """How many days the copies that agents were shown are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    days: int = Field(ge=1, le=366)
    law: str
    confidence: Confidence


class Policy(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    person: dict[str, Term]
    other: Term
    screens: Screens

    def term(self, country: str) -> Term:
        """The term of a country, or of those without one of their own."""
        return self.person.get(country, self.other)


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when, and by which law."""

    until: datetime
    law: str


@cache
def policy() -> Policy:
    """The policy of this installation. Raises ValidationError where the file is malformed."""
    text = files("dialer.rules").joinpath("retention.yaml").read_text(encoding="utf-8")
    return Policy.model_validate(yaml.safe_load(text))


def kept(country: str, last_activity: datetime) -> Kept:
    """Until when the data of a person of this country is kept: so many calendar years after the last activity."""
    term = policy().term(country)
    return Kept(_years_later(last_activity, term.years), term.law)


def over_before(country: str, now: datetime) -> datetime:
    """Whoever's last activity lies before this instant need not be kept any longer. Inverse of `kept`."""
    guess = _years_later(now, -policy().term(country).years)
    return guess - timedelta(days=1) if kept(country, guess - timedelta(milliseconds=1)).until > now else guess


def _years_later(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year + years)
    except ValueError:  # 29 February: the day after, so that nothing goes too early
        return at.replace(year=at.year + years, month=3, day=1)
