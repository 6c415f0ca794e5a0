"""Processes start alone, say why they cannot, and stop tidily when told to."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from dialer.errors import Refused
from dialer.settings import Settings
from tests.processes.entry import started
from toque.serving import _alone, _listen

PATIENCE = 120.0  # seconds; a machine may be busy with other things


def test_a_second_serve_on_the_same_file_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url="", _env_file=None)
    with _alone(settings), pytest.raises(Refused, match="Another toque serve"), _alone(settings):
        pass
    with _alone(settings):
        pass


def test_a_port_in_use_is_named(loopback: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Refused, match="choose another --port"):
            _listen("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_serve_gives_its_leases_back_when_told_to_stop(sign: signal.Signals, tmp_path: Path, loopback: None) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("TOQUE_")}
    log = tmp_path / "serve.log"
    process = started(["serve", "--port", str(port)], quiet | {"TOQUE_HOME": str(tmp_path)}, tmp_path, log)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.is_alive():
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        assert process.pid
        os.kill(process.pid, sign)
        process.join(PATIENCE)
    finally:
        process.kill()
    assert process.exitcode == 0, log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("caller_ids", "abc", r"\+country code"),
        ("speech_engines", "shout", "choose among pack"),
        ("redis_url", "foo", "redis://"),
        ("public_url", "calls.example.com", "https://"),
        ("database_url", "mysql://x", "sqlite"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(name: str, value: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Settings(_env_file=None, **{name: value})
