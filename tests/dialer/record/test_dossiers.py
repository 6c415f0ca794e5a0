"""A dossier tells everything, masks what nobody gave a reason for, and proves itself without our key."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic_core import to_jsonable_python

from dialer.errors import BadInput, NotFound
from dialer.record import dossiers, printing
from dialer.record.dossiers import Asked
from dialer.store.database import Database
from dialer.store.models import Person
from dialer.store.sealing import Keyring
from tests.dialer.record.cases import DOCUMENT, NAME, NUMBER, SAID, known_person

WHY = Asked("ana", "asked for in writing")
PAGE = Path(__file__).parents[3] / "docs" / "record.md"


async def dossier_of(database: Database, asked: Asked = WHY) -> dict[str, Any]:
    op, rows = await known_person(database)
    async with database.read() as session:
        key = (await session.get_one(Person, rows.people[0])).key
    made: dict[str, Any] = orjson.loads(orjson.dumps(to_jsonable_python(await dossiers.make(op, key, asked))))
    return made


async def test_it_tells_every_attempt_decision_word_message_and_bar(database: Database) -> None:
    made = await dossier_of(database)
    (call,) = made["calls"]
    assert call["turns"][0]["said"] == SAID
    assert call["turns"][1]["heard"]["digits"] == "•••"
    assert call["recording"]["digest"] == "cd" * 32
    assert made["record"][0]["detail"]["citation"] == "SP Lei 15.426/2014"
    assert [line["kind"] for line in made["record"]][-1] == "dossier_made"
    assert made["record"][-1]["detail"] == {"reason": "asked for in writing", "masked": False}
    for part in ("numbers", "debts", "messages", "promises", "consents", "designations", "suppressions", "tasks"):
        assert len(made[part]) == 1, part


async def test_every_line_of_it_is_sealed_though_no_worker_runs(database: Database) -> None:
    proof = (await dossier_of(database))["proof"]
    assert (proof["sealed"], proof["faults"]) == (proof["rows"], [])


async def test_nobody_who_gives_no_reason_sees_names_and_numbers(database: Database) -> None:
    made = await dossier_of(database, Asked("ana"))
    text = json.dumps(made, ensure_ascii=False)
    assert made["person"]["name"] == "M••• A••• V•••"
    for secret in (NAME, NUMBER, DOCUMENT, "Rua das Flores", "m@exemplo.br"):
        assert secret not in text


async def test_a_reason_opens_all_but_the_document(database: Database) -> None:
    made = await dossier_of(database)
    assert (made["person"]["name"], made["numbers"][0]["e164"]) == (NAME, NUMBER)
    assert made["person"]["document"] == "•••25"


async def test_it_is_sound_and_every_change_of_it_is_found(database: Database) -> None:
    made = await dossier_of(database)
    assert dossiers.faults_of(made, database.keyring) == []
    assert dossiers.faults_of(made, Keyring("x", "another installation")) != []
    for at in range(len(made["record"])):
        for change in (_without_line, _with_other_kind, _moved):
            changed = copy.deepcopy(made)
            change(changed["record"], at)
            assert dossiers.faults_of(changed), (change, at)
    for part in ("calls", "messages", "person"):
        changed = copy.deepcopy(made)
        del changed[part]
        assert dossiers.faults_of(changed), part


async def test_the_published_rule_verifies_it_with_nothing_of_ours(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "dossier.json"
    file.write_bytes(orjson.dumps(await dossier_of(database)))
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert "dialer" not in found[1]
    scope: dict[str, Any] = {}
    exec(found[1], scope)
    assert scope["intact"](file.read_text(encoding="utf-8"))
    assert not scope["intact"](file.read_text(encoding="utf-8").replace("BR_HOURS", "BR_OTHER"))


async def test_what_is_no_dossier_is_refused() -> None:
    for content in ({}, {"format": "toque-dossier-1"}, {"format": "x", "proof": {}, "record": []}):
        with pytest.raises(BadInput, match="dossier"):
            dossiers.faults_of(content)


async def test_an_export_for_the_person_asks_for_a_reason(database: Database) -> None:
    op, rows = await known_person(database)
    with pytest.raises(BadInput, match="--reason"):
        await dossiers.export(op, "nobody", Asked("ana", " "))
    with pytest.raises(NotFound):
        await dossiers.export(op, "nobody", WHY)
    async with database.read() as session:
        key = (await session.get_one(Person, rows.people[0])).key
    made = await dossiers.export(op, key, WHY)
    assert made["person"]["document"] == DOCUMENT
    assert made["screens"][0]["shown"]["person"]["name"] == NAME


@pytest.mark.parametrize("language", ["pt-BR", "en-US", "fr-FR", "xx-XX"])
async def test_it_is_printed_in_every_language(database: Database, tmp_path: Path, language: str) -> None:
    if not database.is_sqlite:
        return
    made = await dossier_of(database)
    made["person"]["name"] = "Zażółć 漢字 <b>"
    printing.write(made, tmp_path / "dossier.pdf", language)
    assert (tmp_path / "dossier.pdf").read_bytes().startswith(b"%PDF-")


def _without_line(rows: list[Any], at: int) -> None:
    del rows[at]


def _with_other_kind(rows: list[Any], at: int) -> None:
    rows[at]["kind"] = "other"


def _moved(rows: list[Any], at: int) -> None:
    rows.insert(0 if at else 1, rows.pop(at))
