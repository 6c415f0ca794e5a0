"""The demo's people: the same town every time; and where the viewer is the agent, debtors who ask for one."""

from __future__ import annotations

from datetime import date

from dialer.enrolling import way_of
from local_carrier.clients.conversation import lines_of
from local_carrier.lines.people import read_person
from toque.demo.people import agents, line_of, phone_book, residents

TODAY = date(2026, 11, 23)


def test_where_the_viewer_is_the_agent_everybody_who_picks_up_asks_for_a_person() -> None:
    people = [read_person(one.as_person()) for one in residents(30, today=TODAY, talking=True)]
    assert all(list(one.persona.wants) == ["agent"] for one in people)
    picking_up = {one.persona.name for one in people if one.persona.pickup == "human"}
    assert len(picking_up) > 3
    assert len({tuple(lines_of("pt-BR", name)[0]) for name in picking_up}) == len(picking_up), "each in character"


def test_one_agent_then_takes_everybodys_calls_in_a_browser() -> None:
    (agent,) = agents(talking=True)
    assert set(agent["skills"]) == {one.row["language"] for one in residents(60, today=TODAY)}
    assert way_of(line_of(agent)) == "client:rita"
    assert agents(talking=False)[0]["skills"] == ["pt-BR"]


def test_until_the_browser_is_there_somebody_simulated_answers_the_agents_line() -> None:
    book = phone_book(residents(3, today=TODAY))
    for agent in agents(talking=False):
        assert book.at(line_of(agent).removeprefix("tel:")).persona.name == "agent"
