"""Which debt a call counts for when nobody answers it: chosen once, before it is made, and never again.

12 CFR 1006.14, comment 14(b)(2)(i)-3: an unanswered call about several debts counts for at least one of them, which
the collector chooses; a conversation, or a voicemail that names them, counts for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dialer.rules.facts import Facts
from dialer.rules.frequency import attempts_on_days

WINDOW_DAYS = 7


def counted_for(facts: Facts, debts: Sequence[str], at: datetime) -> tuple[str, ...]:
    """The one of these debts that has had the fewest calls in the last seven local days; the first among equals.

    None for a call about no debt in particular: that counts for whatever there is.
    """
    if not debts:
        return ()
    calls = [one for one in facts.history if one.direction == "out" and one.channel == "phone" and one.at <= at]
    used = {
        debt: attempts_on_days([one for one in calls if not one.debts or debt in one.debts], facts, at, WINDOW_DAYS)
        for debt in debts
    }
    return (min(debts, key=lambda debt: used[debt]),)
