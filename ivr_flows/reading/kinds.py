"""Reading one node of each kind. A new kind of node is a row of KINDS here, a class in nodes, a case in running."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ivr_flows import nodes
from ivr_flows.reading.marked import Marked
from ivr_flows.reading.prompts import PRIVACY, read_condition, read_prompt, read_prompts, read_texts
from ivr_flows.running.outcomes import OUTCOMES

Read = Callable[[Marked], Any]
PAY_FIELDS = "method code needs texts and may have way; method card needs amount and prompts, may have tries."


def _text(value: Marked) -> str:
    return value.text()


def _integer(value: Marked) -> int:
    return value.integer()


def _flag(value: Marked) -> bool:
    return value.flag()


def _words(*allowed: str) -> Read:
    return lambda value: value.one_of(allowed)


def _key(value: Marked, key: str) -> nodes.Key:
    if value.is_text():
        return nodes.Key(key=key, to=value.text())
    fields = value.fields({"to", "when", "say", "set"}, required=("to",))
    return nodes.Key(
        key=key,
        to=fields["to"].text(),
        when=read_condition(fields["when"]) if "when" in fields else None,
        say=read_prompt(fields["say"]) if "say" in fields else None,
        values=read_texts(fields["set"]) if "set" in fields else {},
    )


def _keys(value: Marked) -> tuple[nodes.Key, ...]:
    found = value.entries()
    for key, target in found.items():
        if key not in "0123456789*#" or len(key) != 1:
            target.fail(f"{key!r} is no key of a telephone; use one of 0-9, * and #.")
    return tuple(_key(target, key) for key, target in found.items())


def _page(value: Marked) -> int:
    """How many debts a page holds: their keys are 1 to 7, for the others have a meaning everywhere."""
    number = value.integer()
    if not 1 <= number <= 7:
        value.fail("A page holds 1 to 7 debts; write a number in between.")
    return number


def _cases(value: Marked) -> tuple[nodes.Case, ...]:
    rows = [item.fields({"when", "to"}, required=("when", "to")) for item in value.each()]
    return tuple(nodes.Case(when=read_condition(row["when"]), to=row["to"].text()) for row in rows)


def _pay(*, method: str = "code", **fields: Any) -> nodes.Pay | nodes.PayByCard:
    """One kind of node, two ways to pay; TypeError for the fields of the other one."""
    if method == "code":
        return nodes.Pay(**fields)
    return nodes.PayByCard(**fields)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of node is read: its class, its fields with their readers, which of them it must have."""

    build: Callable[..., Any]
    fields: dict[str, Read]
    required: tuple[str, ...] = ()


_SPOKEN: dict[str, Read] = {
    "prompt": read_prompt,
    "privacy": _words(*PRIVACY),
    "next": _text,
    "exits": read_texts,
}
_ASKING: dict[str, Read] = {**_SPOKEN, "tries": _integer, "timeout_seconds": _integer, "retry": read_prompts}

KINDS: dict[str, Kind] = {
    "say": Kind(nodes.Say, _SPOKEN, ("prompt", "next")),
    "menu": Kind(nodes.Menu, {**_ASKING, "keys": _keys, "repeat_key": _text}, ("keys",)),
    "choose": Kind(
        nodes.Choose,
        {
            **_ASKING,
            "keys": _keys,
            "each": read_prompt,
            "more": read_prompt,
            "page": _page,
            "more_key": _text,
            "repeat_key": _text,
        },
        ("each", "more", "keys", "next"),
    ),
    "verify": Kind(
        nodes.Verify,
        {**_ASKING, "prompts": read_prompts, "refuse_key": _text},
        ("prompts", "next"),
    ),
    "collect": Kind(
        nodes.Collect,
        {
            **_ASKING,
            "what": _words("digits", "date", "time"),
            "into": _text,
            "min_digits": _integer,
            "max_digits": _integer,
            "direction": _words("past", "future"),
            "horizon_days": _integer,
            "earliest": _integer,
            "latest": _integer,
            "keys": _keys,
        },
        ("prompt", "what", "into", "next"),
    ),
    "branch": Kind(nodes.Branch, {"cases": _cases, "else": _text}, ("cases", "else")),
    "message": Kind(
        nodes.Message,
        {
            **_SPOKEN,
            "template": _text,
            "text": read_prompt,
            "purpose": _words("payment_code", "confirmation", "information"),
        },
        ("template", "text", "next"),
    ),
    "pay": Kind(
        _pay,
        {
            **_SPOKEN,
            "method": _words("code", "card"),
            "texts": read_prompts,
            "way": _words("pix", "boleto", "link"),
            "amount": _text,
            "prompts": read_prompts,
            "tries": _integer,
            "timeout_seconds": _integer,
        },
        ("next",),
    ),
    "promise": Kind(
        nodes.Promise,
        {**_SPOKEN, "amount": _text, "on": _text, "horizon_days": _integer},
        ("amount", "on", "next"),
    ),
    "hold": Kind(
        nodes.Hold,
        {**_SPOKEN, "reason": _words("already_paid", "dispute"), "detail": _text, "on": _text},
        ("reason", "next"),
    ),
    "record": Kind(nodes.Record, {**_ASKING, "max_seconds": _integer}, ("prompt", "next")),
    "transfer": Kind(
        nodes.Transfer,
        {
            **_SPOKEN,
            "skill": _text,
            "max_wait_seconds": _integer,
            "callback_key": _text,
            "waiting": read_prompt,
            "keys": _keys,
        },
        ("skill", "prompt"),
    ),
    "callback": Kind(
        nodes.Callback,
        {**_SPOKEN, "minutes": _integer, "at": _text, "by_agent": _flag, "disposition": _words(*OUTCOMES)},
        ("prompt", "next"),
    ),
    "opt_out": Kind(
        nodes.OptOut, {**_SPOKEN, "scope": _words("automated", "all"), "number": _text}, ("prompt", "next")
    ),
    "designate": Kind(
        nodes.Designate,
        {**_SPOKEN, "times": _words("mornings", "afternoons", "evenings", "weekends")},
        ("times", "prompt", "next"),
    ),
    "wrong_person": Kind(
        nodes.WrongPerson,
        {**_SPOKEN, "reason": _words("wrong_number", "deceased")},
        ("reason", "prompt", "next"),
    ),
    "voicemail": Kind(nodes.Voicemail, _SPOKEN, ("prompt", "next")),
    "set": Kind(
        nodes.Set,
        {
            "values": read_texts,
            "level": _words("claimed"),
            "debts": _words("all"),
            "disposition": _words(*OUTCOMES),
            "next": _text,
        },
        ("next",),
    ),
    "hangup": Kind(nodes.Hangup, {**_SPOKEN, "disposition": _words(*OUTCOMES)}),
}


def read_node(name: str, value: Marked) -> nodes.Node:
    """One node; FlowInvalid for an unknown kind, an unknown or missing field, a value of the wrong form."""
    entries = value.entries()
    if "kind" not in entries:
        value.fail(f"Node {name!r} has no kind; add `kind:` with one of {', '.join(KINDS)}.")
    kind = KINDS[entries["kind"].one_of(tuple(KINDS))]
    fields = value.fields({"kind", *kind.fields}, required=kind.required)
    read = {field: kind.fields[field](found) for field, found in fields.items() if field != "kind"}
    if "else" in read:  # a branch's `else` is its `next`
        read["next"] = read.pop("else")
    try:
        node: nodes.Node = kind.build(name=name, line=value.line, **read)
    except TypeError:  # fields that do not go together: only `pay` has such
        value.fail(f"Node {name!r}: {PAY_FIELDS}")
    return node
