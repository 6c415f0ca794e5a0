"""Flow files to flows: the library, includes, revision. The only module of the package that reads files.

What a flow was read from goes with it, so that the same revision can be read again from what was kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ivr_flows.errors import FlowInvalid
from ivr_flows.nodes import AGAIN, Flow, Ladder, Node
from ivr_flows.reading.kinds import read_node
from ivr_flows.reading.marked import Marked, compose
from ivr_flows.reading.prompts import read_prompts, read_texts, read_variables
from ivr_flows.templating import Prompt
from ivr_flows.variables import Variable

LIBRARY = Path(__file__).parent / "library"
FRAGMENTS = LIBRARY / "fragments"

_SHARED = {"include", "exits", "prompts", "variables", "nodes"}
_OWN = {"title", "languages", "start", "ladder", "inbound"}


@dataclass(slots=True)
class _Gathered:
    """What a flow and its fragments hold together; the includer's exits and prompts win, nodes must not clash."""

    texts: dict[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] | None = None
    exits: dict[str, str] = field(default_factory=dict)
    prompts: dict[str, Prompt] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    targets: list[tuple[str, Marked]] = field(default_factory=list)


def fragments() -> dict[str, str]:
    """The texts of the fragments that come with the product, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(FRAGMENTS.glob("*.yaml"))}


def library() -> list[str]:
    """The names of the flows that come with the product."""
    return sorted(path.stem for path in LIBRARY.glob("*.yaml"))


def load(path_or_name: str | Path) -> Flow:
    """A flow by its name in the library (read once) or by its path; FlowInvalid says file and line of a fault."""
    path = Path(path_or_name)
    return _read(path) if path.suffix else _from_library(str(path_or_name))


@cache
def _from_library(name: str) -> Flow:
    return _read(LIBRARY / f"{name}.yaml")


def _read(path: Path) -> Flow:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        known = ", ".join(library())
        what = f"The flow cannot be read ({error.strerror}); give a path or one of {known}."
        raise FlowInvalid(what, source=str(path), line=1) from None
    except UnicodeDecodeError:
        raise FlowInvalid("The file is not UTF-8; save it as UTF-8.", source=str(path), line=1) from None
    return parse(text, str(path))


def parse(text: str, source: str, *, name: str = "", fragments: Mapping[str, str] | None = None) -> Flow:
    """A flow out of YAML text; `source` names it in messages, and its stem is the flow's name unless one is given.

    Fragments are looked for beside the source (folder `fragments`), then in the library; with `fragments`, the texts
    of another reading, in these and nowhere else.
    """
    document = compose(text, source)
    own = document.fields(_SHARED | _OWN, required=("title", "languages", "start", "nodes"))
    gathered = _Gathered(texts={"": text}, kept=fragments)
    _gather(own, gathered)
    start = own["start"].text()
    if start not in gathered.nodes:
        own["start"].fail(f"The flow starts at {start!r}, which is no node of it; name one of its nodes.")
    for target, marked in gathered.targets:
        if target != AGAIN and target not in gathered.nodes:
            marked.fail(f"This leads to {target!r}, which is no node of the flow; name one of its nodes.")
    return Flow(
        name=name or Path(source).stem,
        title=own["title"].text(),
        languages=tuple(language.text() for language in own["languages"].each()),
        revision=hashlib.sha256("\0".join(gathered.texts.values()).encode()).hexdigest()[:16],
        variables=gathered.variables,
        nodes=gathered.nodes,
        start=start,
        exits=gathered.exits,
        prompts=gathered.prompts,
        source=source,
        ladder=_ladder(own["ladder"]) if "ladder" in own else None,
        inbound=own["inbound"].flag() if "inbound" in own else False,
        texts=gathered.texts,
    )


def _ladder(value: Marked) -> Ladder:
    fields = value.fields({"step", "from_day", "to_day"}, required=("step", "from_day"))
    read = {name: found.integer(signed=name != "step") for name, found in fields.items()}
    if read["step"] < 1:
        fields["step"].fail("The first step of the ladder is 1; write a step of 1 or more.")
    if read.get("to_day", read["from_day"]) < read["from_day"]:
        fields["to_day"].fail("The last day lies before the first; let to_day be from_day or later.")
    return Ladder(**read)


def _gather(fields: dict[str, Marked], gathered: _Gathered) -> None:
    """Add what one file says, then what it includes."""
    if "nodes" in fields:
        for name, value in fields["nodes"].entries().items():
            if name in gathered.nodes or name == AGAIN:
                value.fail(f"Node {name!r} exists already; give this one another name.")
            gathered.nodes[name] = read_node(name, value)
            gathered.targets += _targets(value)
    if "exits" in fields:
        gathered.exits = read_texts(fields["exits"]) | gathered.exits
        gathered.targets += [(value.text(), value) for value in fields["exits"].entries().values()]
    if "prompts" in fields:
        gathered.prompts = read_prompts(fields["prompts"]) | gathered.prompts
    if "variables" in fields:
        _add_variables(fields["variables"], gathered)
    if "include" in fields:
        for fragment in fields["include"].each():
            _include(fragment, gathered)


def _add_variables(value: Marked, gathered: _Gathered) -> None:
    places = value.entries()
    for name, variable in read_variables(value).items():
        if gathered.variables.setdefault(name, variable) != variable:
            places[name].fail(f"Variable {name!r} is declared elsewhere in another way; make the two the same.")


def _include(fragment: Marked, gathered: _Gathered) -> None:
    name = fragment.text()
    if name and name in gathered.texts:
        return
    text, source = _kept(fragment, gathered.kept) if gathered.kept is not None else _found(fragment)
    gathered.texts[name] = text
    _gather(compose(text, source).fields(_SHARED), gathered)


def _kept(fragment: Marked, kept: Mapping[str, str]) -> tuple[str, str]:
    name = fragment.text()
    if name not in kept:
        fragment.fail(f"There is no fragment {name!r}; name one of {', '.join(sorted(kept)) or 'none'}.")
    return kept[name], f"fragments/{name}.yaml"


def _found(fragment: Marked) -> tuple[str, str]:
    name = fragment.text()
    here = Path(fragment.source).parent
    folders = (here / "fragments", *([here] if here.name == "fragments" else []), FRAGMENTS)
    path = next((each for folder in folders if (each := folder / f"{name}.yaml").is_file()), None)
    if path is None or "/" in name:
        fragment.fail(f"There is no fragment {name!r}; put {name}.yaml into a folder `fragments` beside the flow.")
    return path.read_text(encoding="utf-8"), str(path)


def _targets(node: Marked) -> list[tuple[str, Marked]]:
    """Everything in a node that names another node, with its place."""
    fields = node.entries()
    found = [fields[name] for name in ("next", "else") if name in fields]
    if "exits" in fields:
        found += fields["exits"].entries().values()
    if "keys" in fields:
        found += [to if to.is_text() else to.entries()["to"] for to in fields["keys"].entries().values()]
    if "cases" in fields:
        found += [case.entries()["to"] for case in fields["cases"].each()]
    return [(target.text(), target) for target in found]
