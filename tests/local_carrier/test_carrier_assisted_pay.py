"""Payments that an agent guides: the person keys in figure by figure and stays in the conference; nobody is told more
than dots, and a repeat charges nothing twice.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from local_carrier.calls import Call
from local_carrier.lines.mind import CARD
from local_carrier.lines.persona import personas
from tests.local_carrier.world import CUSTOMER, World

AGENT, CALLER = "+12025550101", "+12025550102"
ROOM = "<Response><Dial><Conference>desk</Conference></Dial></Response>"
FIGURES = ("payment-card-number", "expiration-date", "security-code")


async def in_talk(world: World, **persona: object) -> Call:
    """The debtor, in a conference with an agent."""
    world.customer.pages |= {"/voice": ROOM}
    world.person(AGENT, personas()["agent"])
    changes: dict[str, Any] = {"card": "good", "talks_seconds": 300.0} | persona
    patient = replace(personas()["agent_seeker"], **changes)
    world.person(CALLER, patient)
    await world.call(AGENT)
    call = await world.call(CALLER)
    await world.pass_time(20)
    return call


async def ask(world: World, call: Call, path: str = "", *, status: int = 201, **more: str) -> dict[str, Any]:
    form = {"StatusCallback": f"{CUSTOMER}/news", **more}
    return await world.post(f"/Calls/{call.sid}/Payments{path}.json", form, status=status)


async def begun(world: World, call: Call) -> str:
    made = await ask(world, call, IdempotencyKey="begin", ChargeAmount="12.50", Currency="usd", PostalCode="false")
    return str(made["sid"])


async def capture(world: World, call: Call, sid: str, figure: str, key: str = "") -> None:
    await ask(world, call, f"/{sid}", status=200, IdempotencyKey=key or figure, Capture=figure)
    await world.pass_time(25)


async def test_figure_by_figure_a_card_is_charged_once_while_the_talk_goes_on(world: World) -> None:
    call = await in_talk(world)
    sid = await begun(world, call)
    assert await begun(world, call) == sid, "a repeated request begins nothing"
    for figure in FIGURES:
        await capture(world, call, sid, figure)
    for _ in range(2):  # a repeat charges nothing
        await ask(world, call, f"/{sid}", status=200, IdempotencyKey="complete", Status="complete")
    await world.pass_time(5)
    (charge,) = world.exchange.processor.charges
    assert (charge.amount, charge.currency, charge.last4) == ("12.50", "usd", "4242")
    news = world.customer.params("/news")
    dots = [one["PaymentCardNumber"] for one in news if one.get("PartialResult") and "number" in one["Capture"]]
    assert dots == ["x" * n for n in range(1, 17)]
    whole = [one for one in news if one.get("Capture") and not one.get("PartialResult")]
    assert [one["Capture"] for one in whole] == [*FIGURES]
    assert whole[0]["Required"] == "expiration-date, security-code"
    assert (news[-1]["Result"], news[-1]["PaymentConfirmationCode"]) == ("success", charge.confirmation)
    room = world.exchange.conferences.open("desk")
    assert len(room.seats) == 2, "nobody has left the talk"
    told = json.dumps([news, call.leg.as_json()], default=str)
    assert CARD["card_number"] not in told


@pytest.mark.parametrize(
    ("persona", "figure", "error"),
    [({"card": "none"}, "payment-card-number", "timeout")],
)
async def test_what_is_not_keyed_in_is_told_and_may_be_asked_again(
    world: World, persona: dict[str, object], figure: str, error: str
) -> None:
    call = await in_talk(world, **persona)
    sid = await begun(world, call)
    await capture(world, call, sid, figure)
    assert world.customer.params("/news")[-1]["ErrorType"] == error
    await ask(world, call, f"/{sid}", status=400, IdempotencyKey="c", Status="complete")
    await capture(world, call, sid, figure, key="again")
    assert [one.get("ErrorType") for one in world.customer.params("/news")].count(error) == 2
    assert world.exchange.processor.charges == []


async def test_a_declined_card_a_cancel_and_a_hang_up_charge_nothing(world: World) -> None:
    call = await in_talk(world, card="declined")
    sid = await begun(world, call)
    for figure in FIGURES:
        await capture(world, call, sid, figure)
    await ask(world, call, f"/{sid}", status=200, IdempotencyKey="complete", Status="complete")
    await world.pass_time(5)
    second = await ask(world, call, IdempotencyKey="b2", ChargeAmount="5")
    await ask(world, call, f"/{second['sid']}", status=200, IdempotencyKey="x", Status="cancel")
    await ask(world, call, IdempotencyKey="b3", ChargeAmount="5")
    call.end("completed")
    await world.pass_time(5)
    results = [one["Result"] for one in world.customer.params("/news") if "Result" in one]
    assert results == ["payment-connector-error", "canceled", "caller-hung-up"]
    assert world.exchange.processor.charges == []
    assert (await ask(world, call, status=400, IdempotencyKey="b4", ChargeAmount="5"))["code"] == 21220
