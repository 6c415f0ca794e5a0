"""The errors of this package.

FlowError
├── FlowInvalid    a flow file cannot be used: says file, line and what to do
├── FlowFailed     the session cannot go on: the host ends the call politely and records why
└── InputRefused   this event does not fit where the call stands: the state is unchanged, the call goes on

No message carries a person's data.
"""

from __future__ import annotations


class FlowError(Exception):
    """Any error of this package."""


class FlowInvalid(FlowError):
    """A flow file cannot be used; `source` and `line` (from 1) say where the fault lies."""

    def __init__(self, what: str, *, source: str, line: int) -> None:
        super().__init__(f"{source}:{line}: {what}")
        self.what = what
        self.source = source
        self.line = line


class FlowFailed(FlowError):
    """The session cannot go on; the host ends the call politely and records the message."""


class InputRefused(FlowError):
    """The event does not fit where the call stands; nothing changed."""
