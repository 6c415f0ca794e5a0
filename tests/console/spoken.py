"""Every text that acts, the gate, the reading of lists and the proofs of flows can give to a page, found in the code.

What is filled into a text stands in it as a mark of its own, so that nothing but the words is left to be known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import console
import dialer
import ivr_flows

ROOTS = tuple(Path(one.__path__[0]) for one in (dialer, console, ivr_flows))
MARK = re.compile(r"⟨[^⟨⟩]*⟩|1,234")
# Calls that say something, and which of their arguments it is.
SAYS: dict[str, tuple[int, ...]] = {
    "BadInput": (0,), "Refused": (0,), "NotFound": (0,), "NotConfigured": (0,), "Conflict": (0,), "Unreadable": (0,),
    "TooLarge": (0,), "WrongCredentials": (0,), "TooManyTries": (0,), "Fault": (0, 2), "Rejected": (0,),
    "Deny": (1,), "deny": (1,), "deny_by_house": (1,), "CampaignBar": (1,), "Finding": (1,), "fault": (1,),
    "_fault": (1,), "leave_out": (1,), "_problem": (1,), "Reject": (3,),
    # of flows: faults of their form, what a proof finds and what to do, what happens in a call, what a file lacks
    "problem": (2, 3), "violation": (2, 3), "Violation": (3, 4), "Happening": (1,), "fail": (0,),
    "FlowInvalid": (0,), "FlowFailed": (0,), "InputRefused": (0,),
}  # fmt: skip
# Functions here say why by what they return.
RETURNS = (
    "debts/crediting.py", "debts/updating.py", "lists/payments.py", "rules/wording.py", "heeding/listing.py",
    "proving/telling.py", "proving/machines.py",
)  # fmt: skip
# Modules whose ValueErrors are said on, with the line of the file.
CARRIES = ("conditions.py", "player.py", "templating.py")
# Said on the command line alone, or by another class of the same name.
NEVER_SHOWN = (
    "record/verifying.py", "record/erasing.py", "settings.py", "rules/proofs.py", "placing.py", "carrier/client.py",
    "layout/layers.py",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text with its marks, and where it is said."""

    text: str
    where: str


@cache
def every() -> list[Spoken]:
    """All of them, each once."""
    speaks = re.compile(rf"\b({'|'.join(SAYS)})\(")
    found: dict[str, str] = {}
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            name = str(path.relative_to(root))
            code = path.read_text("utf-8")
            said = speaks.search(code) or name in CARRIES + RETURNS
            if said and name not in NEVER_SHOWN and not name.startswith("scripts/"):
                tree = ast.parse(code.replace("ValueError(", "FlowInvalid(") if name in CARRIES else code)
                for text, line in _of_module(tree, returns=name in RETURNS):
                    found.setdefault(text, f"{root.name}/{name}:{line}")
    return [Spoken(text, where) for text, where in found.items() if re.search("[a-z]{2}", MARK.sub("", text))]


def _of_module(tree: ast.Module, *, returns: bool) -> Iterator[tuple[str, int]]:
    shared = _assigned(tree.body)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            nodes = list(ast.walk(function))
            every_said = [said for node in nodes for said in _said(node, returns=returns)]
            names = shared | _assigned(nodes) if every_said else {}
            for said in every_said:
                yield from ((text, said.lineno) for text in _texts(said, names))


def _said(node: ast.AST, *, returns: bool) -> Iterator[ast.expr]:
    if returns and isinstance(node, ast.Return) and isinstance(node.value, ast.Constant | ast.JoinedStr):
        yield from [node.value] if " " in ast.unparse(node.value) else []
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        places = SAYS.get(called, ())
        yield from (one.value for one in node.keywords if places and one.arg == "reason")
        yield from (node.args[place] for place in places if len(node.args) > place)


def _assigned(nodes: Sequence[ast.AST]) -> dict[str, list[ast.expr]]:
    """Name -> all that is assigned to it."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=True))
            for one, given in pairs:
                if isinstance(one, ast.Name):
                    found.setdefault(one.id, []).append(given)
    return found


def _texts(said: ast.expr, names: dict[str, list[ast.expr]], depth: int = 0) -> list[str]:
    """Every text that an expression can be; nothing when it only passes on what was said elsewhere."""
    match said:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(parts) for parts in product(*(_filled(one, names, depth) for one in values))]
        case ast.IfExp(body=one, orelse=other):
            return _texts(one, names, depth) + _texts(other, names, depth)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a in _texts(left, names, depth) for b in _texts(right, names, depth)]
        case ast.BoolOp(values=values):
            return [text for one in values for text in _texts(one, names, depth)]
        case ast.Name(id=name) if name in names and depth < 3:
            return [text for one in names[name] for text in _texts(one, names, depth + 1)]
    return []


def _filled(part: ast.expr, names: dict[str, list[ast.expr]], depth: int) -> list[str]:
    """A piece of a text; what is filled in is a mark, if it is not one of a few texts itself."""
    if not isinstance(part, ast.FormattedValue):
        return _texts(part, names)
    value = part.value
    choice = isinstance(value, ast.IfExp) or (
        isinstance(value, ast.Name)
        and all(isinstance(one, ast.IfExp | ast.Constant | ast.JoinedStr) for one in names.get(value.id, [value]))
    )
    spec = part.format_spec is not None and ast.unparse(part.format_spec) == "f','"
    mark = "1,234" if spec else f"⟨{ast.unparse(value)}⟩"
    return (_texts(value, names, depth + 1) if choice and depth < 3 else []) or [mark]
