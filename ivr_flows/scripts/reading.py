"""Reading the parts of a script out of marked YAML. Knows nothing of files and nothing of how parts fit together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from ivr_flows.reading.marked import Marked
from ivr_flows.reading.prompts import PRIVACY, read_prompt, read_texts
from ivr_flows.scripts.script import Branch, End, Fits, Kind, Step, Wish, Words

KEYS = tuple("123456789")
WISHES: tuple[Wish, ...] = get_args(Wish)
KINDS: tuple[Kind, ...] = get_args(Kind)
Labels = Mapping[str, Words]

_PLACE = {"say", "note", "discloses"}
_STEP = _PLACE | {"keys", "anywhere", "machine"}
_FITS = {"machine", "wishes", "promise_broken", "debt_kinds", "person", "flows", "steps", "days", "attempts"}
_END = _PLACE | {"title", "disposition", "reason", "requires", "task"}


def read_step(name: str, value: Marked, labels: Labels, *, lent: bool) -> Step:
    """A step: its words, its note, and its branches by key."""
    fields = value.fields(_STEP, required=("keys",))
    return Step(
        name=name,
        branches=read_branches(fields["keys"], labels),
        anywhere=fields["anywhere"].flag() if "anywhere" in fields else True,
        machine=fields["machine"].flag() if "machine" in fields else False,
        say=read_prompt(fields["say"]) if "say" in fields else None,
        note=read_texts(fields["note"]) if "note" in fields else {},
        discloses=fields["discloses"].one_of(PRIVACY) if "discloses" in fields else "public",
        source=value.source,
        line=value.line,
        lent=lent,
    )


def read_end(name: str, value: Marked, *, lent: bool) -> End:
    """An end: how it is called, what is kept, and the last words."""
    fields = value.fields(_END, required=("title", "disposition"))
    return End(
        name=name,
        title=read_texts(fields["title"]),
        disposition=fields["disposition"].text(),
        reason=fields["reason"].text() if "reason" in fields else "",
        requires=_texts(fields["requires"]) if "requires" in fields else (),
        task=fields["task"].text() if "task" in fields else "",
        say=read_prompt(fields["say"]) if "say" in fields else None,
        note=read_texts(fields["note"]) if "note" in fields else {},
        discloses=fields["discloses"].one_of(PRIVACY) if "discloses" in fields else "public",
        source=value.source,
        line=value.line,
        lent=lent,
    )


def read_branches(value: Marked, labels: Labels) -> tuple[Branch, ...]:
    """The branches of a step by their keys 1 to 9; a key given twice is refused."""
    return tuple(_branch(key, branch, labels) for key, branch in value.entries().items())


def _branch(key: str, value: Marked, labels: Labels) -> Branch:
    if key not in KEYS:
        value.fail(f"{key!r} is no key; write one of 1 to 9, in quotes.")
    fields = value.fields({"label", "to", "confirms"}, required=("label", "to"))
    return Branch(
        key=key,
        label=_label(fields["label"], labels),
        to=fields["to"].text(),
        confirms=fields["confirms"].flag() if "confirms" in fields else False,
        line=value.line,
    )


def _label(value: Marked, labels: Labels) -> Words:
    """A label: one of the shared ones by its name, or a text for each language."""
    if not value.is_text():
        return read_texts(value)
    if value.text() not in labels:
        value.fail(f"There is no label {value.text()!r}; write it under labels, or a text for each language here.")
    return labels[value.text()]


def read_fits(value: Marked) -> tuple[Fits, ...]:
    """The situations that a script is for, one a list item."""
    return tuple(_fits(each) for each in value.each())


def _fits(value: Marked) -> Fits:
    fields = value.fields(_FITS)
    attempts = _range(fields["attempts"]) if "attempts" in fields else None
    return Fits(
        machine="machine" in fields and fields["machine"].flag(),
        wishes=tuple(one.one_of(WISHES) for one in fields["wishes"].each()) if "wishes" in fields else (),
        promise_broken="promise_broken" in fields and fields["promise_broken"].flag(),
        debt_kinds=_texts(fields["debt_kinds"]) if "debt_kinds" in fields else (),
        person=fields["person"].one_of(KINDS) if "person" in fields else None,
        flows=_texts(fields["flows"]) if "flows" in fields else (),
        steps=tuple(one.integer() for one in fields["steps"].each()) if "steps" in fields else (),
        days=_range(fields["days"]) if "days" in fields else None,
        attempts=(attempts[0] or 1, attempts[1]) if attempts else None,
    )


def _range(value: Marked) -> tuple[int | None, int | None]:
    """From and to, both included; either may be left out."""
    fields = value.fields({"from", "to"})
    low, high = (fields[name].integer(signed=True) if name in fields else None for name in ("from", "to"))
    if low is not None and high is not None and high < low:
        value.fail(f"This ends at {high}, before it begins at {low}; let `to` be `from` or more.")
    return low, high


def _texts(value: Marked) -> tuple[str, ...]:
    return tuple(each.text() for each in value.each())
