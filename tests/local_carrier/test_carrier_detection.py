"""Answering-machine detection: the verdict, when it is known, and how it is told."""

from __future__ import annotations

import pytest

from local_carrier.detection import Detection, detect
from local_carrier.lines.line import PickedUp
from tests.local_carrier.world import CUSTOMER, World, say

TO = "+12025550111"

VERDICTS = [
    ("silent", "human", "human"),
    ("machine_with_beep", "machine_start", "machine_end_beep"),
    ("machine_no_beep", "machine_start", "machine_end_silence"),
    ("carrier_announcement", "machine_start", "machine_end_other"),
    ("fax", "fax", "fax"),
]


@pytest.mark.parametrize(("persona", "enable", "message_end"), VERDICTS)
async def test_synchronous_detection_puts_the_verdict_in_the_first_request(
    world: World, persona: str, enable: str, message_end: str
) -> None:
    world.person(TO, persona)
    world.customer.pages["/voice"] = say("Hello")
    for mode in ("Enable", "DetectMessageEnd"):
        call = await world.call(TO, MachineDetection=mode)
        await world.run()
        assert call.answered_by == (enable if mode == "Enable" else message_end)
    assert [p["AnsweredBy"] for p in world.customer.params("/voice")] == [enable, message_end]


async def test_asynchronous_detection_lets_the_call_begin_and_tells_later(world: World) -> None:
    world.person(TO, "machine_with_beep")
    world.customer.pages["/voice"] = "<Response><Pause length='60'/></Response>"
    world.customer.pages["/message"] = say("Please call us back")
    call = await world.call(
        TO, MachineDetection="DetectMessageEnd", AsyncAmd="true", AsyncAmdStatusCallback=f"{CUSTOMER}/amd"
    )
    await world.pass_time(26)
    assert "AnsweredBy" not in world.customer.params("/voice")[0]
    [verdict] = world.customer.params("/amd")
    assert set(verdict) == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}
    assert verdict["AnsweredBy"] == "machine_end_beep"
    assert verdict["MachineDetectionDuration"] == "8500"
    await world.post(f"/Calls/{call.sid}.json", {"Url": f"{CUSTOMER}/message"}, status=200)
    await world.run()
    assert call.leg.words("heard") == ["Please call us back"]


async def test_no_verdict_is_told_about_a_call_that_has_ended(world: World) -> None:
    world.person(TO, "machine_with_beep")
    world.customer.pages["/voice"] = "<Response/>"
    await world.call(TO, MachineDetection="Enable", AsyncAmd="true", AsyncAmdStatusCallback=f"{CUSTOMER}/amd")
    await world.run()
    await world.pass_time(60)
    assert not world.customer.params("/amd")


async def test_send_digits_turns_detection_off(world: World) -> None:
    world.customer.pages["/voice"] = say("Hello")
    call = await world.call(TO, MachineDetection="Enable", SendDigits="12")
    await world.run()
    assert call.answered_by is None
    assert call.leg.words("sent_digits") == ["12"]


async def test_an_announcement_hangs_up_by_itself(world: World) -> None:
    world.person(TO, "carrier_announcement")
    world.customer.pages["/voice"] = "<Response><Pause length='300'/></Response>"
    call = await world.call(TO)
    await world.run()
    assert call.duration == 12


@pytest.mark.parametrize(
    ("picked_up", "detection", "verdict"),
    [
        (PickedUp("human", 0.0), Detection("Enable"), ("unknown", 5.0)),
        (PickedUp("machine", 2.0), Detection("Enable"), ("human", 3.2)),
        (PickedUp("human", 4.0), Detection("Enable"), ("machine_start", 2.4)),
        (PickedUp("human", 4.0), Detection("Enable", speech_threshold=5.0), ("human", 5.2)),
        (PickedUp("machine", 60.0, True), Detection("DetectMessageEnd"), ("unknown", 30.0)),
    ],
)
def test_thresholds_decide_and_can_be_wrong(
    picked_up: PickedUp, detection: Detection, verdict: tuple[str, float]
) -> None:
    found = detect(picked_up, detection)
    assert (found.answered_by, found.after_seconds) == verdict
