"""Breaks are booked on the command line."""

from __future__ import annotations

from tests.toque.test_cli import Shell, shell

__all__ = ["shell"]


def test_breaks_are_booked_listed_and_cancelled(shell: Shell) -> None:
    shell.json("agent", "add", "Rita", "--via", "client:rita")
    made = shell.json("agent", "book", "Rita", "--at", "08:00", "--set", "br-teleatendimento-6h", "--zone", "UTC")
    assert [(one["starts"], one["minutes"], one["reason"]) for one in made] == [
        ("09:30", 10, "break"),
        ("11:00", 20, "meal"),
        ("12:30", 10, "break"),
    ]
    assert made[0]["days"] == "mon, tue, wed, thu, fri"
    assert "Rita" in shell.refused("agent", "book", "Rita", "--at", "9:35", "--zone", "UTC")[1]
    assert "no weekdays" in shell.refused("agent", "book", "Rita", "--at", "9:35", "--days", "funday")[1]
    assert shell.json("agent", "unbook", str(made[1]["id"])) == {"cancelled": made[1]["id"]}
    left = shell.json("agent", "breaks", "Rita")
    assert [one["starts"] for one in left] == ["09:30", "12:30"]
    assert sum(one["next_at"] is not None for one in left) == 1
