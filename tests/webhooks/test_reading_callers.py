"""Who calls and writes, out of the carrier's forms: E.164, or nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.recognising import ANONYMOUS
from webhooks.reading import incoming_call, incoming_text, other_party


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ("+5511999990100", "+5511999990100"), ("5511999990100", "+5511999990100"),
        ("sip:+12125550100@carrier.example", "+12125550100"), ("sip:joao@carrier.example", ANONYMOUS),
        ("anonymous", ANONYMOUS), ("Anonymous", ANONYMOUS), ("Restricted", ANONYMOUS), ("unknown", ANONYMOUS),
        ("+266696687", ANONYMOUS), ("+7378742833", ANONYMOUS), ("266696687", ANONYMOUS), ("+86282452253", ANONYMOUS),
        ("", ANONYMOUS), (None, ANONYMOUS), ("client:rita", ANONYMOUS), ("+0123456789", ANONYMOUS),
    ],
)  # fmt: skip
def test_the_number_shown(shown: str | None, read: str) -> None:
    assert other_party(shown) == read


@given(st.dictionaries(st.sampled_from(("CallSid", "From", "To", "MessageSid", "Body", "OptOutType")), st.text()))
def test_no_form_is_too_odd(form: dict[str, str]) -> None:
    call, text = incoming_call(form), incoming_text(form)
    assert call is None or (call.from_ == ANONYMOUS or call.from_.startswith("+"))
    assert text is None or (0 < len(text.from_) <= 20 and len(text.to) <= 20 and len(text.sid) <= 64)
