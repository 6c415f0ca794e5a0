"""A card at the desk: the amount, dots while the person keys in, the result; and no figure on any page."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select, update

from console.wording import LANGUAGES, words_for
from dialer.attending import capturing
from dialer.attending.capturing import News, figures_for
from dialer.store.models import Attempt, CardCapture, Draft, Payment
from tests.console.office import Office
from tests.console.test_desk_work import signed_in, talking

AT = "/desk/work/card"
OF = "?attempt=1"


@pytest.fixture
async def browser(desk: Office) -> httpx.AsyncClient:
    """Bia talks with Marina Prado, whose identity is checked; cards can be taken."""
    desk.op.settings.pay_connector = "Default"
    made = await talking(desk)
    async with desk.op.database.write() as session:
        await session.execute(update(Attempt).values(level="checked", status="live", sid="CA-debtor"))
    return made


async def token(desk: Office) -> str:
    async with desk.op.database.read() as session:
        return str(await session.scalar(select(CardCapture.token).order_by(CardCapture.id.desc()).limit(1)))


async def test_the_agent_sees_how_far_it_is_in_dots_and_the_result(desk: Office, browser: httpx.AsyncClient) -> None:
    assert f'value="{"1284.90"}"' in (await browser.get(AT + OF)).text
    refused = await browser.post(f"{AT}/begin{OF}", data={"amount": "9.999,00"})
    assert (refused.status_code, "not above what is owed" in refused.text) == (422, True)
    assert 'value="9.999,00"' in refused.text
    begun = await browser.post(f"{AT}/begin{OF}", data={"amount": "1.284,90"})
    assert (begun.status_code, "data-poll" in begun.text) == (200, True)
    number, *others = figures_for("BRL")
    await capturing.heard(desk.op, await token(desk), News(number, digits=7))
    page = (await browser.get(AT + OF)).text
    assert "•" * 7 in page
    assert "•" * 8 not in page
    assert "7 keys" in page
    await capturing.heard(desk.op, await token(desk), News(number))
    await capturing.heard(desk.op, await token(desk), News(others[0], error="invalid-date"))
    wrong = (await browser.get(AT + OF)).text
    assert "The card has expired" in wrong
    assert "The card has expired" not in (await browser.post(f"{AT}/again{OF}")).text
    for figure in others:
        await capturing.heard(desk.op, await token(desk), News(figure))
    assert "being charged" in (await browser.get(AT + OF)).text
    await capturing.heard(desk.op, await token(desk), News(result="success", confirmation="CH1"))
    done = (await browser.get(AT + OF)).text
    assert "Charged. It is on record." in done
    assert "data-poll" not in done
    async with desk.op.database.read() as session:
        assert (await session.scalars(select(Payment.reference))).all() == ["card:CH1"]


async def test_it_is_given_up_or_fails_and_another_card_can_be_taken(
    desk: Office, browser: httpx.AsyncClient
) -> None:
    await browser.post(f"{AT}/begin{OF}", data={"amount": "10"})
    assert "Given up: nothing was charged." in (await browser.post(f"{AT}/give_up{OF}")).text
    assert (await browser.post(f"{AT}/give_up{OF}")).status_code == 422
    assert 'name="amount"' in (await browser.post(f"{AT}/anew{OF}")).text
    await browser.post(f"{AT}/begin{OF}", data={"amount": "10"})
    await capturing.heard(desk.op, await token(desk), News(result="payment-connector-error", error="64001"))
    assert "The bank declined the card." in (await browser.get(AT + OF)).text
    assert (await browser.post(f"{AT}/sing{OF}")).status_code == 404


async def test_the_amount_that_is_typed_outlives_a_reload_until_it_is_sent(
    desk: Office, browser: httpx.AsyncClient
) -> None:
    kept = await browser.post(f"/desk/work/drafts/card{OF}", data={"amount": "200,5", "number": "4000"})
    assert kept.status_code == 204
    assert 'value="200,5"' in (await browser.get(AT + OF)).text
    async with desk.op.database.read() as session:
        (body,) = await session.scalars(select(Draft.body))
    assert "4000" not in desk.op.database.keyring.unseal(body), "of a card nothing is typed at the desk"
    await browser.post(f"{AT}/begin{OF}", data={"amount": "200,50"})
    await browser.post(f"{AT}/give_up{OF}")
    assert 'value="1284.90"' in (await browser.post(f"{AT}/anew{OF}")).text


async def test_nobody_else_takes_or_sees_a_card(desk: Office, browser: httpx.AsyncClient) -> None:
    await browser.post(f"{AT}/begin{OF}", data={"amount": "10"})
    boss = await signed_in(desk, "supervisor")
    boss.headers["X-Toque-Desk"] = "1"
    assert (await boss.get(f"{AT}{OF}&agent=Bia Nunes")).status_code == 403
    assert (await boss.post(f"{AT}/begin{OF}&agent=Bia Nunes", data={"amount": "1"})).status_code == 403
    assert 'name="amount"' in (await browser.get(f"{AT}?attempt=2")).text, "of another call nothing is shown"


def test_every_state_and_fault_of_a_card_has_words() -> None:
    for language in LANGUAGES:
        words = words_for(language)
        for one in ("asked", "open", "charging", "charged", "failed", "canceled", "lost"):
            assert words(f"card.{one}")
        for figure in figures_for("USD"):
            assert words(f"card.figures.{figure}")
        for fault in ("timeout", "invalid-card-number", "64001", capturing.UNSAID):
            assert words.known(f"card.errors.{fault}", "")
