"""A card taken in a call: charged once with what was read back, on record once, and no figure of it anywhere."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from dialer.campaigns import campaigning
from dialer.debts import receiving
from dialer.rules.plan import Plan
from dialer.store.models import Attempt, CallTurn, Contact, Debt, Interaction, Payment, Person, Task
from ivr_flows.events import CardEnded
from local_carrier.ledger import Leg
from local_carrier.lines.mind import CARD, CARDS
from tests.journeys.cast import CHECK_DIGITS
from tests.journeys.town import Town, town

KNOWS = {"document_last3": CHECK_DIGITS}
LINK_INSTEAD = {"wants": ["it_is_me", "card_once", "pay", "confirm_once", "link"]}
PROMISE_INSTEAD = {
    "card": "star",
    "wants": ["it_is_me", "card_once", "pay_once", "promise", "tomorrow", "confirm", "end"],
}
FIGURES = (CARD["card_number"], CARDS["declined"]["card_number"], "4242", "0002")


async def record_of(place: Town, person: Person) -> tuple[Attempt, Debt, list[Payment]]:
    attempt = await place.attempt_of(person)
    (debt,) = await place.rows(Debt, person)
    return attempt, debt, [row for row in await place.all(Payment) if row.debt_id == debt.id]


async def everything_kept(place: Town) -> str:
    """All that we have answered and kept, sealed or not, and all that the carrier wrote down, as one text."""
    tables = [Attempt, Contact, Debt, Interaction, Payment, Task]
    rows = [
        str({k: v for k, v in vars(row).items() if k[0] != "_"}) for one in tables for row in await place.all(one)
    ]
    async with place.op.database.read() as session:
        for turn in await session.scalars(select(CallTurn)):
            rows += [str(turn.event), str(turn.path), place.op.database.keyring.unseal(turn.answer)]
    ledger = [json.dumps(leg.as_json()) for leg in place.exchange.ledger]
    return "\n".join([*rows, *ledger, *(answered.body for answered in place.documents)])


def keyed_figures(kept: str) -> list[str]:
    """Figures of a card that stand in the text as they were keyed in; ids and times are longer numbers."""
    return [figure for figure in FIGURES if len(figure) > 8 and figure in kept]


async def is_paid_once(place: Town, person: Person) -> None:
    attempt, debt, payments = await record_of(place, person)
    (charge,) = [one for one in place.exchange.processor.charges if one.call_sid == attempt.sid]
    assert (charge.amount, charge.currency) == ("234.50", debt.currency.lower())
    kept = [(row.amount_minor, row.reference, row.method) for row in payments]
    assert kept == [(23450, f"card:{charge.confirmation}", "card")]
    assert (debt.status, debt.amount_minor, debt.paid_minor) == ("paid", 0, 23450)
    assert (attempt.disposition, attempt.level) == ("paid_by_card", "checked")
    assert (await place.contact_of(person)).status == "done"
    said = place.heard_by(place.leg_of(attempt).to)
    amounts = {"pt-BR": "duzentos e trinta e quatro", "en-US": "two hundred thirty-four", "fr-FR": "deux cent trente"}
    assert sum(amounts[person.language] in words for words in said) >= 3  # read back, charged, thanked for


async def test_cards_that_are_charged_declined_and_thought_better_of(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path, pay_connector="Elsewhere", record="all") as place:
        payers = [
            await place.add_person("pays_by_card", language=language, knows=KNOWS)
            for language in ("pt-BR", "en-US", "fr-FR")
        ]
        declined = await place.add_person("card_declined", knows=KNOWS, overrides=LINK_INSTEAD)
        starred = await place.add_person("pays_by_card", knows=KNOWS, overrides=PROMISE_INSTEAD)
        await place.start()
        await place.finish_calls(calls=5)
        for payer in payers:
            await is_paid_once(place, payer)
            assert nothing_records_the_card(place.leg_of(await place.attempt_of(payer)))
        attempt, debt, payments = await record_of(place, declined)
        assert (attempt.disposition, debt.status, debt.amount_minor) == ("payment_code_sent", "open", 23450)
        assert payments == []
        attempt, debt, payments = await record_of(place, starred)
        assert (attempt.disposition, debt.amount_minor, payments) == ("promised", 23450, [])
        assert len(place.exchange.processor.charges) == 3
        assert not await place.all(Task)
        assert not keyed_figures(await everything_kept(place))
        documents = [one.body for one in place.documents if "<Pay " in one.body]
    assert_asked_properly(documents)


def nothing_records_the_card(leg: Leg) -> bool:
    """A recording was begun, and was paused from before the card was asked for until the carrier was done with it."""
    begun = [entry.words for entry in leg.entries if entry.what == "recording"]
    marks = [
        (entry.what, entry.words)
        for entry in leg.entries
        if entry.what in ("recording", "pay") or (entry.what, entry.words) == ("verb", "Pay")
    ]
    asked, done = marks.index(("verb", "Pay")), marks.index(("pay", "success"))
    before = [words for what, words in marks[:asked] if what == "recording"]
    return begun[0] == "in-progress" and before[-1] == "paused" and done == asked + 1


def assert_asked_properly(documents: list[str]) -> None:
    """Every <Pay> charges what it has just said, through our connector, without a word of what it is for."""
    for document in documents:
        said, _, pay = document.partition("<Pay ")
        opening = pay.partition("<Prompt")[0]
        assert "duzentos" in said or "two hundred" in said or "deux cent" in said
        assert 'chargeAmount="234.50"' in opening
        assert 'paymentConnector="Elsewhere"' in opening
        assert ('postalCode="true"' in opening) == ('currency="usd"' in opening)
        assert not any(word in opening.lower() for word in ("loja", "debt", "divida", "dívida", "dette", "collect"))


async def test_repeated_and_late_news_of_a_card(postgres_url: str, redis_url: str, tmp_path: Path) -> None:
    async with town(postgres_url, tmp_path, redis_url=redis_url, pay_connector="Default") as place:
        place.weather({"effect": "duplicated", "kinds": ["voice", "status"]})
        payer = await place.add_person("pays_by_card", knows=KNOWS)
        await place.start()
        await place.finish_calls()
        await is_paid_once(place, payer)
        await hung_up_over_the_card(place, prompts_before_expiry(place))


def prompts_before_expiry(place: Town) -> int:
    said = place.exchange.ledger[0].words("heard")
    return next(n for n, words in enumerate(said, 1) if "validade" in words)


async def hung_up_over_the_card(place: Town, prompt: int) -> None:
    """Who leaves in the middle has paid nothing, until the carrier says otherwise; and it may say so twice."""
    leaver = await place.add_person(
        "pays_by_card", knows=KNOWS, overrides={"hangs_up_in_prompt": prompt}, list_name="second"
    )
    await campaigning.create(place.op, "second", list_name="second", flow="lembrete", plan=Plan())
    await campaigning.start(place.op, "second")
    await place.finish_calls(calls=2)
    attempt, debt, payments = await record_of(place, leaver)
    assert (attempt.waits, attempt.disposition) == ("card", "hung_up")
    assert (debt.status, payments) == ("open", [])
    for _ in range(2):
        assert await receiving.hear(place.op, attempt.token, attempt.turn + 1, CardEnded("paid", "LATE-1"))
    attempt, debt, payments = await record_of(place, leaver)
    assert (attempt.disposition, debt.status) == ("paid_by_card", "paid")
    assert [row.reference for row in payments] == ["card:LATE-1"]
    assert (await place.contact_of(leaver)).status == "done"
    await receiving.hear(place.op, attempt.token, attempt.turn + 1, CardEnded("paid", "LATE-2"))
    (task,) = await place.all(Task)  # a second charge: more than was owed by then
    assert (task.kind, task.detail["over_minor"]) == ("check_card", 23450)
    async with place.op.database.write() as session:
        failed = await session.get_one(Attempt, attempt.id)
        failed.flow_disposition = "carrier_failed"  # as when the flow broke right after the card
    await receiving.hear(place.op, attempt.token, attempt.turn + 1, CardEnded("paid", "LATE-3"))
    assert (await record_of(place, leaver))[0].disposition == "paid_by_card"
    assert not await receiving.hear(place.op, "no such call", 1, CardEnded("paid", "LATE-4"))


async def test_without_a_connector_no_card_is_offered(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        person = await place.add_person("pays_by_card", knows=KNOWS, language="en-US")
        await place.start()
        await place.finish_calls()
        heard = place.leg_of(await place.attempt_of(person)).words("heard")
        assert not [words for words in heard if "card" in words]
        assert not [one for one in place.documents if "<Pay" in one.body]
