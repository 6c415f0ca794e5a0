"""Whatever a name or a text holds, the document that the carrier gets is well-formed XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialer.addresses import Addresses
from dialer.speaking import Answer, dump_answer, load_answer, waits_for_secret
from ivr_flows.turn import Card, CardPrompt, End, Keys, Money, Part, Speech, Transfer
from tests.wire.twiml_grammar import faults_of
from webhooks.reading import card, heard
from webhooks.writing import SAY_LIMIT, TwimlWriter

WRITER = TwimlWriter(Addresses("http://x"), lambda *_: None, lambda: None)
ANYTHING = st.text(st.characters(), max_size=60)  # surrogates and all


@given(words=ANYTHING, wait=st.sampled_from([End(), Keys(), Transfer("", 60)]), room=ANYTHING)
@example("Olá, Ana\x02 Lima", End(), "")
@example("]]></Say><Dial>1</Dial>", Keys(), "<\x00>")
def test_any_words_leave_the_document_whole(words: str, wait: End | Keys | Transfer, room: str) -> None:
    speech = Speech("pt-BR", (Part(words, "text"),))
    document = ElementTree.fromstring(WRITER.answer("t", Answer((speech,), wait, 1, room=room)))
    assert {one.tag for one in document.iter()} <= {
        "Response", "Say", "Hangup", "Gather", "Redirect", "Dial", "Conference", "Pause"
    }  # fmt: skip
    (said,) = document.iter("Say")
    carried = "".join(one for one in words if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff"))
    carried = "".join(one for one in carried if not "\ud800" <= one <= "\udfff")
    assert (said.text or "") == carried.replace("\r\n", "\n").replace("\r", "\n")[:SAY_LIMIT]


@given(ANYTHING)
def test_any_room_leaves_an_agents_document_whole(room: str) -> None:
    ElementTree.fromstring(WRITER.agent_room("t", room))


def card_wait(minor: int = 12345, currency: str = "BRL", words: str = "Digite o número do cartão.") -> Card:
    said = Speech("pt-BR", (Part(words),))
    prompts = (CardPrompt("number", said), CardPrompt("number", said, again=True), CardPrompt("processing", said))
    return Card(Money(minor, currency), "pt-BR", prompts, ("7",), tries=3, postal_code=currency == "USD")


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [(12345, "BRL", "123.45"), (5, "EUR", "0.05"), (100, "USD", "1.00"), (900, "JPY", "900")],
)
def test_a_card_is_charged_in_the_units_of_its_currency(minor: int, currency: str, written: str) -> None:
    document = WRITER.answer("t", Answer((), card_wait(minor, currency), 4))
    (pay,) = ElementTree.fromstring(document).iter("Pay")
    assert (pay.get("chargeAmount"), pay.get("currency")) == (written, currency.lower())
    assert pay.get("action", "").startswith("http://x/voice/t/4#")
    assert pay.get("statusCallback", "").startswith("http://x/voice/t/card/4#")
    assert [(p.get("for"), p.get("errorType")) for p in pay] == [
        ("payment-card-number", None),
        ("payment-card-number", "timeout invalid-card-number invalid-card-type"),
        ("payment-processing", None),
    ]
    assert faults_of(document) == []


@given(words=ANYTHING)
def test_any_words_leave_a_card_document_whole(words: str) -> None:
    ElementTree.fromstring(WRITER.answer("t", Answer((), card_wait(words=words), 1)))


def test_a_wait_for_a_card_is_kept_and_secret() -> None:
    answer = Answer((), card_wait(), 4)
    assert load_answer(dump_answer(answer)) == answer
    assert waits_for_secret(answer.wait)


TWILIOS = {  # as the carrier sends it, figures and all
    "CallSid": "CA1", "PaymentCardNumber": "xxxxxxxxxxxx4242", "ExpirationDate": "1230", "SecurityCode": "xxx",
    "PaymentCardType": "visa", "Digits": "4242424242424242",
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "result", "confirmation"),
    [
        ({"Result": "success", "PaymentConfirmationCode": "ch_1"}, "paid", "ch_1"),
        ({"Result": "success"}, "paid", "CA1"),
        ({"Result": "too-many-failed-attempts"}, "failed", ""),
        ({"Result": "payment-connector-error", "PaymentError": "declined"}, "failed", ""),
        ({"Result": "caller-interrupted-with-star"}, "stopped", ""),
        ({"Result": "validation-error"}, "unavailable", ""),
        ({"Result": "internal-error"}, "unavailable", ""),
    ],
)
def test_of_a_card_only_the_result_and_the_confirmation_are_read(
    form: dict[str, str], result: str, confirmation: str
) -> None:
    news = heard(TWILIOS | form)
    assert news.card is not None
    assert (news.card.result, news.card.confirmation, news.digits) == (result, confirmation, None)
    assert "4242" not in repr(news)


@pytest.mark.parametrize("form", [{}, {"Result": "caller-hung-up"}, {"Result": "what?"}, {"For": "security-code"}])
def test_what_is_no_end_of_a_card_is_none(form: dict[str, str]) -> None:
    assert card(TWILIOS | form) is None
