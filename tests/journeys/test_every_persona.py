"""Every persona in every flow and language: what was heard, pressed, kept, and agreed with the carrier."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from dialer.store.models import (
    Agent,
    Attempt,
    CallTurn,
    Debt,
    Interaction,
    Message,
    Person,
    Promise,
    Reservation,
)
from dialer.store.models import Suppression as Bar
from local_carrier.ledger import Leg
from local_carrier.lines.persona import personas
from tests.journeys.cast import CHECK_DIGITS, FATES, LANGUAGES, gives_away
from tests.journeys.town import Town, town

AGENTS = 8
OUR_OWN = {"agent", "agent_absent"}
# What they are for is not a plain call: tried in journeys of their own.
ELSEWHERE = {"calls_back", "texts_stop", "pays_by_card", "card_declined", "screener_accepts", "screener_declines"} | {
    "voicemail_full",
    "switchboard",
    "several_debts",
    "asks_items",
    "callback_at_hour",
    "broken_promiser",
}
# Who hears a message as the promiser does, with other wishes that it does not ask for.
WISHES_UNASKED = (
    "barge_in", "repeat_listener", "payer", "already_paid", "disputer", "refuses_check", "wrong_check",
)  # fmt: skip
# The language of each persona turns with its place in the alphabet; test_every_flow walks the paths of other flows.
# Everybody in every language is a soak run.
Cast = list[tuple[str, str]]


def a_third(shift: int) -> Cast:
    return [(persona, LANGUAGES[(n + shift) % 3]) for n, persona in enumerate(sorted(FATES["lembrete"]))]


def test_no_persona_is_left_out() -> None:
    for flow in FATES:
        assert set(FATES[flow]) == set(personas()) - OUR_OWN - ELSEWHERE, flow


@pytest.mark.soak
async def test_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    await play("lembrete", a_third(1), sqlite_url, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", sorted(FATES))
async def test_in_every_language(flow: str, language: str, sqlite_url: str, tmp_path: Path) -> None:
    await play(flow, [(persona, language) for persona in FATES[flow]], sqlite_url, tmp_path)


async def test_on_postgresql_and_redis(postgres_url: str, redis_url: str, tmp_path: Path) -> None:
    cast = [part for part in a_third(0) if part[0] not in WISHES_UNASKED]
    await play("recado", cast, postgres_url, tmp_path, redis_url=redis_url)


async def test_who_has_no_mobile_is_sent_nothing_and_offered_a_person(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        landlines = {"promiser": "+551139990001", "payer": "+551139990002"}
        people = {who: await place.add_person(who, number=number) for who, number in landlines.items()}
        await place.add_agent()
        await place.start(ratio=20)
        await place.finish_calls(calls=2)
        outcomes = {who: (await place.attempt_of(person)).disposition for who, person in people.items()}
        assert outcomes == {"promiser": "promised", "payer": "transferred"}
        assert await place.messages() == []


async def play(flow: str, cast: Cast, database_url: str, home: Path, *, redis_url: str = "") -> None:
    """One campaign over the whole cast; then every claim about every person."""
    async with town(database_url, home, redis_url=redis_url, beat=5.0) as place:
        people = {part: await place.add_person(part[0], language=part[1]) for part in cast}
        for n in range(AGENTS):
            await place.add_agent(f"Rita {n}")
        await place.start(flow, detect="beep", ratio=20)
        await place.finish_calls(calls=len(cast))
        await place.run_for(30)  # wrap-ups end, messages are delivered
        for (persona, language), person in people.items():
            try:
                await check_record(place, flow, persona, person)
                await check_words(place, person)
            except AssertionError as error:
                raise AssertionError(f"{persona} in {language}: {error}") from error
        assert {agent.status for agent in await place.all(Agent)} == {"ready"}
        assert not place.exchange.log, "the carrier had nothing to complain of"


async def check_record(place: Town, flow: str, persona: str, person: Person) -> None:
    (attempt,) = await place.rows(Attempt, person)
    contact, leg = await place.contact_of(person), place.leg_of(attempt)
    fate = FATES[flow][persona]
    said = (attempt.disposition, contact.status, contact.outcome, attempt.carrier_status, attempt.answered_by)
    assert said == (fate.disposition, fate.contact, fate.disposition, fate.carrier, fate.answered_by)
    assert (leg.status, leg.sid, attempt.level) == (attempt.carrier_status, attempt.sid, fate.level)
    assert [one.kind for one in await place.rows(Bar, person)] == ([fate.suppressed] if fate.suppressed else [])
    messages = [(one.template, one.status) for one in await place.rows(Message, person)]
    assert messages == ([(fate.message, "delivered")] if fate.message else [])
    promises = [(one.amount_minor, one.due_on.isoformat()) for one in await place.rows(Promise, person)]
    assert promises == ([(23450, "2026-03-03")] if fate.promises else [])
    assert [one.status for one in await place.rows(Debt, person)] == [fate.debt]
    talks = [one.status for one in await place.all(Reservation) if one.attempt_id == attempt.id]
    assert talks == (["ended"] if fate.talked else [])
    ends = [one for one in await place.rows(Interaction, person) if one.kind == "call_ended"]
    assert [one.detail["disposition"] for one in ends] == [fate.disposition]


async def check_words(place: Town, person: Person, *, agreed: Collection[str] = ()) -> None:
    """Nothing of the debt before the check was passed; none of its digits in what is kept, only what was `agreed`."""
    (attempt,) = await place.rows(Attempt, person)
    leg = place.leg_of(attempt)
    for words in heard_before_the_check(leg, passed=attempt.level == "checked"):
        assert gives_away(words) is None, words
    turns = [turn for turn in await place.all(CallTurn) if turn.attempt_id == attempt.id]
    assert [turn.n for turn in turns] == list(range(len(turns)))
    kept = [str(turn.event.get("digits") or "") for turn in turns]
    assert not [one for one in kept if len(one) > 2 and one.isdigit() and sorted(one) not in map(sorted, agreed)]
    if leg.answered_at is not None:
        assert len(turns) == attempt.turn + 1 > 0


def heard_before_the_check(leg: Leg, *, passed: bool) -> list[str]:
    words = []
    for entry in leg.entries:
        if passed and entry.what == "pressed" and entry.words == CHECK_DIGITS:
            return words
        if entry.what in ("heard", "taped"):
            words.append(entry.words)
    assert not passed, "the check was passed without its digits"
    return words
