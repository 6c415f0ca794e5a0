"""Assistants, switchboards and full mailboxes: who hears what, and who comes to the phone."""

from __future__ import annotations

import pytest

from tests.local_carrier.little_ivr import LittleIvr
from tests.local_carrier.world import World, gather, say

TO = "+12025550111"
WHO = "Hello, this is Alfa, with a personal message."
MENU = "If this is you, press 1."
PAGE = f"<Response><Say>{WHO}</Say><Pause length='5'/><Redirect>/menu</Redirect></Response>"


@pytest.mark.parametrize("mode", ["Enable", "DetectMessageEnd"])
async def test_an_assistant_is_taken_for_a_machine(world: World, mode: str) -> None:
    world.person(TO, "screener_declines")
    world.customer.pages["/voice"] = say(WHO)
    call = await world.call(TO, MachineDetection=mode)
    await world.run()
    assert call.answered_by in ("machine_start", "machine_end_silence")


async def test_a_person_who_accepts_hears_what_comes_then_and_presses(world: World) -> None:
    world.person(TO, "screener_accepts")
    world.customer.pages |= {"/voice": PAGE, "/menu": gather(MENU), "/keys": say("Thank you")}
    call = await world.call(TO)
    await world.run()
    assert call.leg.keys == "1"
    assert call.leg.words("heard") == [WHO, MENU, "Thank you"]
    assert len(call.leg.words("said")) == 2


async def test_an_assistant_presses_nothing_that_it_hears(world: World) -> None:
    world.person(TO, "screener_accepts")
    world.customer.pages |= {"/voice": gather(MENU, rest=f"<Say>{WHO}</Say>"), "/keys": say("Thank you")}
    call = await world.call(TO)
    await world.run()
    assert call.leg.keys == ""


async def test_a_person_who_declines_is_gone_a_moment_after_the_first_words(world: World) -> None:
    world.person(TO, "screener_declines")
    world.customer.pages["/voice"] = "<Response><Say>Hello there</Say><Pause length='60'/></Response>"
    call = await world.call(TO)
    await world.run()
    assert call.duration is not None
    assert call.duration <= 6
    assert call.leg.words("left") == [""]


async def test_a_full_mailbox_hangs_up_and_tapes_nothing(world: World) -> None:
    world.person(TO, "voicemail_full")
    world.customer.pages["/voice"] = say(f"{WHO} " * 5)
    call = await world.call(TO, MachineDetection="DetectMessageEnd")
    await world.run()
    assert call.answered_by == "machine_end_silence"
    assert call.duration == 8
    assert not call.leg.words("taped")


async def test_a_switchboard_puts_through_who_sends_the_extension(world: World) -> None:
    world.person(TO, "switchboard")
    world.customer.pages |= {
        "/voice": f"<Response><Pause length='8'/><Say>{WHO}</Say><Redirect>/menu</Redirect></Response>",
        "/menu": gather(MENU),
        "/keys": say("Thank you"),
    }
    through = await world.call(TO, SendDigits="ww204#")
    await world.run()
    assert through.leg.keys == "1"
    lost = await world.call(TO, SendDigits="ww999")
    await world.run()
    assert lost.leg.keys == ""


async def test_digits_may_also_be_sent_from_a_document(world: World) -> None:
    world.person(TO, "switchboard")
    world.customer.pages |= {
        "/voice": "<Response><Play digits='w204'/><Pause length='7'/><Redirect>/menu</Redirect></Response>",
        "/menu": gather(MENU),
        "/keys": say("Thank you"),
    }
    call = await world.call(TO)
    await world.run()
    assert call.leg.keys == "1"


@pytest.mark.parametrize("persona", ["broken_promiser", "several_debts"])
async def test_who_is_asked_nothing_special_promises_like_anybody(world: World, persona: str) -> None:
    ivr = LittleIvr(world.customer, "en-US")
    world.person(TO, persona, knows={"document_last3": "345"})
    await world.call(TO)
    await world.run()
    assert ivr.ends == ["promised"]


WISHES = [
    ("asks_items", "To hear the details, press four.", "4"),
    ("asks_items", "Para saber como se chega a esse valor, tecle o número quatro.", "4"),
    ("asks_items", "Pour comprendre les intérêts, appuyez sur la touche cinq.", "5"),
    ("several_debts", "For 120 dollars, due on May 2, press one. For all of them together, press seven.", "1"),
    (
        "callback_at_hour",
        "À une autre heure, appuyez sur la touche quatre. Demain, appuyez sur le trois.",
        "4",
    ),
    ("callback_at_hour", "Digite a hora e os minutos, com quatro números.", "1500"),
    ("pays_by_card", "To pay by card, press five. To get a payment link by text message, press three.", "5"),
    ("pays_by_card", "Para pagar com cartão de crédito, tecle o número cinco.", "5"),
    ("pays_by_card", "Pour payer par carte bancaire, appuyez sur la touche cinq.", "5"),
]


@pytest.mark.parametrize(("persona", "words", "keys"), WISHES)
async def test_wishes_are_understood_in_each_language(world: World, persona: str, words: str, keys: str) -> None:
    language = "en-US" if "press" in words else "fr-FR" if "touche" in words else "pt-BR"
    world.person(TO, persona, language=language)
    world.customer.pages |= {
        "/voice": gather(words, language, attributes=f'numDigits="{len(keys)}"'),
        "/keys": say("Thank you"),
    }
    call = await world.call(TO)
    await world.run()
    assert call.leg.keys == keys
