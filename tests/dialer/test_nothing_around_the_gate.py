"""Nothing reaches the carrier around the gate: who may ask it, by what leave, and which documents may dial."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.rules.clearance import Clearance, clear
from dialer.rules.facts import Proposed
from dialer.rules.gate import Allow

ROOT = Path(__file__).parents[2]
PACKAGES = ("dialer", "webhooks", "console", "toque", "ivr_flows", "audio")
AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
PROPOSED = Proposed(AT, "1", "+5511999990100", "BR")

# What may be called where. A new place needs a decision made in the transaction of its intent, and a line here.
ONLY_IN = {
    "create_call": {"dialer/placing.py", "dialer/agent_lines.py", "dialer/supervising/lines.py"},
    "create_message": {"dialer/texts/messaging.py"},
    "create_async": {"dialer/carrier/cards.py", "dialer/carrier/client.py", "dialer/carrier/tapes.py"},
    "CallRequest": {"dialer/intending.py", "dialer/agent_lines.py", "dialer/supervising/requesting.py"},
    "StaffLine": {"dialer/agent_lines.py"},
    "SupervisorLine": {"dialer/supervising/requesting.py"},
    "Clearance": {"dialer/rules/clearance.py"},
    "clear": {"dialer/intending.py", "dialer/texts/messaging.py"},
    "Allow": {"dialer/rules/gate.py"},
    "texted": {"webhooks/messaging.py"},
}
UNLIKE = {"clear"}  # lists have methods of that name: only the bare function counts


def calls_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                yield name
            case ast.Call(func=ast.Attribute(attr=name)) if name not in UNLIKE:
                yield name
            case _:
                pass


def callers() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in ONLY_IN}
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        text = path.read_text("utf-8")
        if any(f"{name}(" in text for name in found):
            for name in found.keys() & set(calls_in(ast.parse(text))):
                found[name].add(path.relative_to(ROOT).as_posix())
    return found


def test_only_these_modules_ask_the_carrier_and_only_the_gate_gives_leave() -> None:
    assert callers() == ONLY_IN


def test_no_document_of_ours_dials_a_number() -> None:
    """A document may join calls that exist (a conference); it may not make one."""
    written = (ROOT / "webhooks" / "writing.py").read_text("utf-8")
    assert not [tag for tag in ("<Number", "<Sip", "<Client", "<Queue", "<Refer", "<Enqueue") if tag in written]
    dials = [piece for piece in written.split("<Dial")[1:]]
    assert dials
    assert all("<Conference" in piece.partition("</Dial>")[0] for piece in dials)


def test_a_clearance_comes_of_the_gates_yes_only() -> None:
    with pytest.raises(TypeError, match="decide"):
        Clearance(object(), PROPOSED, "br@test")
    assert clear(Allow("br@test"), PROPOSED).pack == "br@test"


def test_a_clearance_is_for_one_contact_and_once() -> None:
    leave = clear(Allow("br@test"), PROPOSED)
    for to, channel in (("+5511999990101", "phone"), (PROPOSED.number, "sms")):
        with pytest.raises(RuntimeError, match="another number or channel") as fault:
            leave.spend(to=to, channel=channel)  # type: ignore[arg-type]
        assert "99999" not in str(fault.value), "no number in a message of a fault"
    leave.spend(to=PROPOSED.number, channel="phone")
    with pytest.raises(RuntimeError, match="used before"):
        leave.spend(to=PROPOSED.number, channel="phone")
