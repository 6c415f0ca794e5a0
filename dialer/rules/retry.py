"""After an attempt: try again, when, and on which number; or be done. Policies are values, read from `retries/`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from dialer.rules.disposition import FINAL_FOR_CONTACT, FINAL_FOR_NUMBER, Disposition


class RetryRule(BaseModel):
    """After one disposition: wait `delay_minutes`, unless `max_tries` attempts have been made to the contact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delay_minutes: int = Field(ge=0)
    max_tries: int = Field(ge=1)
    next_number: bool = False


class RetryPolicy(BaseModel):
    """Rules by disposition, and the most attempts to one contact in all. A disposition without a rule ends it.

    `says` is the policy in one line. `person_gap_minutes` is the least time between two attempts to one person,
    over all numbers, unless the campaign names another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str = ""
    person_gap_minutes: int = Field(240, ge=0)
    max_tries: int = Field(ge=1)
    after: dict[Disposition, RetryRule]

    @field_validator("after")
    @classmethod
    def _final_stays_final(cls, after: dict[Disposition, RetryRule]) -> dict[Disposition, RetryRule]:
        wrong = sorted(after.keys() & (FINAL_FOR_CONTACT | {Disposition.DENIED}))
        if wrong:
            raise ValueError(f"{', '.join(wrong)} must not be retried; remove the rule")
        return after


@dataclass(frozen=True, slots=True)
class Retry:
    """Due again at `at` (the gate may make it later); with the person's next number, or the same."""

    at: datetime
    next_number: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """No further attempt, and why: "final", "no_rule", "max_tries"."""

    reason: str


def read_policy(text: str) -> RetryPolicy:
    """A policy from YAML of the shape of `retries/default.yaml`. Raises ValueError naming what is wrong."""
    return RetryPolicy.model_validate(yaml.safe_load(text))


@cache
def policies() -> dict[str, RetryPolicy]:
    """The policies that ship with the product, by name."""
    found = (files("dialer.rules") / "retries").iterdir()
    return {
        file.name.removesuffix(".yaml"): read_policy(file.read_text("utf-8"))
        for file in sorted(found, key=lambda file: file.name)
        if file.name.endswith(".yaml")
    }


def policy_named(name: str) -> RetryPolicy:
    """The policy of that name; ValueError names those that there are."""
    known = policies()
    if name not in known:
        raise ValueError(f"no retry policy {name!r}: choose among {', '.join(known)}")
    return known[name]


DEFAULT_POLICY = policy_named("default")


def next_attempt(policy: RetryPolicy, disposition: Disposition, tries: int, now: datetime) -> Retry | Finished:
    """What follows the attempt that just ended; `tries` counts the contact's attempts, this one included.

    A finished number (wrong, invalid, fax) is never tried again: `next_number` is then always true, and the
    caller ends the contact if it has no other number. A denied attempt is due at its denial's `until` instead.
    """
    if disposition in FINAL_FOR_CONTACT:
        return Finished("final")
    rule = policy.after.get(disposition)
    if rule is None:
        return Finished("no_rule")
    if tries >= min(rule.max_tries, policy.max_tries):
        return Finished("max_tries")
    return Retry(now + timedelta(minutes=rule.delay_minutes), rule.next_number or disposition in FINAL_FOR_NUMBER)
