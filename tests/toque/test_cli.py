"""The command line: what it prints, what it refuses, and with which exit code."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dialer.settings import Settings
from toque import __version__, cli
from toque.commands import acting

LIST = "id cliente;nome;telefone;contrato;valor;vencimento\nc-1;Ana;(11) 99999-0101;A-1;1.234,56;2026-11-05\n"
BAD = "c-2;Bia;123;B-1;10,00;2026-11-05\n"


class Shell:
    """Runs `toque` in this process, in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        """(exit code, standard output, standard error)."""
        code = 0
        try:
            cli.main(list(words))
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def json(self, *words: str) -> Any:
        """What a command prints with --json; it must end well."""
        code, out, err = self.run(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    def refused(self, *words: str) -> tuple[int, str]:
        """The exit code and the message of a command that must not end well, on one line."""
        code, out, err = self.run(*words)
        assert code != 0
        assert "Traceback" not in out + err
        return code, " ".join(err.split())

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / name)


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sqlite_template: Path
) -> Shell:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TOQUE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOQUE_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(acting, "set_up_logging", lambda level: None)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "toque.sqlite3").write_bytes(sqlite_template.read_bytes())
    return Shell(tmp_path, capsys)


def once(shell: Shell, kept: Path, name: str, make: Callable[[], object]) -> Shell:
    """The shell on the database that `make` makes: by itself the first time, then as a copy."""
    database = shell.folder / "var" / "toque.sqlite3"
    if (kept / name).exists():
        shutil.copy(kept / name, database)
        return shell
    make()
    with closing(sqlite3.connect(database)) as there, closing(sqlite3.connect(kept / name)) as copy:
        there.backup(copy)
    return shell


@pytest.fixture
def loaded(shell: Shell, kept: Path) -> Shell:
    """A list of one person."""
    path = shell.write("l.csv", LIST)
    words = ("import", path, "--creditor", "loja", "--list", "nov", "--country", "br")
    return once(shell, kept, "loaded", lambda: shell.json(*words))


def test_help_names_every_command_and_what_exit_codes_mean(shell: Shell) -> None:
    code, out, _ = shell.run("--help")
    assert code == 0
    commands = "demo serve work carrier import campaign agent flow prompts settings db token bench"
    assert [word for word in commands.split() if f" {word} " not in out] == []
    assert "1 refused or failed" in out


def test_the_version_is_printed(shell: Shell) -> None:
    assert shell.run("--version")[:2] == (0, f"toque {__version__}\n")


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_the_demo_is_given_its_order_and_json_is_nothing_but_json(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    async def run(**order: Any) -> dict[str, Any]:
        print("watch")
        return {name: str(value) for name, value in order.items()}

    monkeypatch.setattr("toque.demo.run", run)
    code, out, _ = shell.run("demo", "--contacts", "3", "--speed", "9", "--report", "r.json", "--talk", *words)
    assert code == 0
    if words:
        expected = {"contacts": "3", "speed": "9.0", "flow": "lembrete", "report": "r.json", "leave": "True"}
        expected["talk"] = "True"
        assert json.loads(out) == expected
    else:
        assert out == "watch\n"


def test_benchmarks_are_one_line_of_json_each(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(names: list[str], *, scale: float) -> Iterator[dict[str, object]]:
        return iter([{"name": name, "scale": scale} for name in names])

    monkeypatch.setattr("toque.bench.run", run, raising=False)
    code, out, _ = shell.run("bench", "webhook", "placing", "--scale", "0.5")
    assert code == 0
    assert [tuple(json.loads(line).values()) for line in out.splitlines()] == [("webhook", 0.5), ("placing", 0.5)]


def test_without_a_command_it_shows_help_and_is_wrong_use(shell: Shell) -> None:
    code, out, err = shell.run()
    assert code == 2
    assert "Usage" in out + err


def test_a_list_becomes_a_campaign_that_can_be_looked_at(loaded: Shell) -> None:
    made = loaded.json("campaign", "create", "primeira", "--list", "nov", "--flow", "lembrete", "--ring", "25")
    assert made["status"] == "draft"
    assert made["contacts"] == {"waiting": 1}
    assert loaded.json("campaign", "status", "primeira") == made
    assert loaded.json("campaign", "status") == [made]
    report = loaded.json("campaign", "report", "primeira")
    assert report["funnel"]["loaded"] == 1
    assert report["calls"] == []
    assert loaded.json("campaign", "stop", "primeira")["status"] == "stopped"


@pytest.mark.parametrize("command", [("campaign", "status"), ("campaign", "report", "primeira"), ("agent", "list")])
def test_tables_for_people_hold_the_names(loaded: Shell, command: tuple[str, ...]) -> None:
    loaded.json("campaign", "create", "primeira", "--list", "nov", "--flow", "lembrete")
    loaded.json("agent", "add", "primeira", "--via", "client:ana")
    code, out, _ = loaded.run(*command)
    assert code == 0
    assert "primeira" in out


def test_an_import_tells_what_it_left_out_and_where(shell: Shell) -> None:
    path = shell.write("l.csv", LIST + BAD)
    command = ("import", path, "--creditor", "loja", "--list", "nov", "--country", "BR", "--rejects", "r.csv")
    code, out, _ = shell.run(*command)
    assert code == 0
    assert "1 of 2 rows" in out
    assert "telefone" in out
    assert "All of them: r.csv" in out
    assert "3,telefone,123," in (shell.folder / "r.csv").read_text(encoding="utf-8-sig")
    again = shell.json(*command)
    assert (again["new"], again["changed"], again["same"], again["rejected"]) == (0, 0, 1, 1)


def test_several_maps_may_follow_one_flag(shell: Shell) -> None:
    path = shell.write("l.csv", LIST.replace("telefone", "ramal").replace("nome", "quem"))
    words = (
        "import",
        path,
        "--creditor",
        "loja",
        "--list",
        "nov",
        "--country",
        "BR",
        "--map",
        "phone=ramal",
        "name=quem",
    )
    assert shell.json(*words)["new"] == 1
    assert cli.spread(["import", "--map", "name=a", "phone2=b", "x.csv", "--list", "a=b"]) == [
        "import", "--map", "name=a", "--map", "phone2=b", "x.csv", "--list", "a=b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("import", "none.csv", "--creditor", "a", "--list", "b"), 2, "none.csv cannot be read"),
        (("import", "{bad}", "--creditor", "a", "--list", "b", "--country", "BR"), 1, "all 1 rows are rejected"),
        (("import", "{list}", "--creditor", "a", "--list", "b", "--map", "phone"), 2, "FIELD=COLUMN"),
        (("import", "{list}", "--creditor", "a", "--list", "b", "--map", "phone=tel"), 2, 'no column "tel"'),
        (("import", "{list}"), 2, "--creditor"),
        (
            ("campaign", "create", "x", "--list", "none", "--flow", "lembrete"),
            1,
            'no list "none". Load one: toque import',
        ),
        (("campaign", "create", "x", "--list", "nov", "--flow", "none"), 2, "lembrete"),
        (("campaign", "create", "x", "--list", "nov", "--flow", "lembrete", "--ring", "5"), 2, "--ring: "),
        (("campaign", "create", "x", "--list", "nov", "--flow", "lembrete", "--pacing", "fast"), 2, "--pacing: "),
        (("campaign", "create", "x", "--list", "nov", "--flow", "lembrete", "--caller-id", "12"), 2, "can be shown"),
        (("campaign", "start", "none"), 1, "TOQUE_TWILIO_ACCOUNT_SID"),
        (("campaign", "pause", "none"), 1, 'no campaign "none"'),
        (("campaign", "report", "none"), 1, 'no campaign "none"'),
        (("agent", "ready", "none"), 1, 'no agent "none"'),
        (("agent", "add", "Rui", "--via", "tel:11999"), 2, "tel:+5511"),
        (("agent", "add", "Rui", "--via", "sip:rui"), 2, "sip:user@host"),
        (("agent", "add", "Rui", "--via", "client:r ui"), 2, "client:name"),
        (("token", "create", "--role", "king"), 2, "administrator"),
        (("token", "create", "--role", "agent", "--name", "none"), 1, 'no agent "none"'),
        (("token", "create", "--role", "agent"), 2, "--name"),
        (("flow", "draw", "none"), 2, "cannot be read"),
        (("flow", "play", "lembrete", "--language", "it-IT"), 2, "choose pt-BR"),
        (("prompts", "render", "--flow", "lembrete"), 2, "--list"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_bad_input_gets_a_message_with_what_to_do(
    loaded: Shell, words: tuple[str, ...], code: int, message: str
) -> None:
    files = {
        "list": loaded.write("good.csv", LIST),
        "bad": loaded.write("bad.csv", LIST.splitlines()[0] + "\n" + BAD),
    }
    got, said = loaded.refused(*(word.format(**files) for word in words))
    assert message in said
    assert got == code


def test_agents_come_ready_and_pause(shell: Shell) -> None:
    added = shell.json(
        "agent", "add", "Rui", "--via", "tel:+55 11 99999-0109", "--skill", "pt-BR,vendas", "--skill", "loja"
    )
    assert (added["via"], added["status"]) == ("tel:+5511999990109", "offline")
    assert added["skills"] == ["pt-BR", "vendas", "loja"]
    assert shell.json("agent", "ready", "Rui")["status"] == "connecting"
    paused = shell.json("agent", "pause", "Rui", "--reason", "lunch")
    assert (paused["status"], paused["pause_reason"]) == ("paused", "lunch")
    assert [one["name"] for one in shell.json("agent", "list")] == ["Rui"]
    assert shell.refused("agent", "add", "Rui", "--via", "client:rui")[0] == 1


def test_a_token_is_shown_once_and_only_its_hash_is_kept(shell: Shell) -> None:
    code, out, _ = shell.run("token", "create", "--role", "manager")
    assert code == 0
    token = out.strip()
    assert token.startswith("toque_")
    assert token.encode() not in (shell.folder / "var" / "toque.sqlite3").read_bytes()
    with sqlite3.connect(shell.folder / "var" / "toque.sqlite3") as database:
        assert database.execute("SELECT role, length(hash) FROM access_token").fetchall() == [("manager", 64)]
    database.close()


def test_the_database_can_be_upgraded_again_and_again(shell: Shell) -> None:
    assert shell.json("db", "upgrade") == shell.json("db", "upgrade")


def test_flows_of_the_library_are_proven_and_a_broken_file_fails(shell: Shell) -> None:
    passed = shell.json("flow", "check", "torpedo", "recado", "--pack", "us,br")
    assert passed["flows"] == ["torpedo", "recado"]
    assert passed["problems"] == passed["violations"] == []
    assert [(each["places"], each["proven"], each["states"] >= 10) for each in passed["proofs"]] == [
        (["BR", "US"], True, True)
    ] * 2
    code, out, _ = shell.run("flow", "check", "torpedo", "--pack", "XX")
    assert code != 0
    code, out, _ = shell.run("flow", "check", shell.write("broken.yaml", "title: x\n"))
    assert code == 1
    assert "line 1" in out


def test_what_a_list_lacks_of_a_flow_is_counted(loaded: Shell) -> None:
    found = loaded.json("flow", "check", "torpedo", "--pack", "BR", "--list", "nov")["lacking"]
    assert [(each["flow"], each["list_name"], each["rows"]) for each in found] == [("torpedo", "nov", 1)]
    lacks = {each["variable"]: (each["rows"], each["held"]) for each in found[0]["lacks"]}
    assert lacks["contact_person"] == (1, False)  # nobody named one in the settings
    assert "first_name" not in lacks


def test_a_flow_can_be_drawn_and_played(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "flowchart TD" in shell.json("flow", "draw", "lembrete", "--as", "mermaid")["drawing"]
    answers = iter(["9", "h"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(answers))
    code, out, _ = shell.run("flow", "play", "lembrete", "--language", "en-US")
    assert code == 0
    assert 'inputs: ["9"' in out


def test_settings_are_described_and_secrets_never_shown(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOQUE_TWILIO_AUTH_TOKEN", "very-secret")
    monkeypatch.setenv("TOQUE_SECRET_KEY", "very-secret")
    monkeypatch.setenv("TOQUE_REDIS_URL", "redis://user:very-secret@127.0.0.1:6379/0")
    rows = {row["name"]: row for row in shell.json("settings")}
    assert len(rows) == len(Settings.model_fields)
    assert all(row["description"] for row in rows.values())
    assert rows["TOQUE_TWILIO_AUTH_TOKEN"]["value"] == "set"
    assert rows["TOQUE_HASH_KEY"]["value"] == "unset"
    assert rows["TOQUE_REDIS_URL"]["value"] == "redis://user:***@127.0.0.1:6379/0"
    assert "very-secret" not in json.dumps(rows)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TOQUE_CALLS_PER_SECOND", "-7", "TOQUE_CALLS_PER_SECOND: "),
        ("TOQUE_CLOCK_SPEED", "9", "real people live in real time"),
        ("TOQUE_DATABASE_URL", "nonsense", "TOQUE_DATABASE_URL"),
        ("TOQUE_DATABASE_URL", "postgresql+asyncpg://127.0.0.1/none", "TOQUE_SECRET_KEY"),
    ],
)
def test_wrong_settings_are_named_without_their_value(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    code, said = shell.refused("campaign", "status")
    assert code == 2
    assert message in said
    assert "-7" not in said


def test_an_interrupt_ends_with_130(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> Callable[[], None]:
        raise KeyboardInterrupt

    monkeypatch.setattr("toque.commands.campaigns.campaigning.standing", interrupted)
    assert shell.run("campaign", "status")[0] == 130


def test_prompts_of_a_list_are_madeonce(loaded: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    async def render(_op: object, _prompts: object, **order: Any) -> Any:
        from audio.prompts import Rendered

        asked.append(order)
        return Rendered(7, 1, "no engine")

    monkeypatch.setattr("toque.prerendering.render_for_list", render)
    loaded.json("campaign", "create", "primeira", "--list", "nov", "--flow", "lembrete")
    made = loaded.json("prompts", "render", "--campaign", "primeira")
    assert (made["prompts"], made["failed"]) == (7, 1)
    assert (asked[0]["flow"], asked[0]["list_name"]) == ("lembrete", "nov")
