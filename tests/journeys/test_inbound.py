"""Whole calls and texts that begin with the people, over the real wire: the carrier's, ours, and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dialer.store.models import Attempt, Contact, Message, Person, Promise, Suppression
from local_carrier.rest.orders import Hook
from tests.journeys.town import CALLER_ID, Town, town

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def open_lines(place: Town) -> None:
    """Tell the carrier where calls and texts to our number go, as docs/inbound.md says."""
    own = place.exchange.numbers.called(CALLER_ID)
    assert own is not None
    where = place.op.addresses
    own.voice, own.status = Hook(where.incoming_calls()), Hook(where.incoming_calls_status())
    own.sms = Hook(where.incoming_texts())


async def incoming(place: Town) -> list[Attempt]:
    return [one for one in await place.attempts() if one.direction == "in"]


@ON_SQLITE
async def test_a_missed_call_is_called_back_and_ends_in_a_promise(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        open_lines(place)
        person = await place.add_person("calls_back")
        await place.start()
        await place.finish_calls(calls=2)
        ours, theirs = await place.attempts()
        assert (ours.direction, ours.disposition) == ("out", "no_answer")
        heard = place.leg_of(theirs).words("heard")
        assert (theirs.direction, theirs.disposition, theirs.level) == ("in", "promised", "checked"), heard
        (promise,) = await place.rows(Promise, person)
        assert promise.due_on == date(2026, 3, 3)
        dialled, called = await place.rows(Contact, person)
        assert (dialled.status, called.status, called.outcome) == ("waiting", "done", "promised")
        place.clock.jump(3 * 3600)
        await place.run_for(60)
        assert len(await place.attempts()) == 2, "who has promised is not called on the day"


@ON_SQLITE
async def test_a_missed_call_is_answered_with_stop(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path, carrier={"opt_out_words": True}) as place:
        open_lines(place)
        person = await place.add_person("texts_stop")
        await place.start()
        await place.finish_calls()
        await place.run_for(30)
        (text,) = await place.rows(Message, person)
        assert (text.direction, text.read_as, text.status) == ("in", "opt_out", "received")
        assert {one.channel for one in await place.rows(Suppression, person)} == {"phone", "sms"}
        (contact,) = await place.rows(Contact, person)
        assert (contact.status, contact.outcome) == ("done", "opted_out")
        place.clock.jump(24 * 3600)
        await place.run_for(60)
        assert len(await place.attempts()) == 1


@ON_POSTGRESQL
async def test_a_stop_by_text_ends_the_call_that_is_under_way(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        open_lines(place)
        person = await place.add_person("silent", number="+5511999990177")
        await place.start()

        async def live() -> bool:
            return any(one.status == "live" for one in await place.attempts())

        await place.run_until(live)
        await place.run_for(4)
        place.exchange.inbound.text(from_="+5511999990177", to=CALLER_ID, body="Parem de ligar!")
        await place.finish_calls()
        (attempt,) = await place.attempts()
        assert attempt.disposition == "recalled"
        assert "não vai mais ligar" in place.heard_by("+5511999990177")[-1]
        await place.run_for(30)
        kept = await place.rows(Message, person)
        assert [(one.direction, one.template, one.status) for one in kept] == [
            ("in", "incoming", "received"), ("out", "reply_opt_out", "delivered"),
        ]  # fmt: skip
        assert {one.campaign_id for one in kept} == {attempt.campaign_id}, "a reply counts with what it replies to"
        answer = place.op.database.keyring.unseal(kept[1].body)
        assert "Horizonte" in answer
        assert not any(word in answer for word in ("Pessoa", "Loja", "234"))


@ON_SQLITE
async def test_a_stranger_with_a_hidden_number_is_told_nothing(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        open_lines(place)
        await place.add_person("promiser")
        place.exchange.inbound.call(from_="+5511999990188", to=CALLER_ID, withheld=True)
        await place.finish_calls()
        (attempt,) = await incoming(place)
        said = " ".join(place.leg_of(attempt).words("heard"))
        assert "Horizonte" in said
        assert not any(word in said for word in ("Pessoa", "Teste", "Loja", "CPF", "reais", "100"))
        assert (attempt.to_number, attempt.status) == ("anonymous", "ended")
        assert [one.kind for one in await place.all(Person)] == ["person", "caller"]


@ON_POSTGRESQL
async def test_somebody_calls_while_our_call_to_them_rings(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        open_lines(place)
        person = await place.add_person("promiser", overrides={"answers_after": 25.0})
        await place.start()

        async def rings() -> bool:
            return any(one.status == "ringing" for one in await place.attempts())

        await place.run_until(rings)
        place.exchange.inbound.call(from_=(await place.attempts())[0].to_number, to=CALLER_ID)
        await place.finish_calls(calls=2)
        ended = await place.rows(Attempt, person)
        assert {one.direction for one in ended} == {"out", "in"}
        assert "promised" in {one.disposition for one in ended}
        assert all(one.closed_at for one in ended)
