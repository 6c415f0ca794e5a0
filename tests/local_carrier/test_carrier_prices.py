"""What calls and messages cost, when that is known, and in how many parts a text is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_carrier.segments import segments
from tests.local_carrier.world import FROM, World, say

TO = "+12025550111"


async def test_a_call_costs_its_begun_minutes_a_while_after_its_end(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Pause length='61'/></Response>"
    call = await world.call(TO)
    assert (await world.get(f"/Calls/{call.sid}.json"))["price"] is None
    await world.run()
    fresh = await world.get(f"/Calls/{call.sid}.json")
    assert (fresh["status"], fresh["price"], fresh["price_unit"]) == ("completed", None, "USD")
    await world.pass_time(20)
    assert (await world.get(f"/Calls/{call.sid}.json"))["price"] == "-0.02800"


async def test_a_call_that_nobody_answered_costs_nothing(world: World) -> None:
    world.person(TO, "busy")
    world.customer.pages["/voice"] = say("Hello")
    call = await world.call(TO)
    await world.run()
    await world.pass_time(60)
    assert (await world.get(f"/Calls/{call.sid}.json"))["price"] is None


@pytest.mark.parametrize(("body", "parts", "price"), [("a" * 160, "1", "-0.00790"), ("€" * 81, "2", "-0.01580")])
async def test_a_message_costs_its_segments(world: World, body: str, parts: str, price: str) -> None:
    sid = (await world.post("/Messages.json", {"To": TO, "From": FROM, "Body": body}))["sid"]
    await world.pass_time(5)
    sent = await world.get(f"/Messages/{sid}.json")
    assert (sent["num_segments"], sent["price"]) == (parts, None)
    await world.pass_time(20)
    assert (await world.get(f"/Messages/{sid}.json"))["price"] == price


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("Voc\u00ea deve? S\u00e3o tr\u00eas", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("a" * 152 + "€" + "a" * 10, 2),
        ("ã" * 70, 1),
        ("ã" * 71, 2),
        ("ã" * 134, 2),
        ("ã" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 67 units hold 33 of them, never a half
    ],
)
def test_segments_are_counted_as_the_network_splits_them(text: str, parts: int) -> None:
    assert segments(text) == parts


@given(st.text(max_size=400), st.text(max_size=10))
def test_more_text_never_needs_fewer_segments(text: str, more: str) -> None:
    assert segments(text + more) >= segments(text) >= 1
