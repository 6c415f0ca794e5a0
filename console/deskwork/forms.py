"""What an agent can keep of a talk, as forms: which fields stand in them, and what was typed as what was said.

Which action has which fields stands in actions.yaml, what an outcome needs in outcomes.yaml; nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from console.deskwork.amounts import minor_of
from console.deskwork.outcomes import wanted
from console.deskwork.prompter import Finish
from dialer.attending.drafting import Typed
from dialer.attending.saying import FieldValue, Said
from dialer.errors import BadInput
from ivr_flows.scripts.catalogue import FIELDS, Field
from ivr_flows.scripts.script import Words

ENDING = "end"  # the form of the script's end
OWN = ("discount", "task", "owner", "due_on", "disposition", "reason", "note", "amount")  # typed besides the fields


class Action(BaseModel):
    """One action of actions.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str
    group: Literal["settle", "look", "care", "end"]
    disposition: str = ""
    reason: str = ""
    task: str = ""
    fields: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    also: str = ""
    opens: str = ""
    discount: bool = False
    chooses_task: bool = False
    chooses_outcome: bool = False
    notes: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form on the screen. `fixed` is what is said whatever is typed; `title` is an end's own, else None.

    `needs`: the fields that must be filled in; `why`: and a reason chosen.
    """

    name: str
    action: Action
    fixed: Said
    fields: tuple[Field, ...]
    needs: tuple[str, ...] = ()
    why: bool = False
    title: Words | None = None


@cache
def actions() -> Mapping[str, Action]:
    """All actions by name, in the order of the desk."""
    read = yaml.safe_load((Path(__file__).parent / "actions.yaml").read_text(encoding="utf-8"))
    return {name: Action.model_validate(each) for name, each in read.items()}


@cache
def breaks() -> Mapping[str, int]:
    """Why agents pause -> for how many minutes that is meant; 0: nobody can say."""
    read = yaml.safe_load((Path(__file__).parent / "breaks.yaml").read_text(encoding="utf-8"))
    return {str(name): int(minutes) for name, minutes in read.items()}


def form_of(name: str, finish: Finish | None, typed: Typed | None = None) -> Form | None:
    """The form of that name (ENDING: of the end at which the script stands); None when there is none.

    `typed` says which outcome is chosen where the form leaves that open: its fields follow from it.
    """
    if name == ENDING and finish is not None:
        ends = Action(key="", group="end", fields=finish.requires, needs=finish.requires, notes=True)
        return _form(name, ends, Said(finish.disposition, finish.reason, finish.task), title=finish.title)
    action = actions().get(name)
    if action is None:
        return None
    if action.chooses_outcome and typed is not None:
        return _form(name, action, Said(typed.get("disposition", ""), typed.get("reason", "")))
    return _form(name, action, Said(action.disposition, action.reason, action.task, also=action.also))


def _form(name: str, action: Action, fixed: Said, title: Words | None = None) -> Form:
    """With the fields of the action, and those that the outcome needs."""
    rule = wanted(fixed.disposition)
    needs = tuple(dict.fromkeys((*action.needs, *rule.with_reason(fixed.reason))))
    others = rule.fields if action.chooses_outcome else ()
    shown = dict.fromkeys((*action.fields, *needs, *others))
    why = rule.why and action.chooses_outcome
    return Form(name, action, fixed, tuple(FIELDS[one] for one in shown), needs, why, title)


def said_by(form: Form, typed: Typed, currency: str) -> Said:
    """What the filled form says; BadInput names the field that is empty or cannot be read."""
    values = {
        field.name: _value(field, typed[field.name].strip(), currency)
        for field in form.fields
        if typed.get(field.name, "").strip()
    }
    for name in form.needs:
        if name not in values:
            raise BadInput(f"{name}: fill this in first")
    said = replace(form.fixed, values=values, note=typed.get("note", ""))
    if form.action.discount:
        said = replace(said, discount_percent=_count("discount", typed.get("discount", "").strip() or "0"))
    if form.action.chooses_task:
        said = replace(said, task=typed.get("task", ""), owner=typed.get("owner", "").strip())
        if not said.task:
            raise BadInput("task: choose what is to be done")
    if form.action.chooses_outcome:
        said = replace(said, disposition=typed.get("disposition", ""), reason=typed.get("reason", ""))
        if not said.disposition:
            raise BadInput("disposition: choose how the call ended")
        if form.why and not said.reason:
            raise BadInput("reason: choose why")
    if said == Said(values={}, note=said.note) and not said.note.strip():
        raise BadInput("Nothing is filled in yet. Write down what was said")
    due = typed.get("due_on", "").strip()
    return replace(said, due_on=_day("due_on", due)) if due else said


def own(form: Form, sent: Typed) -> Typed:
    """What was sent of the fields that the form has."""
    known = {*(field.name for field in form.fields), *OWN}
    return {name: value for name, value in sent.items() if name in known}


def _value(field: Field, text: str, currency: str) -> FieldValue:
    match field.type:
        case "date":
            return _day(field.name, text)
        case "time":
            return _time(field.name, text)
        case "money":
            return minor_of(text, currency)
        case "count":
            return _count(field.name, text)
        case _:
            return text[:500]


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{name}: this is no date. Choose one from the calendar") from None


def _time(name: str, text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{name}: this is no time of day. Write it like 14:30") from None


def _count(name: str, text: str) -> int:
    if not text.isdigit() or len(text) > 4:
        raise BadInput(f"{name}: this is no number. Write digits only")
    return int(text)
