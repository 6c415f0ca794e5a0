"""Every path of every flow on the wire: what each call leaves on record, and what is said before the check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path as Folder

import pytest

from dialer.store.models import Attempt, Debt, Message, Number, Payment, Person, Promise, Reservation, Task
from dialer.store.models import Suppression as Bar
from dialer.store.tasks import ABOUT_HOLDS
from tests.journeys.cast import CHECK_DIGITS, LANGUAGES
from tests.journeys.paths import CALLING, DAYS, EVERY_PATH, MESSAGE, End, Path
from tests.journeys.test_every_persona import check_words
from tests.journeys.test_inbound import open_lines
from tests.journeys.town import CALLER_ID, Town, town

TALKING = ("pre-vencimento", "lembrete", "segunda-tentativa", "ultimo-aviso")
# To whom no flow says a word: test_every_persona calls them with a message too.
NOT_REACHED = ("fax", "busy", "no answer", "invalid")
DUE = {"pre-vencimento": date(2026, 3, 8), "ultimo-aviso": date(2025, 12, 15)}


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody in a campaign of this flow. `message_only`: the campaign leaves its message and asks nothing."""

    name: str
    path: Path
    flow: str
    language: str
    message_only: bool = False

    @property
    def campaign(self) -> str:
        return f"{self.flow} {self.path.detect} {'message' if self.message_only else 'talk'}"

    @property
    def number(self) -> str | None:
        if not self.path.landline:
            return None
        place = sorted(EVERY_PATH).index(self.name) + 100 * (*TALKING, "retorno").index(self.flow)
        return f"+55113999{place:04d}" if self.language == "pt-BR" else f"+33199000{place:03d}"


def part(name: str, path: Path, flow: str, turn: int, **values: bool) -> Part:
    language = LANGUAGES[turn % 3]
    if path.landline and language == "en-US":  # a number of the United States does not tell what it is
        language = "pt-BR"
    return Part(name, path, flow, language, **values)


def half(which: int) -> list[Part]:
    """Every second path, the flow and the language turning with its place; the two halves are all."""
    return [
        part(name, path, TALKING[(n // 2 + which) % 4], n + n // 4)
        for n, (name, path) in enumerate(EVERY_PATH.items())
        if n % 2 == which
    ]


@pytest.mark.soak
async def test_half_of_all_paths_and_the_torpedo(sqlite_url: str, tmp_path: Folder) -> None:
    torpedo = [part(name, path, "torpedo", n) for n, (name, path) in enumerate(MESSAGE.items())]
    await play(half(0) + torpedo, sqlite_url, tmp_path)


async def test_a_quarter_of_all_paths(sqlite_url: str, tmp_path: Folder) -> None:
    await play(half(1)[::2], sqlite_url, tmp_path)


async def test_an_eighth_on_postgresql_and_redis(postgres_url: str, redis_url: str, tmp_path: Folder) -> None:
    await play(half(1)[1::4], postgres_url, tmp_path, redis_url=redis_url)


async def test_messages_alone(sqlite_url: str, tmp_path: Folder) -> None:
    heard = {name: path for name, path in MESSAGE.items() if name not in NOT_REACHED}
    alone = [part(name, path, TALKING[n % 4], n, message_only=True) for n, (name, path) in enumerate(heard.items())]
    await play(alone[::2], sqlite_url, tmp_path)


@pytest.mark.soak
async def test_every_path_of_those_who_call(sqlite_url: str, tmp_path: Folder) -> None:
    cast = [part(name, path, "retorno", n) for n, (name, path) in enumerate(CALLING.items())]
    await answer(cast, sqlite_url, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("language", range(3))
async def test_all_who_call_in_every_language(language: int, database_url: str, tmp_path: Folder) -> None:
    await answer([part(name, path, "retorno", language) for name, path in CALLING.items()], database_url, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("language", range(3))
@pytest.mark.parametrize("flow", TALKING)
async def test_every_path_of_a_flow(flow: str, language: int, database_url: str, tmp_path: Folder) -> None:
    talking = [part(name, path, flow, language) for name, path in EVERY_PATH.items()]
    alone = [part(name, path, flow, language, message_only=True) for name, path in MESSAGE.items()]
    await play(talking + alone, database_url, tmp_path)


@pytest.mark.soak
async def test_the_torpedo_in_every_language(database_url: str, tmp_path: Folder) -> None:
    cast = [part(name, path, "torpedo", turn) for name, path in MESSAGE.items() for turn in range(3)]
    await play(cast, database_url, tmp_path)


CALL_BACK = End("callback_asked", tasks=("call_back",))


async def test_who_asks_for_agents_when_there_are_none(sqlite_url: str, tmp_path: Folder) -> None:
    """Who is promised a person is called by no machine, and the team has it in writing."""
    async with town(sqlite_url, tmp_path, beat=10.0) as place:
        asks = Path(CALL_BACK, ("agent", "callback"))
        gone = [Part("", asks, flow, LANGUAGES[n % 3]) for n, flow in enumerate(TALKING)]
        people = [await settle_down(place, one) for one in gone]
        for one in gone:
            await place.start(one.flow, one.campaign, one.campaign, detect="beep", ratio=20)
        await place.finish_calls(calls=4)
        await place.run_for(300)  # a call-back by a machine would have been made by now
        faults = [await fault(place, one, person) for one, person in zip(gone, people, strict=True)]
        assert not any(faults), "\n".join(filter(None, faults))


async def play(cast: list[Part], database_url: str, home: Folder, *, redis_url: str = "") -> None:
    """A campaign for each flow over its people, all at once; then every claim about every person."""
    async with town(database_url, home, redis_url=redis_url, beat=10.0, pay_connector="Default") as place:
        for n in range(sum(one.path.end.talk is not None for one in cast)):
            await place.add_agent(f"Rita {n}")
        people = [await settle_down(place, one) for one in cast]
        await place.agents_ready()
        for name, parts in groupby(sorted(cast, key=lambda one: one.campaign), key=lambda one: one.campaign):
            first = next(parts)
            plan = {"detect": first.path.detect, "message_only": first.message_only, "ratio": 20}
            await place.start(first.flow, name, name, **plan)
        await place.finish_calls(calls=len(cast))
        await place.run_for(30)  # messages are delivered
        wrong = [
            found for one, person in zip(cast, people, strict=True) if (found := await fault(place, one, person))
        ]
        assert not wrong, "\n".join(wrong)
        assert not place.exchange.log, "the carrier had nothing to complain of"


async def answer(cast: list[Part], database_url: str, home: Folder) -> None:
    """Everybody calls us at once; then every claim about every person."""
    async with town(database_url, home, beat=10.0, pay_connector="Default") as place:
        open_lines(place)
        for n in range(sum(one.path.end.talk is not None for one in cast)):
            await place.add_agent(f"Rita {n}")
        people = [await settle_down(place, one) for one in cast]
        await place.agents_ready()
        for person in people:
            (number,) = await place.rows(Number, person)
            place.exchange.inbound.call(from_=number.e164, to=CALLER_ID)
        await place.finish_calls(calls=len(cast))
        await place.run_for(30)
        faults = [await fault(place, one, person) for one, person in zip(cast, people, strict=True)]
        assert not any(faults), "\n".join(filter(None, faults))


async def settle_down(place: Town, one: Part) -> Person:
    wishes = {"wants": one.path.wants} if one.path.wants else {}
    due = {"due_on": DUE[one.flow]} if one.flow in DUE else {}
    return await place.add_person(
        one.path.persona,
        language=one.language,
        overrides=wishes | one.path.overrides,
        knows={"document_last3": CHECK_DIGITS} | one.path.knows,
        list_name=one.campaign,
        debts=[due | debt for debt in one.path.debts],
        number=one.number,
        extension=one.path.extension,
    )


async def fault(place: Town, one: Part, person: Person) -> str | None:
    """What is not as it should be with this call, and all that was said in it."""
    (attempt,) = await place.rows(Attempt, person)
    try:
        await check_words(place, person, agreed=one.path.knows.values())
        await check_record(place, one.path.end, one.language, person)
    except AssertionError as error:
        told = "\n".join(f"    {entry.what} {entry.words}" for entry in place.leg_of(attempt).entries)
        return f"{one.campaign}: {one.name} in {one.language}: {error}\n{told}"
    return None


async def check_record(place: Town, end: End, language: str, person: Person) -> None:
    """The attempt, the contact, the debts, and everything that the call has left behind."""
    (attempt,) = await place.rows(Attempt, person)
    contact = await place.contact_of(person)
    found = (attempt.disposition, attempt.carrier_status, attempt.answered_by, attempt.level)
    assert found == (end.disposition, end.carrier, end.answered_by, end.level)
    assert (contact.status, contact.outcome) == (end.contact, end.disposition)
    assert [one.kind for one in await place.rows(Bar, person)] == ([end.barred] if end.barred else [])
    await check_debts(place, end, language, person)
    texts = [(one.template.partition(":")[0], one.status) for one in await place.rows(Message, person)]
    assert texts == [(template, "delivered") for template in end.messages]
    tasks = [" ".join([one.kind, *told(one)]) for one in await place.rows(Task, person)]
    assert tasks == list(end.tasks)
    talks = [one.status for one in await place.all(Reservation) if one.attempt_id == attempt.id]
    assert talks == ([end.talk] if end.talk else [])
    if end.called_back is not None:
        assert attempt.callback_at is not None
        waited = (attempt.callback_at - attempt.answered_at).total_seconds() / 60
        assert end.called_back <= waited < end.called_back + 3


async def check_debts(place: Town, end: End, language: str, person: Person) -> None:
    owed = await place.rows(Debt, person)
    assert [one.status for one in owed] == list(end.owed)
    promises = [(one.amount_minor, one.due_on.isoformat()) for one in await place.rows(Promise, person)]
    assert promises == ([(end.promised_minor, DAYS[end.promised][language])] if end.promised else [])
    ours = {one.id for one in owed}
    assert sum(one.amount_minor for one in await place.all(Payment) if one.debt_id in ours) == end.paid_minor
    held = [one.id for one in owed if one.status == "held"]
    assert [one.detail["debts"] for one in await place.rows(Task, person) if one.kind in ABOUT_HOLDS] == [held][
        : len(held)
    ]


def told(task: Task) -> list[str]:
    return [str(task.detail[name]) for name in ("reason", "on") if task.detail.get(name)]
