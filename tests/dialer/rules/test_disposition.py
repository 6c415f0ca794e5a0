import pytest

from dialer.rules.disposition import (
    FINAL_FOR_CONTACT,
    FINAL_FOR_NUMBER,
    NOT_ANSWERED,
    REACHED_DEBTOR,
    REACHED_PERSON,
    Disposition,
    contact_outcome,
    dispose,
)


def test_what_the_flow_coded_stands() -> None:
    assert dispose("completed", "machine", "promised") is Disposition.PROMISED
    assert dispose("failed", "unknown", "opted_out") is Disposition.OPTED_OUT


def test_a_word_that_is_no_disposition_is_refused_with_the_list() -> None:
    with pytest.raises(ValueError, match="use one of promised"):
        dispose("completed", "human", "sold")


@pytest.mark.parametrize(
    ("status", "by", "sip", "error", "expected"),
    [
        ("completed", "machine", None, None, "machine"),
        ("completed", "fax", None, None, "fax"),
        ("completed", "human", None, None, "hung_up"),
        ("busy", "unknown", None, None, "busy"),
        ("no-answer", "unknown", None, None, "no_answer"),
        ("canceled", "unknown", None, None, "canceled"),
        ("failed", "unknown", 404, None, "invalid_number"),
        ("failed", "unknown", 486, None, "busy"),
        ("failed", "unknown", 480, None, "no_answer"),
        ("failed", "unknown", 503, None, "carrier_failed"),
        ("failed", "unknown", None, None, "carrier_failed"),
        ("refused", "unknown", None, "21211", "invalid_number"),
        ("refused", "unknown", None, "20003", "carrier_failed"),
        ("lost", "unknown", None, None, "lost"),
        (None, "unknown", None, None, "lost"),
    ],
)
def test_without_a_flow_the_verdict_and_the_carrier_decide(status, by, sip, error, expected) -> None:
    assert dispose(status, by, None, sip, error_code=error) == expected


@pytest.mark.parametrize("disposition", Disposition)
def test_every_disposition_has_its_word_in_the_history(disposition: Disposition) -> None:
    assert (contact_outcome(disposition) is None) is (disposition is Disposition.DENIED)


def test_groups_do_not_contradict_each_other() -> None:
    assert not FINAL_FOR_CONTACT & FINAL_FOR_NUMBER
    assert REACHED_DEBTOR < REACHED_PERSON
    assert not REACHED_PERSON & NOT_ANSWERED


def test_talking_with_the_debtor_starts_the_quiet_period() -> None:
    talks = {d for d in Disposition if contact_outcome(d) == "conversation"}
    assert talks == REACHED_DEBTOR - {Disposition.NOBODY_FREE}


@pytest.mark.parametrize("ended", ["hung_up", "no_input", "completed", "nobody_free", "lost"])
def test_whoever_was_told_of_the_debt_has_talked_with_us_however_it_ended(ended: str) -> None:
    assert contact_outcome(Disposition(ended), "checked") == "conversation"
    assert contact_outcome(Disposition(ended), "claimed") != "conversation"
    assert contact_outcome(Disposition.DENIED, "checked") is None
