"""What the law of a place asks of a flow, as plain values. Filled in by whoever knows the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ivr_flows.turn import Language, Level

# none: no word on a machine · limited: the limited content of 12 CFR 1006.2(j) and nothing else · public: whatever
# anybody may hear
VoicemailContent = Literal["none", "limited", "public"]
LONGEST_SECONDS = 600.0  # house limit of what goes on without a key that leads on, the queue for an agent included


@dataclass(frozen=True, slots=True)
class Requirements:
    """What one place asks for. `place` names it; `country` is what a flow's variable `country` holds there.

    `level`: needed before anything of class debt. `identify_seconds`: the caller's name has begun by then.
    `opt_out_seconds`: the way to stop the calls is told so soon after the name (None: no such rule).
    `recording_notice`: a recorded call says so before it asks for anything. `disclosures`: by language, the
    words that must have been said before details of a debt that is late. `longest_seconds`: see `LONGEST_SECONDS`.
    """

    place: str
    country: str
    level: Level = "checked"
    identify_seconds: float = 2.0
    opt_out_seconds: float | None = None
    voicemail: VoicemailContent = "limited"
    recording_notice: bool = True
    disclosures: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    longest_seconds: float = LONGEST_SECONDS
