"""Every error of the dialer. A message says what happened, to what, and what to do.

ToqueError
├── BadInput          the person typed or loaded something that cannot be used      exit 2
├── Refused           understood, and not allowed in the present state              exit 1
│   └── NotFound      no such campaign, list, agent, …                              exit 1
├── NotConfigured     a setting is missing or contradicts another                   exit 2
└── Conflict          somebody else changed the same row first; try again           exit 1
"""

from __future__ import annotations


class ToqueError(Exception):
    """The root; `exit_code` is what the command line ends with."""

    exit_code = 1


class BadInput(ToqueError):
    """A value from outside cannot be used as it is."""

    exit_code = 2


class Refused(ToqueError):
    """The request is clear, but the present state does not allow it."""


class NotFound(Refused):
    """Nothing of that name is on record."""


class NotConfigured(ToqueError):
    """A setting is missing or contradicts another."""

    exit_code = 2


class Conflict(ToqueError):
    """A compare-and-swap lost: the row has moved on since it was read."""
