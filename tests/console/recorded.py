"""Every kind of line and every name in a line's detail that acts can put on record, found in the code of these."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import console
import dialer
from dialer.campaigns.campaigning import BECOMES
from dialer.debts.change import KINDS as DEBT_KINDS
from dialer.heeding.cases import KINDS as CASES
from dialer.heeding.listing import LISTED_KINDS
from dialer.relearning import KIND as LAW

ROOTS = tuple(Path(one.__path__[0]) for one in (dialer, console))
WRITES = (
    "add",
    "add_all",
    "write_down",
    "_note",
    "_add",
    "_write",
    "_row",
)  # functions that write a line, or hand it on
PARTS = ("begun", "joined", "changed", "ended", "system")  # of a kind, or no kind
ELSEWHERE = {"word", "_outcome"}  # functions whose words are handed on by another module
NOT_A_NAME = ("by", "at", "actor", "reason", "kind", "detail")  # arguments of the line itself
NOT_OF_DETAIL = ("person_id", "detail")
COUNTED = ("rows", "new", "changed", "same", "rejected", "over_minor")  # names that stand in no dict of the code


@cache
def names() -> dict[str, str]:
    """Name in a detail -> a module that writes it."""
    found = {name: where for where, tree in _writers() for name in _names(tree) if name not in NOT_OF_DETAIL}
    return found | dict.fromkeys(COUNTED, "counted")


@cache
def kinds() -> dict[str, str]:
    """Kind of line -> a module that writes it, or what it is made of."""
    found = {kind: where for where, tree in _writers() for kind in _kinds(tree) if kind not in PARTS}
    made = {
        *(f"campaign_{one}" for one in BECOMES),
        *(f"{verb}_{one}" for verb in ("suppressed", "ended") for one in CASES),
        *(f"number_{one}" for one in LISTED_KINDS),
        "campaign_checked",
        *(f"promise_{one}" for one in ("kept", "broken", "ended")),
        *(f"supervision_{one}" for one in ("begun", "joined", "changed", "ended")),
        *DEBT_KINDS.values(),
        LAW,
    }
    return found | dict.fromkeys(made, "of parts")


@cache
def _writers() -> list[tuple[str, ast.Module]]:
    return list(_read())


def _read() -> Iterator[tuple[str, ast.Module]]:
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            code = path.read_text("utf-8")
            if "interactions.add" in code or "write_down(" in code:
                yield f"{root.name}/{path.relative_to(root)}", ast.parse(code)


def _called(node: ast.Call) -> str:
    """The function, if it writes lines: `add` of others than the record does not."""
    if isinstance(node.func, ast.Attribute):
        of = getattr(node.func.value, "id", "")
        return node.func.attr if of in ("interactions", "telling") or node.func.attr == "write_down" else ""
    return getattr(node.func, "id", "")


def _names(tree: ast.Module) -> Iterator[str]:
    """The names in what is handed over as details: as it stands, by a variable, or by a function of the module."""
    meant = set(ELSEWHERE)
    for call in _writing(tree):
        given = [*call.args, *(one.value for one in call.keywords if one.arg in (None, "detail"))]
        yield from (name for one in given for name in _keys(one))
        if _called(call) in ("_note", "write_down"):
            yield from (one.arg for one in call.keywords if one.arg and one.arg not in NOT_A_NAME)
        meant |= {one.id for value in given for one in ast.walk(value) if isinstance(one, ast.Name)}
    yield from (name for one in _meant(tree, meant) for name in _keys(one))


def _writing(tree: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) in WRITES]


def _meant(tree: ast.Module, names: set[str]) -> Iterator[ast.expr | None]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(getattr(one, "id", "") in names for one in targets):
                yield node.value
        elif isinstance(node, ast.FunctionDef) and node.name in names:
            said = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)
            yield from (one.value for one in ast.walk(node) if isinstance(one, said))


def _keys(value: ast.expr | None) -> Iterator[str]:
    """The names in the dicts of an expression."""
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.Dict):
            yield from (
                one.value for one in node.keys if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


def _kinds(tree: ast.Module) -> Iterator[str]:
    for call in _writing(tree):
        plain = call.args if _called(call) not in ("add", "add_all") else ()
        for one in (*plain, *(one.value for one in call.keywords if one.arg == "kind")):
            choices = [one.body, one.orelse] if isinstance(one, ast.IfExp) else [one]
            told = (each.value for each in choices if isinstance(each, ast.Constant))
            yield from (each for each in told if isinstance(each, str))
