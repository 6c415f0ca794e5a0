"""Script files to scripts: the library, fragments, revision. The only module here that reads script files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ivr_flows.errors import FlowInvalid
from ivr_flows.reading.marked import Marked, compose
from ivr_flows.reading.prompts import read_texts, read_variables
from ivr_flows.scripts.reading import read_branches, read_end, read_fits, read_step
from ivr_flows.scripts.script import Branch, End, Script, Step, Words
from ivr_flows.variables import Variable

LIBRARY = Path(__file__).parents[1] / "library" / "scripts"
FRAGMENTS = LIBRARY / "fragments"

_SHARED = {"include", "variables", "labels", "anywhere", "steps", "ends"}
_REQUIRED = ("number", "title", "languages", "start", "steps", "fits")
_OWN = {"number", "title", "languages", "start", "start_known", "fits"}


@dataclass(slots=True)
class _Gathered:
    """What a script and its fragments hold together. Steps and ends must not clash; the includer's labels win."""

    texts: list[str] = field(default_factory=list)
    files: list[dict[str, Marked]] = field(default_factory=list)
    labels: dict[str, Words] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    own_variables: set[str] = field(default_factory=set)
    anywhere: dict[str, Branch] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    ends: dict[str, End] = field(default_factory=dict)
    included: set[str] = field(default_factory=set)


def library() -> list[str]:
    """The names of the scripts that come with the product, in the order of their numbers."""
    return list(_numbered())


@cache
def _numbered() -> tuple[str, ...]:
    scripts = [load(path.stem) for path in LIBRARY.glob("*.yaml")]
    return tuple(script.name for script in sorted(scripts, key=in_order))


def in_order(script: Script) -> tuple[int, str]:
    """By number, 11a before 11b."""
    digits = re.match(r"\d*", script.number)
    return int((digits and digits[0]) or 0), script.number


def load(path_or_name: str | Path) -> Script:
    """A script by its name in the library (read once) or by its path; FlowInvalid says file and line of a fault."""
    path = Path(path_or_name)
    return _read(path) if path.suffix else _from_library(str(path_or_name))


@cache
def _from_library(name: str) -> Script:
    return _read(LIBRARY / f"{name}.yaml")


def _read(path: Path) -> Script:
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        known = ", ".join(sorted(each.stem for each in LIBRARY.glob("*.yaml")))
        what = f"The script cannot be read ({error.strerror}); give a path or one of {known}."
        raise FlowInvalid(what, source=str(path), line=1) from None
    except UnicodeDecodeError:
        raise FlowInvalid("The file is not UTF-8; save it as UTF-8.", source=str(path), line=1) from None


def parse(text: str, source: str) -> Script:
    """A script out of YAML text; `source` names it in messages and its stem is the script's name.

    Fragments are looked for beside the source (folder `fragments`), then in the library. A fragment lends its steps,
    ends and variables: what nothing leads to is left out.
    """
    own = compose(text, source).fields(_SHARED | _OWN, _REQUIRED)
    gathered = _Gathered(texts=[text])
    _gather(own, gathered)
    starts = {name: own[name].text() for name in ("start", "start_known") if name in own}
    for name, step in starts.items():
        if step not in gathered.steps:
            own[name].fail(f"The script starts at {step!r}, which is no step of it; name one of its steps.")
    used = _used(gathered, starts.values(), own["start"])
    return Script(
        name=Path(source).stem,
        number=own["number"].text(),
        title=read_texts(own["title"]),
        languages=tuple(language.text() for language in own["languages"].each()),
        revision=hashlib.sha256("\0".join(gathered.texts).encode()).hexdigest()[:16],
        fits=read_fits(own["fits"]),
        variables=_needed(gathered, used),
        steps={name: step for name, step in gathered.steps.items() if name in used},
        ends={name: end for name, end in gathered.ends.items() if name in used},
        start=starts["start"],
        start_known=starts.get("start_known", ""),
        anywhere=tuple(gathered.anywhere.values()),
        source=source,
    )


def _gather(own: dict[str, Marked], gathered: _Gathered) -> None:
    """Labels and variables of all files first: a step may use those of a fragment that is read later."""
    gathered.files.append(own)
    if "include" in own:
        for fragment in own["include"].each():
            _include(fragment, gathered)
    for number, fields in enumerate(gathered.files):
        _add_words(fields, gathered, own=number == 0)
    for number, fields in enumerate(gathered.files):
        _add_places(fields, gathered, lent=number > 0)


def _include(fragment: Marked, gathered: _Gathered) -> None:
    name = fragment.text()
    if name in gathered.included:
        return
    gathered.included.add(name)
    folders = (Path(fragment.source).parent / "fragments", Path(fragment.source).parent, FRAGMENTS)
    path = next((each for folder in folders if (each := folder / f"{name}.yaml").is_file()), None)
    if path is None or "/" in name:
        fragment.fail(f"There is no fragment {name!r}; put {name}.yaml into a folder `fragments` beside the script.")
    text = path.read_text(encoding="utf-8")
    gathered.texts.append(text)
    fields = compose(text, str(path)).fields(_SHARED)
    gathered.files.append(fields)
    if "include" in fields:
        for inner in fields["include"].each():
            _include(inner, gathered)


def _add_words(fields: dict[str, Marked], gathered: _Gathered, *, own: bool) -> None:
    if "labels" in fields:
        read = {name: read_texts(label) for name, label in fields["labels"].entries().items()}
        gathered.labels = read | gathered.labels
    if "variables" in fields:
        places = fields["variables"].entries()
        for name, variable in read_variables(fields["variables"]).items():
            if gathered.variables.setdefault(name, variable) != variable:
                places[name].fail(f"Variable {name!r} is declared elsewhere in another way; make the two the same.")
            if own:
                gathered.own_variables.add(name)


def _add_places(fields: dict[str, Marked], gathered: _Gathered, *, lent: bool) -> None:
    if "anywhere" in fields:
        for branch in read_branches(fields["anywhere"], gathered.labels):
            gathered.anywhere.setdefault(branch.key, branch)
    for kind in ("steps", "ends"):
        for name, value in (fields[kind].entries() if kind in fields else {}).items():
            if name in gathered.steps or name in gathered.ends:
                value.fail(f"{name!r} exists already; give this one another name.")
            if kind == "steps":
                gathered.steps[name] = read_step(name, value, gathered.labels, lent=lent)
            else:
                gathered.ends[name] = read_end(name, value, lent=lent)


def _used(gathered: _Gathered, starts: Iterable[str], at: Marked) -> set[str]:
    """What the script has of its own, and what of the fragments is led to. A way to nowhere is refused."""
    own = {place.name for place in (*gathered.steps.values(), *gathered.ends.values()) if not place.lent}
    used: set[str] = set()
    ahead = own | set(starts)
    while ahead:
        name = ahead.pop()
        used.add(name)
        step = gathered.steps.get(name)
        branches = (*step.branches, *(gathered.anywhere.values() if step.anywhere else ())) if step else ()
        for branch in branches:
            if branch.to not in gathered.steps and branch.to not in gathered.ends:
                what = f"Key {branch.key} leads to {branch.to!r}, which is no step and no end; name one."
                raise FlowInvalid(what, source=step.source if step else at.source, line=branch.line)
            if branch.to not in used:
                ahead.add(branch.to)
    return used


def _needed(gathered: _Gathered, used: set[str]) -> Mapping[str, Variable]:
    """The variables that the script declares itself, and those of fragments that its words ask for."""
    asked = set(gathered.own_variables)
    for name in used:
        asked |= names_in(gathered.steps.get(name) or gathered.ends[name])
    return {name: variable for name, variable in gathered.variables.items() if name in asked}


def names_in(place: Step | End) -> set[str]:
    """The variables that the words of a step or an end ask for."""
    lines = [line for lines in (place.say or {}).values() for line in lines]
    slots = {slot.variable for line in lines for slot in line.slots}
    return slots | {name for line in lines if line.when for name in line.when.names}
