"""The do-not-call list, people and texts by command."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from dialer.settings import Settings
from dialer.store.models import Interaction, Message, Number, Person
from tests.toque.test_cli import Shell, loaded, shell
from toque.composition import operation

__all__ = ["loaded", "shell"]

NUMBER = "+5511999990100"


def number_on_record(act: Any = None) -> str:
    async def look() -> str:
        async with operation(Settings()) as op, op.database.read() as session:
            return str(await session.scalar(select(Number.e164)))

    return asyncio.run(look())


def test_numbers_are_left_alone_once_and_may_be_called_again(shell: Shell) -> None:
    made = shell.json("dnc", "add", NUMBER, "+5511999990101", "--because", "e-mail to the office")
    assert (made["added"], made["known"], made["rejected"]) == (2, 0, [])
    assert shell.json("dnc", "add", "11 99999-0100", "--country", "br")["known"] == 1
    (newest, *_) = shell.json("dnc", "list")
    assert (newest["number"], newest["what"], newest["by"]) == (
        "+55 11 •••• 0101", "no calls, no texts", "operator",
    )  # fmt: skip
    assert shell.json("dnc", "list", "--full-numbers")[0]["number"] == "+5511999990101"
    assert shell.json("dnc", "remove", NUMBER, "--because", "typed wrongly")["ended"] == 1
    assert [row["number"] for row in shell.json("dnc", "list")] == ["+55 11 •••• 0101"]
    assert "not on the do-not-call list" in shell.refused("dnc", "remove", NUMBER, "--because", "again")[1]
    assert shell.json("dnc", "add", NUMBER)["added"] == 1, "and it may be put there again"


def test_a_file_of_numbers_tells_what_it_could_not_use(shell: Shell) -> None:
    file = shell.write("dnc.csv", f"telefone;nome\n{NUMBER};x\n\n(11) 3000-0001;y\nabc;z\n{NUMBER};again\n")
    code, out, _ = shell.run("dnc", "import", file, "--country", "BR")
    assert code == 1
    assert "Left alone from now on: 2" in out
    assert "Line 5 is not used" in out
    assert "abc" not in out
    shell.write("dnc.csv", f"{NUMBER}\n")
    assert shell.json("dnc", "import", file)["known"] == 1


def test_a_person_is_left_alone_by_key_and_asks_to_be_called_again(loaded: Shell) -> None:
    (person,) = loaded.json("person", "find", number_on_record())
    assert person["bars"] == []
    key = person["key"]
    assert loaded.json("dnc", "add", "--person", key)["scope"] == "automated"
    assert loaded.json("dnc", "add", "--person", key, "--all")["scope"] == "all"
    assert {row["what"] for row in loaded.json("dnc", "list")} == {
        "no automated calls, no texts", "no calls, no texts",
    }  # fmt: skip
    assert loaded.json("person", "find", key)[0]["bars"] == ["opt_out"]
    assert loaded.json("dnc", "remove", "--person", key, "--because", "asked by letter")["ended"] == 2
    assert loaded.json("dnc", "list") == []


def test_people_are_found_by_what_is_known_of_them_and_shown_masked(loaded: Shell) -> None:
    number = number_on_record()
    found = loaded.json("person", "find", number)
    code, out, _ = loaded.run("person", "find", number)
    assert code == 0
    assert number not in out
    assert "•••" in found[0]["name"]
    assert loaded.json("person", "find", found[0]["key"].partition(":")[2]) == found
    assert "Nobody on record" in loaded.refused("person", "find", "+5511999998888")[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("dnc", "add"), 2, "one of the two"),
        (("dnc", "add", NUMBER, "--person", "x"), 2, "one of the two"),
        (("dnc", "add", "--person", "nobody"), 1, "toque person find"),
        (("dnc", "add", NUMBER, "--because", "asked from +5511999990100"), 2, "no number"),
        (("dnc", "add", "11999990100"), 1, ""),
        (("dnc", "import", "nowhere.csv"), 2, "cannot be read"),
        (("dnc", "remove", NUMBER), 2, "because"),
        (("message", "show", "7"), 1, "toque message list"),
    ],
)
def test_wrong_use_says_what_to_do(shell: Shell, words: tuple[str, ...], code: int, said: str) -> None:
    got, message = shell.refused(*words)
    assert got == code
    assert said in message


def test_texts_are_listed_without_and_shown_with_their_words(loaded: Shell) -> None:
    async def write() -> None:
        async with operation(Settings()) as op, op.database.write() as session:
            person = await session.scalar(select(Person))
            number = await session.scalar(select(Number))
            now = op.clock.now()
            session.add(
                Message(
                    token="t", tenant_id=person.tenant_id, person_id=person.id, number_id=number.id, direction="in",
                    template="incoming", purpose="reply", to_number=number.e164, from_number="+15005550006",
                    body=op.database.keyring.seal("Pago na sexta"), status="received", read_as="reply", segments=1,
                    created_at=now, due_at=now,
                )
            )  # fmt: skip

    asyncio.run(write())
    (row,) = loaded.json("message", "list", "--direction", "in")
    assert (row["what"], row["status"], row["segments"]) == ("reply", "received", 1)
    assert "sexta" not in str(row)
    assert loaded.json("message", "show", str(row["id"]))["words"] == "Pago na sexta"
    assert loaded.json("message", "list", "--direction", "out") == []
    assert loaded.json("message", "list", "--to-answer") == []


def test_the_record_says_what_was_done_and_names_nobody(shell: Shell) -> None:
    shell.json("dnc", "add", NUMBER, "--because", "by e-mail")

    async def look() -> list[tuple[str, dict[str, Any]]]:
        async with operation(Settings()) as op, op.database.read() as session:
            return [(one.kind, one.detail) for one in await session.scalars(select(Interaction))]

    assert asyncio.run(look()) == [("number_do_not_call", {"numbers": 1, "because": "by e-mail"})]
