"""The benchmarks run, measure what they say, and refuse names that they do not know."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer.errors import BadInput
from dialer.store.database import Database
from dialer.store.models import Attempt, CallTurn
from toque import bench
from toque.bench import growing, table
from toque.bench.crowd import insert_calls, insert_people
from toque.bench.granting import highest_in_a_second, joined
from toque.bench.load import get, post
from toque.bench.measuring import Figure, Pass
from webhooks.signature import SignatureCheck


def test_a_name_means_itself_or_what_begins_with_it() -> None:
    assert bench.chosen([]) == list(bench.BENCHES)
    assert bench.chosen(["webhook-p99"]) == ["webhook-p99-sqlite", "webhook-p99-postgresql"]
    assert bench.chosen(["placing-sqlite"]) == ["placing-sqlite"]
    with pytest.raises(BadInput, match=r"no benchmark \"web\": choose from .*webhook-sqlite"):
        bench.chosen(["placing", "web"])


def test_a_figure_is_the_median_of_its_passes_and_shows_their_spread() -> None:
    passes = (Pass(10.0, 50.0), Pass(20.0, 60.0), Pass(10.0, 90.0))
    shown = Figure(passes, n=7, unit="µs", floor_is="nothing").as_dict("x")
    assert (shown["value"], shown["floor"], shown["ratio"]) == (60.0, 10.0, 5.0)
    assert (shown["spread"], shown["floor_spread"], shown["n"], shown["passes"]) == ([50.0, 90.0], [10.0, 20.0], 7, 3)


def test_the_table_says_which_goals_are_met_and_what_machine_it_was() -> None:
    fast = Figure((Pass(100.0, 900.0),), 1, "CPU µs", "nothing").as_dict("webhook-sqlite")
    late = Figure((Pass(1.0, 31.0),), 1, "ms", "nothing", {"median": 5.0}).as_dict("webhook-p99-postgresql")
    full = Figure((Pass(10.0, 9.8),), 1, "grants", "the cap", {"share": 0.98}).as_dict("cps-redis-10")
    free = Figure((Pass(10.0, 9.8),), 1, "µs", "nothing").as_dict("plan-sqlite")
    first, second, _, _, _, *found = table.page(table.machine(), [fast, late, full, free], "busy").splitlines()
    assert first.startswith(f"- Before: {datetime.now(UTC):%Y-%m-%d}")
    assert second == "- After: busy"
    assert ["≤ 10×" in found[0], "≤ 30 ms" in found[1], "≥ 0.99 share" in found[2]] == [True] * 3
    assert [line.count("| yes |") for line in found] == [1, 0, 0, 0]
    assert [line.count("| **no** |") for line in found] == [0, 1, 1, 0]
    assert found[1].endswith("| median 5.0 |")


def test_every_goal_is_one_of_a_bench() -> None:
    for name in table.GOALS:
        assert [one for one in bench.BENCHES if table.goal_of(one) is table.GOALS[name]], name


def test_the_load_is_signed_as_the_carrier_signs() -> None:
    request = post(1, "/voice/t/0", {"To": "+5511", "Digits": "1"}, secret="s", public_url="https://b.example")
    head, _, body = request.partition(b"\r\n\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in head.split(b"\r\n")[1:])}
    check = SignatureCheck("https://b.example", "s")
    assert check.accepts(raw_path=b"/voice/t/0", query=b"", headers=headers, body=body)
    assert not check.accepts(raw_path=b"/voice/t/1", query=b"", headers=headers, body=body)
    assert get(1, "/cpu").startswith(b"GET /cpu HTTP/1.1\r\n")


@pytest.mark.parametrize("name", ["webhook-sqlite", "placing-sqlite"])
def test_a_bench_measures_real_work_against_a_floor(
    name: str, loopback: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every turn is answered by the flow, every call is placed, else the bench itself refuses to give a figure."""
    monkeypatch.chdir(tmp_path)
    (figure,) = bench.run([name], scale=0.02)
    assert json.loads(json.dumps(figure))["name"] == name
    assert isinstance(figure["ratio"], float)
    assert figure["ratio"] > 1
    assert figure["passes"] == 3


def test_a_beat_is_measured_with_calls_under_way_and_without(loopback: None) -> None:
    (figure,) = bench.run(["under-way-10"], scale=0.05)
    assert (figure["under_way"], figure["n"], figure["passes"]) == (10, 2, 3)
    assert isinstance(figure["value"], float)
    assert figure["value"] > 0


@pytest.mark.parametrize(
    ("granted", "highest"),
    [([], 0), ([5.0], 1), ([0.0, 0.5, 1.0], 2), ([0.0, 0.9, 1.8, 1.85, 1.89, 2.0], 4), ([3.0, 3.0, 3.0, 4.0], 3)],
)
def test_the_highest_count_is_of_any_second_not_of_those_of_the_clock(granted: list[float], highest: int) -> None:
    assert highest_in_a_second(granted) == highest


def test_grants_that_were_seen_before_are_counted_once_and_like_instants_each() -> None:
    assert joined([], [1, 2]) == [1, 2]
    assert joined([1, 2, 3], [2, 3, 4]) == [1, 2, 3, 4]
    assert joined([1, 2, 2], [2, 2, 2]) == [1, 2, 2, 2]
    assert joined([1, 2], [7, 8]) == [1, 2, 7, 8]


def test_the_window_is_used_and_never_above_the_cap() -> None:
    """By two processes that share a Redis, watched by a third."""
    (figure,) = bench.run(["cps-redis-50"], scale=0.02)
    assert figure["highest_in_a_second"] == 50
    assert isinstance(figure["share"], float)
    assert 0.5 < figure["share"] <= 1.0, "a busy machine may ask late, but never gets more"


def test_no_contact_is_claimed_twice_beside_a_bare_statement(
    postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bench itself looks at every id, and gives no figure when one comes twice or is missing."""
    monkeypatch.setenv("TOQUE_TEST_DATABASE_URL", postgres_server)
    (figure,) = bench.run(["claim"], scale=0.001)
    assert (figure["pending"], figure["n"]) == (800, 400)
    assert isinstance(figure["ratio"], float)
    assert figure["ratio"] > 0


def test_ten_times_the_calls_are_answered_in_time_and_no_news_is_dropped(loopback: None) -> None:
    """Each status is taken and on record, or told again as the carrier does it."""
    (figure,) = bench.run(["overload-sqlite"], scale=0.02)
    assert isinstance(figure["value"], float)
    assert figure["value"] < 15.0
    assert figure["calls"]
    assert figure["dropped"] == figure["given_up"] == 0


def test_a_personal_prompt_is_joined_from_segments_that_are_kept() -> None:
    """As many seconds of speech as the floor copies, cut and put together for each person."""
    (figure,) = bench.run(["prompts"], scale=0.05)
    assert figure["seconds"] == pytest.approx(13, abs=1.5)
    assert isinstance(figure["value"], float)
    assert isinstance(figure["floor"], float)
    assert 0 < figure["value"] < figure["floor"]


def test_telephones_of_many_countries_are_read_in_less_time_than_the_library_takes() -> None:
    (figure,) = bench.run(["telephones"], scale=0.02)
    assert figure["countries"] == 7
    assert isinstance(figure["ratio"], float)
    assert figure["ratio"] < 1


async def test_a_past_is_so_many_closed_calls_with_their_turns(database: Database) -> None:
    if database.is_sqlite:
        return  # the past is made by PostgreSQL itself
    await insert_calls(database, await insert_people(database, 2), ["token-1", "token-2"])
    await growing.grow(database, calls=30)
    async with database.read() as session:
        closed = select(func.count()).select_from(Attempt).where(Attempt.status == "closed")
        assert await session.scalar(closed) == 30
        assert await session.scalar(select(func.count()).select_from(CallTurn)) == 30 * growing.TURNS
