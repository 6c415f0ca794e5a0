"""A long file is read by a second process: the same rows, the same complaints, and a clear word when it is gone."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from dialer.errors import BadInput, Refused
from dialer.lists import ahead
from dialer.lists.headings import assign
from dialer.lists.table import open_table

LIST = "chave;nome;telefone;valor;vencimento\n" + "".join(
    f"{n};Bia {n};11 9{n:04d}-0000;{'10,00' if n % 7 else 'x'};2026-01-15\n" for n in range(1000, 1060)
)


@pytest.fixture
def reading(tmp_path: Path) -> ahead.Reading:
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    table = open_table(path)
    return ahead.Reading(table, assign(table.columns, {}), "BR")


async def _all(reading: ahead.Reading, *, lines: int) -> list[list[ahead.Said]]:
    async with aclosing(ahead.batches(reading, 25, lines=lines)) as found:
        return [batch async for batch in found]


async def test_a_second_process_reads_what_this_one_would(reading: ahead.Reading) -> None:
    here, there = await _all(reading, lines=60), await _all(reading, lines=ahead.SHORT + 1)
    assert [len(batch) for batch in there] == [25, 25, 10]
    assert there == here


async def test_a_file_that_breaks_is_refused_from_there_too(reading: ahead.Reading) -> None:
    with reading.table.path.open("ab") as file:
        file.write(b'99;"Bia')
    with pytest.raises(BadInput, match=r"list\.csv"):
        await _all(reading, lines=ahead.SHORT + 1)


async def test_a_reader_that_was_killed_is_said_so(reading: ahead.Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    started, start = [], asyncio.create_subprocess_exec

    async def starts(*command: str, **streams: int) -> asyncio.subprocess.Process:
        slowly = (command[0], "-c", "import time; time.sleep(60)")
        started.append(await start(*slowly, **streams))
        asyncio.get_running_loop().call_later(0.1, started[0].kill)
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", starts)
    async with aclosing(ahead.batches(reading, 5, lines=ahead.SHORT + 1)) as found:
        with pytest.raises(Refused, match="run the same command again"):
            [batch async for batch in found]
