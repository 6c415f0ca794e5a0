"""The record as a file, by command."""

from __future__ import annotations

import json
from pathlib import Path

from tests.toque.test_cli import Shell, loaded, shell

__all__ = ["loaded", "shell"]


def test_the_record_is_written_once_without_names_and_numbers(loaded: Shell, tmp_path: Path) -> None:
    out = tmp_path / "record.jsonl"
    loaded.json("dnc", "add", "+5511999990100", "--because", "a letter")
    assert loaded.run("record", "export", "--out", str(out))[0] == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert rows[0]["type"] == "header"
    assert {"person", "number", "debt", "bar", "interaction"} <= {row["type"] for row in rows}
    assert "99999" not in out.read_text("utf-8")
    assert out.stat().st_mode & 0o077 == 0
    assert "choose a new file" in loaded.refused("record", "export", "--out", str(out))[1]
