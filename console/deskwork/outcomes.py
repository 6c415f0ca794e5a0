"""What must be written down with an outcome, by outcome and reason: outcomes.yaml. Decides nothing of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict


class Wanted(BaseModel):
    """One outcome of outcomes.yaml. `why`: chosen by hand, it needs a reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    instead: dict[str, tuple[str, ...]] = {}
    why: bool = False

    def with_reason(self, reason: str) -> tuple[str, ...]:
        """The fields that must be filled in."""
        return self.instead.get(reason, self.needs)


NOTHING = Wanted()


def wanted(disposition: str) -> Wanted:
    """What belongs to an outcome; nothing to one that the table does not name."""
    return outcomes().get(disposition, NOTHING)


@cache
def outcomes() -> Mapping[str, Wanted]:
    """The table, by outcome."""
    read = yaml.safe_load((Path(__file__).parent / "outcomes.yaml").read_text(encoding="utf-8"))
    return {name: Wanted.model_validate(each) for name, each in read.items()}
