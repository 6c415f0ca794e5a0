"""The plan of a campaign: every named choice exists, and says in words what there is when it does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from dialer.rules.facts import CampaignBar
from dialer.rules.plan import Plan
from dialer.rules.ranking import orderings
from dialer.rules.retry import policies


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("retry", "harder", "default, gentle, intensive, once"),
        ("order", "random", "balanced, oldest, newest"),
        ("hours", "always", "mon-fri 08:00-20:00"),
        ("weight", 0, "greater than or equal to 1"),
        ("only", "some", "broken_promise"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused_with_those_that_do(field: str, value: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Plan.model_validate({field: value})


@pytest.mark.parametrize("name", policies())
def test_every_policy_says_what_it_does_and_tries_a_busy_line_again_but_for_once(name: str) -> None:
    policy = policies()[name]
    assert policy.says
    assert all(rule.max_tries <= policy.max_tries for rule in policy.after.values())
    assert ("busy" in policy.after) == (name != "once")


def test_every_ordering_says_what_it_does() -> None:
    assert all(ordering.says for ordering in orderings().values())


def test_the_gap_is_the_policys_unless_the_campaign_names_one() -> None:
    assert Plan(retry="gentle").person_gap == timedelta(hours=20)
    assert Plan(retry="gentle", person_gap_minutes=5).limits().person_gap == timedelta(minutes=5)


def test_bars_and_hours_reach_the_gate() -> None:
    bar = CampaignBar("LADDER_BEHIND", "why")
    limits = Plan(hours="mon 10:00-11:00").limits((bar,))
    assert limits.bars == (bar,)
    assert limits.hours is not None
    assert Plan().limits().hours is None
