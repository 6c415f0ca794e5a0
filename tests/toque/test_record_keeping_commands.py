"""Dossiers, verification, rights and keys by command."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import select

from dialer.settings import Settings
from dialer.store.models import Person
from tests.toque.test_cli import Shell, loaded, shell
from toque.composition import operation

__all__ = ["loaded", "shell"]


def key_on_record() -> str:
    async def look() -> str:
        async with operation(Settings()) as op, op.database.read() as session:
            return str(await session.scalar(select(Person.key).order_by(Person.id)))

    return asyncio.run(look())


def test_a_dossier_is_written_checked_and_the_record_verified(loaded: Shell, tmp_path: Path) -> None:
    key, out = key_on_record(), tmp_path / "dossier.json"
    assert loaded.run("dossier", key, "--out", str(out))[0] == 0
    assert out.stat().st_mode & 0o077 == 0
    assert loaded.json("dossier", "check", str(out)) == {"faults": []}
    assert "is there already" in loaded.refused("dossier", key, "--out", str(out))[1]
    anchor = loaded.json("dossier", "verify", "--anchor")["anchor"]
    assert loaded.json("dossier", "verify", "--against", anchor) == {"stands": True}
    assert "does not hold" in loaded.refused("dossier", "verify", "--against", f"1:{'0' * 64}")[1]
    assert loaded.json("dossier", "verify", "--all")["faults"] == []


def test_a_debtor_is_not_erased(loaded: Shell) -> None:
    assert "still collected" in loaded.refused("person", "erase", key_on_record(), "--reason", "asked")[1]
    assert loaded.json("retention", "run", "--dry-run") == {"people": 0, "screens": 0}
    assert sum(loaded.json("keys", "rotate", "--dry-run")["counts"].values()) == 0
