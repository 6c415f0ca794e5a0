"""A stranger who calls: whatever they press, no word that they hear is about anybody's matters."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest

from dialer.recognising import ANONYMOUS
from dialer.store.models import Debt, Message, Number, Promise
from ivr_flows import engine
from ivr_flows.errors import InputRefused
from ivr_flows.events import HungUp, Pressed, Recalled, Silent, StillWaiting, TransferEnded
from ivr_flows.loading import load
from ivr_flows.turn import (
    CallbackAsked,
    Caller,
    Disposed,
    End,
    LevelReached,
    Money,
    NotThisPerson,
    OptedOut,
    State,
    Turn,
    Value,
)
from local_carrier.lines.people import read_person
from tests.journeys.cast import LANGUAGES, gives_away
from tests.journeys.test_inbound import open_lines
from tests.journeys.town import CALLER_ID, Town, town

DEPTH = 4
RANDOM_CALLS, RANDOM_KEYS = 60, 14
NUMBER_TO_STOP = "11999990101"
# The wrong figures for every check, and all else that a phone or the carrier can send.
EVENTS = (
    *(Pressed(key) for key in (*"0123456789*#", "999", "1955", "00000", NUMBER_TO_STOP)),
    Silent(), HungUp(), Recalled("opted_out"), Recalled("nothing_due"), Recalled("stopped"),
    StillWaiting(2, 5), StillWaiting(3, 180),
    TransferEnded("nobody_free"), TransferEnded("closed"), TransferEnded("failed"),
)  # fmt: skip
OURS: dict[str, Value] = {
    "caller_name": "Horizonte", "official_site": "horizonte.example", "official_number": "0800 555 0101",
    "callback_number": "0800 555 0102", "contact_person": "Ana Lima", "country": "US", "recorded": True,
}  # fmt: skip
OWED: dict[str, Value] = {
    "debt": "1", "creditor_name": "Aurora", "amount": Money(15050, "BRL"), "original_amount": Money(12000, "BRL"),
    "interest": Money(3050, "BRL"), "due_date": date(2026, 10, 1), "days_past_due": 53, "contract": "KZX77",
    "invoice": "QQ88", "instalment": "3/12", "pix": "pixcode55", "boleto": "23793", "link": "https://secret.example",
}  # fmt: skip
DEBTOR: dict[str, Value] = {
    "first_name": "Zuleica", "full_name": "Zuleica Prado", "has_mobile": True, "broken_promise": True,
    "card_open": True, "check_value": "725", "amount_total": Money(15050, "BRL"), "debt_count": 1, **OWED,
}  # fmt: skip
SECRET = re.compile(
    r"Zuleica|Prado|Aurora|KZX|K Z X|QQ|três de doze|secret|pixcode|cento e|cinquenta|hundred|fifty|cent cinquante|"
    r"outubro|October|octobre|reais|dollars|euros|725|sete dois cinco|seven two five|sept deux cinq",
    re.IGNORECASE,
)


def callers() -> Iterator[Caller]:
    """At a debtor's own number, by every check there is; and from nowhere that we know."""
    for language in LANGUAGES:
        for check in ("document_last3", "birth_year", "postal_code"):
            known = {
                **OURS,
                **DEBTOR,
                "check_kind": check,
                "agents_open": check != "birth_year",
                "called_recently": True,
            }
            yield Caller(language, date(2026, 11, 23), known, "checked", (OWED,), time(10))
        nobody = {**OURS, "first_name": "", "agents_open": False, "number_withheld": True}
        yield Caller(language, date(2026, 11, 23), nobody, "checked", (), time(10))


def harmless(turn: Turn, pressed: tuple[object, ...]) -> None:
    """Every word of a turn, and everything that it leaves behind."""
    for words in (speech.text for speech in turn.speech):
        assert not SECRET.search(words), (words, pressed)
        assert gives_away(words) is None, (words, pressed)
    for effect in turn.effects:
        assert isinstance(effect, Disposed | OptedOut | NotThisPerson | CallbackAsked | LevelReached), pressed
        assert not isinstance(effect, LevelReached) or effect.level == "claimed", pressed


def after(state: State, event: object) -> Turn | None:
    try:
        return engine.resume(load("retorno"), state, event)  # type: ignore[arg-type]
    except InputRefused:
        return None


def explored(caller: Caller, depth: int) -> tuple[int, list[State]]:
    """Every sequence of events so long, each state once: how many turns were heard, and the states at the end."""
    first = engine.start(load("retorno"), caller)
    harmless(first, ())
    heard, met, edge = 1, {repr(first.state)}, [(first.state, ())]
    for _ in range(depth):
        following = []
        for state, pressed in edge:
            for event in EVENTS:
                turn = after(state, event)
                if turn is None:
                    continue
                harmless(turn, (*pressed, event))
                heard += 1
                if not isinstance(turn.wait, End) and repr(turn.state) not in met:
                    met.add(repr(turn.state))
                    following.append((turn.state, (*pressed, event)))
        edge = following
    return heard, [state for state, _ in edge]


@pytest.mark.parametrize(
    "caller", [*callers()], ids=lambda caller: f"{caller.language} {caller.values.get('check_kind')}"
)
def test_no_keys_tell_a_stranger_anything(caller: Caller) -> None:
    chance = random.Random(5)
    heard, ends = explored(caller, DEPTH)
    assert heard > 300
    for _ in range(RANDOM_CALLS):
        state, pressed = chance.choice(ends), ["…"]
        for event in chance.choices(EVENTS, k=RANDOM_KEYS):
            turn = after(state, event)
            if turn is None:
                continue
            pressed.append(str(event))
            harmless(turn, tuple(pressed))
            state = turn.state
            if isinstance(turn.wait, End):
                break


# What strangers want, how they behave, and how their call is coded.
WRONG_CHECK, NO_CHECK = {"check": "wrong"}, {"check": "refuse"}
STRANGERS: tuple[tuple[tuple[str, ...], dict[str, object], str], ...] = (
    (("who_called",), {}, "completed"),
    (("who_called", "it_is_me"), WRONG_CHECK, "failed_check"),
    (("it_is_me", "end"), WRONG_CHECK, "failed_check"),
    (("it_is_me", "agent"), WRONG_CHECK, "transferred"),
    (("it_is_me", "refuse", "end"), NO_CHECK, "refused_check"),
    (("it_is_me", "refuse", "agent"), NO_CHECK, "transferred"),
    (("it_is_me",), NO_CHECK, "failed_check"),
    (("agent",), {}, "transferred"),
    (("wrong_number", "confirm"), {}, "wrong_number"),
    (("deceased", "wrong_number", "confirm"), {}, "deceased"),
    (("opt_out",), {}, "opted_out"),
    (("who_called", "other_phone", "confirm"), {}, "opted_out"),
    ((), {"wrong_keys": 9}, "no_input"),
    ((), {"hangs_up_in_prompt": 2}, "hung_up"),
    ((), {}, "no_input"),
)  # fmt: skip
TOLD = re.compile(r"Pessoa|Teste|Loja|\bC \d|reais|dollars|euros|duzentos|two hundred|deux cent|cinquenta|fifty")
UNCHECKED = {"failed_check": "completed", "refused_check": "completed"}  # of somebody on no record nothing is asked


async def strange_calls(place: Town, everywhere: bool) -> dict[str, str]:
    """Each kind of stranger at a debtor's phone, and at a phone of nobody on record; how the call from it must end.

    Unless `everywhere`, only the first stranger of each end calls from that other phone too.
    """
    ends: dict[str, str] = {}
    met: set[str] = set()
    for n, (wants, ways, end) in enumerate(STRANGERS):
        language = LANGUAGES[n % 3]
        keys = {"document_last3": "725", "phone_to_stop": NUMBER_TO_STOP}
        wishes = {"wants": wants, "pickup": "human"} | ways
        person = await place.add_person("silent", language=language, overrides=wishes, knows=keys)
        (number,) = await place.rows(Number, person)
        ends[number.e164] = end
        if end in met and not everywhere:
            continue
        met.add(end)
        elsewhere = f"+3363998{2000 + n}" if language == "fr-FR" else f"+55119999{80000 + n}"
        told = {"address": elsewhere, "persona": "silent", "language": language, "overrides": wishes, "knows": keys}
        place.people.add(read_person(told))
        ends[elsewhere] = UNCHECKED.get(end, end)
    return ends


@pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.soak)])
async def test_strangers_on_the_wire(everywhere: bool, sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path, beat=5.0, pay_connector="Default", record="all") as place:
        open_lines(place)
        ends = await strange_calls(place, everywhere)
        for n in range(6):
            await place.add_agent(f"Rita {n}")
        await place.agents_ready()
        for n, number in enumerate(ends):
            place.exchange.inbound.call(from_=number, to=CALLER_ID, withheld=n % 7 == 3)
        await place.finish_calls(calls=len(ends))
        await place.run_for(30)
        for leg in place.exchange.ledger:
            words = [word for word in leg.words("heard") if TOLD.search(word) or gives_away(word)]
            assert not words, (leg.to, words)
        calls = await place.attempts()
        shown = {one.to_number: one.disposition for one in calls if one.to_number != ANONYMOUS}
        assert shown == {number: ends[number] for number in shown}
        assert len(shown) == len(ends) - sum(one.to_number == ANONYMOUS for one in calls) > 18
        assert {one.level for one in calls} == {"none", "claimed"}
        assert not [*await place.all(Promise), *await place.all(Message)]
        assert {one.status for one in await place.all(Debt)} == {"open"}
