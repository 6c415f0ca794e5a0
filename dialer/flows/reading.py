"""A flow out of a text that somebody typed: bounded, safe to read, with its fragments. Saves nothing."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from ivr_flows.errors import FlowInvalid
from ivr_flows.loading import fragments, parse
from ivr_flows.nodes import Flow

LONGEST_BYTES = 200_000
MOST_REFERENCES = 20  # YAML aliases: nested, many of them make a small text a huge one
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_text(name: str, text: str, *, own_fragments: Mapping[str, str] | None = None) -> Flow:
    """The flow of that name; FlowInvalid, whose `source` is `source_of(name)` when the fault is in this text.

    Fragments are those of the library, and `own_fragments` before them: what lies beside its file, or what only an
    earlier version of it knows.
    """
    text = text.replace("\r\n", "\n")
    source = source_of(name)
    if too_long(text):
        raise FlowInvalid(f"The text is longer than {LONGEST_BYTES} bytes; split the flow.", source=source, line=1)
    try:
        aliases = sum(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError:
        aliases = 0  # the reading says what is wrong, and where
    if aliases > MOST_REFERENCES:
        what = f"More than {MOST_REFERENCES} references (*name). Write it out."
        raise FlowInvalid(what, source=source, line=1)
    return parse(text, source, name=name, fragments={**fragments(), **(own_fragments or {})})


def too_long(text: str) -> bool:
    """Whether it is longer than a flow may be, wherever it is typed; a form's ends of lines count as a file's."""
    return len(text.replace("\r\n", "\n").encode()) > LONGEST_BYTES


def source_of(name: str) -> str:
    """How the text is named in faults."""
    return f"{name}.yaml"
