"""<Pay>: the card is keyed in, checked, charged and masked; no figure of it is told to anybody."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_carrier.calls import Call
from local_carrier.lines.mind import CARD
from local_carrier.payments.cards import checks, kind_of, length_of, masked, runs_until
from tests.local_carrier.world import CUSTOMER, World, say

TO = "+12025550111"
LANGUAGES = {"en-US": "+12025550111", "pt-BR": "+5511999990001", "fr-FR": "+33639980001"}


def document(attributes: str = "", inside: str = "") -> str:
    return (
        f'<Response><Pay action="{CUSTOMER}/paid" chargeAmount="123.45" currency="brl" postalCode="false" '
        f"{attributes}>{inside}</Pay></Response>"
    )


async def paid_by(
    world: World, attributes: str = "", *, persona: str = "pays_by_card", inside: str = "", **more: object
) -> tuple[Call, dict[str, str]]:
    world.person(TO, persona, **more)
    world.customer.pages |= {"/voice": document(attributes, inside), "/paid": say("Thank you")}
    call = await world.call(TO, Record="true")
    await world.run()
    return call, world.customer.params("/paid")[-1]


def everything(world: World) -> str:
    """All that was told to anybody, or is kept for people to read."""
    legs = [leg.as_json() for leg in world.exchange.ledger]
    requests = [(path, params, request.content.decode()) for path, params, request in world.customer.requests]
    return json.dumps([legs, requests, [notice.as_json() for notice in world.exchange.log]], default=str)


async def test_a_good_card_is_charged_once_and_told_masked(world: World) -> None:
    call, told = await paid_by(world)
    (charge,) = world.exchange.processor.charges
    assert (charge.call_sid, charge.amount, charge.currency) == (call.sid, "123.45", "brl")
    assert (charge.card_kind, charge.last4) == ("visa", "4242")
    assert (told["Result"], told["PaymentConfirmationCode"]) == ("success", charge.confirmation)
    assert (told["PaymentCardNumber"], told["PaymentCardType"]) == ("x" * 12 + "4242", "visa")
    assert (told["ExpirationDate"], told["SecurityCode"]) == (CARD["card_expiry"], "xxx")
    assert (told["CallSid"], told["CallStatus"]) == (call.sid, "in-progress")
    assert call.leg.words("heard")[-1] == "Thank you"


async def test_no_figure_of_the_card_is_told_or_kept(world: World) -> None:
    call, _ = await paid_by(world, f'statusCallback="{CUSTOMER}/progress"')
    assert CARD["card_number"] not in everything(world)
    assert set(call.leg.keys) == {"•"}
    news = world.customer.params("/progress")
    assert [n["Result"] for n in news if "Result" in n] == ["success"]
    steps = [(n["For"], n["Attempt"]) for n in news if "For" in n]
    assert sorted(steps) == [
        ("expiration-date", "1"),
        ("payment-card-number", "1"),
        ("payment-processing", "1"),
        ("security-code", "1"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_it_says_by_itself_is_understood_in_every_language(world: World, language: str) -> None:
    address = LANGUAGES[language]
    world.person(address, "pays_by_card")
    world.customer.pages |= {"/voice": document(f'language="{language}"'), "/paid": say("Thanks")}
    await world.call(address)
    await world.run()
    assert world.customer.params("/paid")[-1]["Result"] == "success"


async def test_the_prompts_of_the_document_are_said_by_figure_attempt_and_error(world: World) -> None:
    inside = (
        "<Prompt for='payment-card-number'><Say>Your card number, please.</Say></Prompt>"
        "<Prompt for='payment-card-number' errorType='invalid-card-number timeout'>"
        "<Say>No such card number. Once more, your card number.</Say></Prompt>"
        "<Prompt for='payment-card-number' attempt='3'><Say>Last try: card number.</Say></Prompt>"
    )
    call, told = await paid_by(world, 'maxAttempts="3"', inside=inside, knows={"card_number": "4242424242424241"})
    heard = call.leg.words("heard")
    assert heard[0] == "Your card number, please."
    assert heard[1].startswith("No such card number.")
    assert told["Result"] == "too-many-failed-attempts"
    assert "PaymentCardNumber" not in told
    assert not world.exchange.processor.charges


@pytest.mark.parametrize(
    ("persona", "knows", "result"),
    [
        ("card_declined", {}, "payment-connector-error"),
        ("pays_by_card", {"card_code": "*"}, "caller-interrupted-with-star"),
        ("pays_by_card", {"card_number": "*"}, "caller-interrupted-with-star"),
        ("pays_by_card", {"card_expiry": "0120"}, "too-many-failed-attempts"),
        ("pays_by_card", {"card_number": "6011111111111117"}, "too-many-failed-attempts"),  # a kind not accepted
        ("silent", {}, "too-many-failed-attempts"),
    ],
)
async def test_a_card_that_is_not_charged_says_why(
    world: World, persona: str, knows: dict[str, str], result: str
) -> None:
    _, told = await paid_by(world, persona=persona, knows=knows)
    assert told["Result"] == result
    assert "PaymentConfirmationCode" not in told
    assert not world.exchange.processor.charges


async def test_whoever_hangs_up_in_the_middle_is_reported_and_not_charged(world: World) -> None:
    from dataclasses import replace

    from local_carrier.lines.persona import personas

    leaving = replace(personas()["pays_by_card"], hangs_up_in_prompt=2)
    world.person(TO, leaving)
    world.customer.pages |= {"/voice": document(), "/paid": "<Response/>"}
    await world.call(TO)
    await world.run()
    (told,) = world.customer.params("/paid")
    assert (told["Result"], told["CallStatus"]) == ("caller-hung-up", "completed")
    assert not world.exchange.processor.charges


@pytest.mark.parametrize(
    "attributes", ['chargeAmount="a lot"', 'chargeAmount="2000000"', 'maxAttempts="9"', 'currency="reais"']
)
async def test_a_document_that_cannot_be_charged_is_said_to_be_invalid(world: World, attributes: str) -> None:
    page = document(attributes)
    if "chargeAmount" in attributes:
        page = page.replace('chargeAmount="123.45" ', "")
    if "currency" in attributes:
        page = page.replace('currency="brl" ', "")
    world.person(TO, "pays_by_card")
    world.customer.pages |= {"/voice": page, "/paid": "<Response/>"}
    call = await world.call(TO)
    await world.run()
    assert world.customer.params("/paid")[0]["Result"] == "validation-error"
    assert not call.leg.words("heard")


async def test_a_connector_that_there_is_not_is_an_error(world: World) -> None:
    other = World(pay_connectors=frozenset({"Default"}))
    try:
        _, told = await paid_by(other, 'paymentConnector="Elsewhere"')
        assert told["Result"] == "payment-connector-error"
    finally:
        await other.close()


async def test_keys_are_told_again_after_the_card(world: World) -> None:
    world.person(TO, "pays_by_card")
    menu = '<Response><Gather action="/keys" numDigits="1"><Say>To confirm, press 1.</Say></Gather></Response>'
    world.customer.pages |= {"/voice": document(), "/paid": menu, "/keys": say("Bye")}
    call = await world.call(TO)
    await world.run()
    assert call.leg.keys.endswith("•1")


@given(st.integers(0, 10**15 - 1))
def test_one_wrong_digit_never_passes_the_check_digit(number: int) -> None:
    digits = f"{number:015d}"
    lawful = [d for d in "0123456789" if checks(digits + d)]
    assert len(lawful) == 1
    wrong = str((int(digits[3]) + 1) % 10)
    assert not checks(digits[:3] + wrong + digits[4:] + lawful[0])


@pytest.mark.parametrize(
    ("number", "kind", "length"),
    [("4242424242424242", "visa", 16), ("5555555555554444", "mastercard", 16), ("2223003122003222", "mastercard", 16),
     ("378282246310005", "amex", 15), ("6011111111111117", "discover", 16), ("9", "unknown", 16)],
)  # fmt: skip
def test_a_card_is_known_by_its_first_digits(number: str, kind: str, length: int) -> None:
    assert (kind_of(number), length_of(number)) == (kind, length)


def test_masking_and_expiry() -> None:
    assert masked("4242424242424242") == "xxxxxxxxxxxx4242"
    today = date(2026, 3, 31)
    assert [runs_until(mmyy, today) for mmyy in ("0326", "0226", "1325", "12", "1299")] == [
        True, False, False, False, True,
    ]  # fmt: skip
