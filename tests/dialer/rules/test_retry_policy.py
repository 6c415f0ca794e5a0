from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.disposition import FINAL_FOR_CONTACT, FINAL_FOR_NUMBER, Disposition
from dialer.rules.retry import DEFAULT_POLICY, Finished, Retry, next_attempt, read_policy

NOW = datetime(2026, 10, 6, 15, tzinfo=UTC)


@given(st.sampled_from(Disposition), st.integers(1, 40))
def test_retries_end_and_come_later(disposition: Disposition, tries: int) -> None:
    verdict = next_attempt(DEFAULT_POLICY, disposition, tries=tries, now=NOW)
    if isinstance(verdict, Retry):
        assert verdict.at > NOW
        assert tries < DEFAULT_POLICY.max_tries
        assert disposition not in FINAL_FOR_CONTACT
        assert verdict.next_number or disposition not in FINAL_FOR_NUMBER


@pytest.mark.parametrize("disposition", sorted(FINAL_FOR_CONTACT))
def test_a_finished_contact_is_never_called_again(disposition: Disposition) -> None:
    assert next_attempt(DEFAULT_POLICY, disposition, tries=1, now=NOW) == Finished("final")


def test_busy_is_tried_again_soon_on_the_same_number() -> None:
    verdict = next_attempt(DEFAULT_POLICY, Disposition.BUSY, tries=1, now=NOW)
    assert verdict == Retry(NOW + timedelta(minutes=30), next_number=False)


def test_the_stricter_of_rule_and_total_ends_it() -> None:
    policy = read_policy("{max_tries: 2, after: {busy: {delay_minutes: 1, max_tries: 9}}}")
    assert isinstance(next_attempt(policy, Disposition.BUSY, tries=1, now=NOW), Retry)
    assert next_attempt(policy, Disposition.BUSY, tries=2, now=NOW) == Finished("max_tries")
    assert next_attempt(policy, Disposition.MACHINE, tries=1, now=NOW) == Finished("no_rule")


@pytest.mark.parametrize("word", ["opted_out", "denied", "sold"])
def test_a_policy_cannot_retry_what_is_final_or_unknown(word: str) -> None:
    with pytest.raises(ValueError, match=word):
        read_policy(f"{{max_tries: 2, after: {{{word}: {{delay_minutes: 1, max_tries: 2}}}}}}")
