"""What people have told us to heed, by command."""

from __future__ import annotations

import pytest

from tests.toque.test_cli import Shell, loaded, shell
from tests.toque.test_sparing_commands import number_on_record

__all__ = ["loaded", "shell"]


def key_on_record(loaded: Shell) -> str:
    (person,) = loaded.json("person", "find", number_on_record())
    return str(person["key"])


def test_bars_are_put_and_ended_by_command(loaded: Shell) -> None:
    key = key_on_record(loaded)
    made = loaded.json("people", "bar", key, "--kind", "lawyer", "--until", "2099-12-31", "--because", "letter")
    assert made == {"kind": "lawyer", "new": True, "calls_stopped": 0}
    assert "lawyer" in loaded.json("person", "find", key)[0]["bars"]
    assert loaded.json("person", "unbar", key, "--kind", "lawyer", "--because", "ended")["ended"] == 1
    assert loaded.json("person", "find", key)[0]["bars"] == []


def test_wishes_and_consents_by_command(loaded: Shell) -> None:
    key = key_on_record(loaded)
    words = ("--days", "tue,thu", "--from", "15:00", "--to", "17:00", "--until", "2099-12-31")
    assert loaded.json("person", "designate", key, *words)["new"]
    assert not loaded.json("person", "designate", key, *words)["new"]
    assert loaded.json("person", "designate", key, "--days", "weekend")["new"]
    assert loaded.json("person", "designate", key, "--employer")["new"]
    assert loaded.json("person", "designate", key, "--end")["ended"] == 3
    assert loaded.json("person", "consent", key, "--kind", "tcpa", "--given-on", "2026-01-02")["new"]
    assert loaded.json("person", "consent", key, "--kind", "tcpa", "--revoke") == {"calls_stopped": 0}


def test_a_list_is_replaced_shown_and_counted(shell: Shell) -> None:
    file = shell.write("register.csv", "212,5550103\n212,5550104\n")
    words = ("dnc", "import", file, "--list", "register", "--country", "US", "--replace")
    assert shell.json(*words)["added"] == 2
    shell.write("register.csv", "212,5550103\n")
    assert shell.json(*words)["ended"] == 1
    assert [(one["name"], one["entries"]) for one in shell.json("dnc", "lists")] == [("register", 1)]
    (entry,) = shell.json("dnc", "show", "+12125550103")
    assert (entry["list"], entry["number"]) == ("register", "+1 212 •••• 0103")
    assert shell.json("dnc", "show", "+12125550104") == []
    assert "--list" not in shell.refused("dnc", "remove", "+12125550103", "--because", "x")[1]
    assert shell.json("dnc", "remove", "+12125550103", "--list", "register", "--because", "x")["ended"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("person", "bar", "nobody", "--kind", "lawyer"), "toque person find"),
        (("person", "bar", "x", "--kind", "gossip"), "one of"),
        (("person", "bar", "x", "--kind", "lawyer", "--until", "tomorrow"), "2026-12-31"),
        (("person", "designate", "x", "--days", "someday"), "no weekday"),
        (("person", "designate", "x", "--from", "3pm"), "15:00"),
        (("person", "designate", "x"), "inconvenient"),
        (("person", "consent", "x", "--kind", "tcpa"), "--given-on"),
        (("person", "consent", "x", "--kind", "tcpa", "--given-on", "2026-01-02", "--number", "12"), "+country"),
        (("dnc", "import", "none.csv", "--replace"), "--list"),
    ],
)
def test_what_is_refused_says_what_to_do(shell: Shell, words: tuple[str, ...], said: str) -> None:
    assert said in shell.refused(*words)[1]
